"""Who is who on the roster, and who is to be told. Who may do what stands in `permissions`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from bot.core.base import permissions
from bot.core.base.permissions import LEADERS, Permission
from storage import members
from storage.models import Member, Mql, Workspace
from storage.mqls import Held
from storage.vocabulary import Locale, Role


def is_rep(member: Member | None) -> bool:
    """Return whether somebody is an active rep."""
    return member is not None and member.has(Role.REP)


def is_marketer(member: Member | None) -> bool:
    """Return whether somebody is of marketing, and active."""
    return member is not None and member.has(Role.MARKETER)


def can_hold(member: Member) -> bool:
    """Return whether somebody can have MQLs: an active rep or leader whose account is open."""
    return not member.deactivated and member.has(Role.REP, *LEADERS)


def managers_of(roster: Sequence[Member], owner: str | None) -> list[Member]:
    """Return the owner's manager, else every manager; where there is none, the heads, then the admins: never nobody
    while anybody is there."""
    named = {member.manager_user_id for member in roster if member.user_id == owner}
    own = [member for member in reachable(roster, *LEADERS) if member.user_id in named]
    return own or _first_of(roster, Role.MANAGER, Role.HEAD, Role.ADMIN)


def heads(roster: Sequence[Member]) -> list[Member]:
    """Return the heads; where there is none, the managers, then the admins."""
    return _first_of(roster, Role.HEAD, Role.MANAGER, Role.ADMIN)


def admins(roster: Sequence[Member]) -> list[Member]:
    """Return the admins; where there is none, the heads, then the managers."""
    return _first_of(roster, Role.ADMIN, Role.HEAD, Role.MANAGER)


def level(roster: Sequence[Member], to: str, owner: str | None) -> list[Member]:
    """Return the people who answer for an MQL of this owner at an escalation step's `to`: its managers, the heads, or
    the user of that id; where that one is not here any more, the managers. Empty where `to` is no person."""
    if to == "head":
        return heads(roster)
    if to == "manager":
        return managers_of(roster, owner)
    if to[0] in "UW":
        return [member for member in roster if member.user_id == to and _is_there(member)] or managers_of(roster, owner)
    return []


def peers(roster: Sequence[Member], owner: str | None, now: datetime) -> list[Member]:
    """Return the reps beside the owner who are here."""
    there = [member for member in reachable(roster, Role.REP) if member.user_id != owner]
    return [member for member in there if not is_away(member, now)]


def marketers_on_duty(roster: Sequence[Member], now: datetime) -> list[Member]:
    """Return the marketers who are here and not away; where there is none, who leads: never nobody while anybody is
    there."""
    there = [member for member in reachable(roster, Role.MARKETER) if not is_away(member, now)]
    return there or managers_of(roster, None)


def is_away(member: Member, now: datetime) -> bool:
    """Return whether somebody is away."""
    return member.away_until is not None and member.away_until > now


def responder(roster: Sequence[Member], subject: Mql | Held, now: datetime) -> Member | None:
    """Return who is to answer an MQL now: its owner, while they are away whoever covers for them. None where it has no
    owner, and where both are away: then nobody is reminded."""
    known = {member.user_id: member for member in roster}
    owner = known.get(subject.owner or "")
    if owner is None or not is_away(owner, now):
        return owner
    cover = known.get(subject.cover or "")
    return cover if cover is not None and _is_there(cover) and not is_away(cover, now) else None


def may_be_away(member: Member | None) -> bool:
    """Return whether somebody's absence changes anything: reps get no turns, marketers no entries of the queue."""
    return permissions.may(member, Permission.OWN_ABSENCE)


def is_channel(to: str) -> bool:
    """Return whether an escalation step's `to` is a Slack channel."""
    return to[0] in "CG"


def is_user_group(to: str) -> bool:
    """Return whether an escalation step's `to` is a Slack user group."""
    return to[0] == "S"


def digest_readers(roster: Sequence[Member]) -> list[Member]:
    """Return who gets the weekly digest: managers, heads and marketers; where there is none, the admins."""
    readers = reachable(roster, Role.MANAGER, Role.HEAD, Role.MARKETER)
    return readers or reachable(roster, Role.ADMIN)


def gets_own_week(member: Member, workspace: Workspace) -> bool:
    """Return whether a rep gets their own week by message: as they have chosen, else as the team file says."""
    chosen = workspace.digest_personal if member.digest_personal is None else member.digest_personal
    return chosen and is_rep(member) and _is_there(member)


def choose_own_week(tx: sa.Connection, workspace_id: str, user_id: str, *, wants: bool) -> bool:
    """Start or stop a rep's own week. False: not an active rep."""
    member = members.get(tx, workspace_id, user_id)
    if not permissions.may(member, Permission.OWN_WEEK):
        return False
    members.update(tx, workspace_id, user_id, digest_personal=wants)
    return True


def checkup_readers(roster: Sequence[Member]) -> list[Member]:
    """Return who is reminded of the self-check: managers and admins; where there is none, the heads."""
    return reachable(roster, Role.MANAGER, Role.ADMIN) or reachable(roster, Role.HEAD)


def names(roster: Sequence[Member]) -> dict[str, str]:
    """Display names by Slack user id."""
    return {member.user_id: member.name for member in roster}


def name_of(tx: sa.Connection, workspace_id: str, user_id: str | None) -> str:
    """Return somebody's display name; the user id of whoever the roster does not know, "" for nobody."""
    member = members.get(tx, workspace_id, user_id) if user_id else None
    return member.name if member else user_id or ""


def reader_locale(member: Member | None, workspace: Locale) -> Locale:
    """Return the language that a person reads: the team file's word for them, else their Slack's, else the
    workspace's."""
    return (member.locale or member.slack_locale or workspace) if member else workspace


def reader_timezone(member: Member | None, workspace: str) -> str:
    """Return the timezone in which a person reads times: their own where they have one, else the workspace's."""
    return (member.timezone or workspace) if member else workspace


def reachable(roster: Sequence[Member], *roles: Role) -> list[Member]:
    """Return everybody with one of the roles who is here to read a message."""
    return [member for member in roster if member.has(*roles) and _is_there(member)]


def _is_there(member: Member) -> bool:
    return member.active and not member.deactivated


def _first_of(roster: Sequence[Member], *roles: Role) -> list[Member]:
    for role in roles:
        if members_here := reachable(roster, role):
            return members_here
    return []
