"""Somebody answers an MQL while its owner is away. It stays the owner's: their name, their figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from bot.core.base import permissions, team
from bot.core.base.permissions import Permission
from bot.core.base.results import ActionResult, Done, Refusal, Refused
from bot.core.messages import kinds, notifications
from bot.core.mql import response
from bot.core.routing import assignment, candidates, tables
from storage import absences, members, mqls, workspaces
from storage.models import Member, Mql
from storage.vocabulary import AssignmentVerdict, EventType


def cover(tx: sa.Connection, workspace_id: str, mql_id: int, by: str, to: str | None, now: datetime) -> ActionResult:
    """Have `to` answer an MQL while its owner is away; None: whoever is next. No turn: it is the owner's.

    It may be said before the absence begins, and holds until it is taken back, left with whoever covers, or over."""
    # Before the MQL, as everyone who changes absences: so the owner is not back in the same moment.
    if workspaces.locked(tx, workspace_id) is None:
        return Refused(Refusal.NOT_FOUND)
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None:
        return Refused(Refusal.NOT_FOUND)
    if refused := response.refusal(tx, subject, by, now, Permission.COVER):
        return refused
    owner = team.name_of(tx, workspace_id, subject.owner)
    if subject.owner is None or not absences.of(tx, workspace_id, subject.owner, now):
        return Refused(Refusal.OWNER_NOT_AWAY, owner, subject.number)
    taker = _next(tx, subject, now) if to is None else members.get(tx, workspace_id, to)
    if taker is None:
        return Refused(Refusal.NOBODY_TO_COVER, owner, subject.number)
    if taker.user_id in (subject.owner, subject.cover):
        return Refused(Refusal.SAME_OWNER, taker.name, subject.number)
    if team.is_away(taker, now) or not team.can_hold(taker):
        return Refused(Refusal.CANNOT_TAKE, taker.name, subject.number)
    mqls.update(tx, workspace_id, mql_id, cover=taker.user_id)
    words = {"actor": by, "before": subject.owner, "after": taker.user_id}
    event_id = mqls.log(tx, subject, EventType.COVERED, now, now, **words)
    people = [] if taker.user_id == by else [taker]
    messages = notifications.direct_messages(kinds.COVER(), people, subject, event_id, now)
    notifications.update_card(tx, subject, event_id, now, messages)
    return Done(subject, event_id)


def cover_unaccepted(
    tx: sa.Connection, workspace_id: str, owner: str, by: str, to: str | None, now: datetime
) -> list[ActionResult]:
    """Do the same with everything that somebody has not accepted and nobody covers yet."""
    workspaces.locked(tx, workspace_id)
    waiting = mqls.unaccepted(tx, workspace_id, owner)
    return [cover(tx, workspace_id, subject.id, by, to, now) for subject in waiting]


def decline(tx: sa.Connection, workspace_id: str, mql_id: int, by: str, reason: str, now: datetime) -> ActionResult:
    """Note that whoever covers cannot: it goes to whoever is next, and where there is nobody the cover is over."""
    workspaces.locked(tx, workspace_id)
    subject = mqls.locked(tx, workspace_id, mql_id)
    if (
        subject is None
        or subject.cover != by
        or not permissions.may(members.get(tx, workspace_id, by), Permission.DECLINE, subject)
    ):
        return Refused(Refusal.NOT_OWNER, number=subject.number if subject else None)
    words = {"actor": by, "before": by, "reason": reason}
    event_id = mqls.log(tx, subject, EventType.DECLINED, now, now, **words)
    notifications.post_thread_note(tx, subject, event_id, now)
    passed_on = cover(tx, workspace_id, mql_id, by, None, now)
    if isinstance(passed_on, Refused):
        assignment.end_cover(tx, subject, now, by)
    return Done(subject, event_id)


def take_back(tx: sa.Connection, workspace_id: str, owner: str, cover_of: str, by: str, now: datetime) -> int:
    """Let the owner answer again what somebody has covered for them, as the owner or a leader asks. Returns how many
    MQLs that were."""
    taken = _held(tx, workspace_id, owner, cover_of, by)
    for subject in taken:
        assignment.end_cover(tx, subject, now, by)
    return len(taken)


def leave(tx: sa.Connection, workspace_id: str, owner: str, cover_of: str, by: str, now: datetime) -> int:
    """Make whoever has covered MQLs their owner. Returns how many that were."""
    left = _held(tx, workspace_id, owner, cover_of, by)
    for subject in left:
        event_id = assignment.hand_over(tx, subject, cover_of, now, by=by, reason=None)
        notifications.refresh_messages(tx, subject, event_id, now)
    return len(left)


def _held(tx: sa.Connection, workspace_id: str, owner: str, cover_of: str, by: str) -> list[Mql]:
    """Return what is still covered, each held, the oldest first; nothing for whoever may not decide about it."""
    workspaces.locked(tx, workspace_id)
    if not permissions.may(members.get(tx, workspace_id, by), Permission.ABSENCE, whose=owner):
        return []
    known = mqls.covered(tx, workspace_id, owner=owner, cover=cover_of)
    held = (mqls.locked(tx, workspace_id, seen.id) for seen in known)
    return [subject for subject in held if subject and (subject.owner, subject.cover) == (owner, cover_of)]


def _next(tx: sa.Connection, subject: Mql, now: datetime) -> Member | None:
    """Return who is next to cover: of those of its pool who could be given it, whoever covers least now, then
    is furthest behind their share."""
    workspace = workspaces.get(tx, subject.workspace_id)
    if workspace is None:
        return None
    roster = members.roster(tx, subject.workspace_id)
    seats = tables.seats(tx, workspace, tables.routed(tx, subject).pool, roster, now)
    over = candidates.passed_over(tx, subject.workspace_id, [subject])[subject.id]
    eligible = [seen for seen in candidates.consider(seats, over, now) if seen.verdict == AssignmentVerdict.ELIGIBLE]
    covers = _counted(mqls.covered(tx, subject.workspace_id))
    free = [seen for seen in eligible if seen.user != subject.cover]
    best = min(free, key=lambda seen: (covers[seen.user], seen.balance or 0, seen.last_turn), default=None)
    return next((member for member in roster if best is not None and member.user_id == best.user), None)


def _counted(covered: Iterable[Mql]) -> Counter[str]:
    return Counter(subject.cover for subject in covered if subject.cover)
