"""Who may do what, and who is to be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from bot.core.sla import Level
from storage import reps
from storage.models import Member, Mql
from storage.vocabulary import Locale, Role

LEADERS = (Role.MANAGER, Role.HEAD, Role.ADMIN)


def may_act_on(actor: Member | None, mql: Mql) -> bool:
    """The owner, and every manager, head and admin, may act on an MQL; an unassigned one is any rep's to take."""
    if actor is None or not actor.active:
        return False
    if actor.user_id == mql.owner or actor.has(*LEADERS):
        return True
    return mql.owner is None and actor.has(Role.REP)


def managers_of(roster: Sequence[Member], owner: str | None) -> list[Member]:
    """The owner's manager, else every manager; where there is none, the heads, then the admins: never nobody
    while anybody is there."""
    named = {member.manager_user_id for member in roster if member.user_id == owner}
    own = [member for member in _reachable(roster, *LEADERS) if member.user_id in named]
    return own or _first_of(roster, Role.MANAGER, Role.HEAD, Role.ADMIN)


def heads(roster: Sequence[Member]) -> list[Member]:
    """The heads; where there is none, the managers, then the admins."""
    return _first_of(roster, Role.HEAD, Role.MANAGER, Role.ADMIN)


def level(roster: Sequence[Member], to: Level, owner: str | None) -> list[Member]:
    """The people of an escalation level for an MQL of this owner."""
    return heads(roster) if to == "head" else managers_of(roster, owner)


def digest_readers(roster: Sequence[Member]) -> list[Member]:
    """Who gets the weekly digest: managers, heads and marketers; where there is none, the admins."""
    readers = _reachable(roster, Role.MANAGER, Role.HEAD, Role.MARKETER)
    return readers or _reachable(roster, Role.ADMIN)


def names(roster: Sequence[Member]) -> dict[str, str]:
    """Display names by Slack user id."""
    return {member.user_id: member.name for member in roster}


def reader_locale(member: Member | None, workspace: Locale) -> Locale:
    """The language that a person reads: the team file's word for them, else their Slack's, else the workspace's."""
    return (member.locale or member.slack_locale or workspace) if member else workspace


def set_away(tx: sa.Connection, workspace_id: str, user_id: str, until: datetime | None) -> bool:
    """Give a rep no new MQLs before `until`; None brings them back at once. False: not an active rep."""
    member = reps.get(tx, workspace_id, user_id)
    if member is None or not member.has(Role.REP):
        return False
    reps.update(tx, workspace_id, user_id, away_until=until)
    return True


def _reachable(roster: Sequence[Member], *roles: Role) -> list[Member]:
    return [member for member in roster if member.has(*roles) and not member.deactivated]


def _first_of(roster: Sequence[Member], *roles: Role) -> list[Member]:
    for role in roles:
        if found := _reachable(roster, role):
            return found
    return []
