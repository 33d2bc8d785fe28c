"""When members are away: said beforehand or on the spot, begun and ended by the tick, overruled by whoever is back.

Table `absence` is what everybody goes by. `member.away_until` repeats the end of what goes on, because every decision
reads the roster anyway; it is written here alone. Absences of one person may touch and overlap: they are away until
the end of the last of them that follows without a gap.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.core.base import team
from bot.core.messages import kinds, notifications, outgoing
from bot.core.messages.kinds import Content
from bot.core.routing import assignment
from bot.core.sla import clocks
from bot.core.sla.own_hours import awake_of
from storage import absences, members, mqls, workspaces
from storage.models import Absence
from storage.vocabulary import AbsenceSource

BY_PEOPLE = (AbsenceSource.PERSON, AbsenceSource.MANAGER)


def announce(
    tx: sa.Connection,
    workspace_id: str,
    user_id: str,
    now: datetime,
    until: datetime,
    *,
    since: datetime | None = None,
    by: str | None = None,
    source: AbsenceSource = AbsenceSource.PERSON,
) -> Absence | None:
    """Write down that somebody is away from `since` (else from now on) until a moment, as `by` says. None: their
    absence changes nothing, or the time is over.

    What people said before of the same time becomes one with it; of an absence that goes on the newest end counts.
    """
    # Before the member: whoever gives out an MQL holds the workspace, and then changes the balances of the members.
    workspaces.locked(tx, workspace_id)
    begins = max(since or now, now)
    if not team.may_be_away(members.get(tx, workspace_id, user_id)) or until <= begins:
        return None
    row = _with_what_was_said(tx, workspace_id, user_id, begins, until, by, source, now)
    if row.from_at <= now:
        begin(tx, row, now)
        if source == AbsenceSource.MANAGER:
            key = f"{notifications.absence_key(kinds.ABSENCE_SET.word, row, user_id)}:{row.until_at.isoformat()}"
            outgoing.add(tx, workspace_id, key, kinds.ABSENCE_SET(absence=row.id), user_id, now)
    return row


def _with_what_was_said(
    tx: sa.Connection,
    workspace_id: str,
    user_id: str,
    begins: datetime,
    until: datetime,
    by: str | None,
    source: AbsenceSource,
    now: datetime,
) -> Absence:
    known = absences.of(tx, workspace_id, user_id, now) if source in BY_PEOPLE else []
    overlapping = [row for row in known if row.source in BY_PEOPLE and row.from_at < until and row.until_at > begins]
    goes_on = next((row for row in overlapping if row.from_at <= now), None)
    planned = [row for row in overlapping if row is not goes_on]
    last = max([until, *(row.until_at for row in planned)])
    if goes_on is not None and begins > now:
        last = max(last, goes_on.until_at)
    for row in planned:
        absences.remove(tx, row)
    if goes_on is None:
        first = min([begins, *(row.from_at for row in planned)])
        return absences.add(tx, workspace_id, user_id, first, last, source, by or user_id)
    changed = {"until_at": last, "next_at": last, "source": source, "set_by": by or user_id}
    absences.update(tx, goes_on, **changed)
    return goes_on.model_copy(update=changed)


def come_back(tx: sa.Connection, workspace_id: str, user_id: str, now: datetime) -> bool:
    """End what keeps somebody away now, whoever said it, and share out what waits. What is still to come stays. Says
    whether they were away."""
    workspaces.locked(tx, workspace_id)
    going_on = [row for row in absences.of(tx, workspace_id, user_id, now) if row.from_at <= now]
    for row in going_on:
        _cut(tx, row, now)
    refresh(tx, workspace_id, user_id, now)
    if going_on:
        ask_to_take_back(tx, max(going_on, key=lambda row: row.id), now, at_once=True)
    assignment.assign_waiting(tx, workspace_id, now)
    return bool(going_on)


def cancel(tx: sa.Connection, workspace_id: str, absence_id: int, now: datetime) -> Absence | None:
    """Take back an absence that is still to come, or end the one that goes on. None where it is over."""
    workspaces.locked(tx, workspace_id)
    row = absences.locked(tx, workspace_id, absence_id)
    if row is None or row.until_at <= max(now, row.from_at):
        return None
    if row.from_at <= now:
        come_back(tx, workspace_id, row.user_id, now)
    elif row.source in BY_PEOPLE:
        absences.remove(tx, row)
    else:
        _cut(tx, row, row.from_at)
    refresh(tx, workspace_id, row.user_id, now)
    return row


def check(tx: sa.Connection, seen: Absence, now: datetime) -> int:
    """Begin or end an absence whose time has come. Zero where somebody was here first."""
    workspaces.locked(tx, seen.workspace_id)
    row = absences.locked(tx, seen.workspace_id, seen.id)
    if row is None or row.next_at is None or row.next_at > now:
        return 0
    if row.until_at > now:
        begin(tx, row, now)
        if waiting := mqls.unaccepted(tx, row.workspace_id, row.user_id):
            leaders = team.managers_of(members.roster(tx, row.workspace_id), waiting[0].owner)
            people = [leader.user_id for leader in leaders if leader.user_id != row.user_id]
            _tell(tx, kinds.ABSENCE_BEGAN(absence=row.id), people, row, now)
        return 1
    absences.update(tx, row, next_at=None)
    if refresh(tx, row.workspace_id, row.user_id, now) is None:
        ask_to_take_back(tx, row, now)
    return 1


def add_as_recorded(tx: sa.Connection, workspace_id: str, absence: Absence) -> None:
    """Write down an absence of a past that is lived through again. `refresh` begins it."""
    absences.add(tx, workspace_id, absence.user_id, absence.from_at, absence.until_at, absence.source, None)


def begin(tx: sa.Connection, row: Absence, now: datetime) -> None:
    """Deal with the beginning of an absence."""
    absences.update(tx, row, next_at=row.until_at)
    refresh(tx, row.workspace_id, row.user_id, now)


def refresh(tx: sa.Connection, workspace_id: str, user_id: str, now: datetime) -> datetime | None:
    """Bring the roster up to date, and what leaders read of the work of the member, and return until when the member
    is away; None: they are there."""
    until: datetime | None = None
    for row in absences.of(tx, workspace_id, user_id, now):
        if row.from_at <= (until or now):
            until = max(until or row.until_at, row.until_at)
    member = members.get(tx, workspace_id, user_id)
    if member is not None and member.away_until != until:
        members.update(tx, workspace_id, user_id, away_until=until)
        notifications.refresh_for_leaders(tx, workspace_id, user_id, f"{user_id}:{until}:{now}", now)
    return until


def _cut(tx: sa.Connection, row: Absence, at: datetime) -> None:
    """End an absence before its end. What a status or a calendar goes on saying is marked as overruled."""
    overruled = None if row.source in BY_PEOPLE else row.until_at
    absences.update(tx, row, until_at=at, next_at=None, overruled_until=overruled)


def ask_to_take_back(tx: sa.Connection, row: Absence, now: datetime, *, at_once: bool = False) -> None:
    """Ask whoever is back what is to become of that which others have answered for them, not in their quiet hours
    unless `at_once`."""
    if mqls.covered(tx, row.workspace_id, owner=row.user_id):
        _tell(tx, kinds.ABSENCE_OVER(absence=row.id), [row.user_id], row, now, at_once=at_once)


def _tell(
    tx: sa.Connection, content: Content, people: list[str], row: Absence, now: datetime, *, at_once: bool = False
) -> None:
    for user in people:
        at = now if at_once else awake(tx, row.workspace_id, user, now)
        key = notifications.absence_key(content.kind.word, row, user)
        outgoing.add(tx, row.workspace_id, key, content, user, now, not_before=at)


def awake(tx: sa.Connection, workspace_id: str, user_id: str, now: datetime) -> datetime:
    """Return the moment from which somebody may be told what they have not asked for."""
    agreed = clocks.current_agreement(tx, workspace_id)
    return awake_of(agreed, members.get(tx, workspace_id, user_id), now) if agreed else now
