"""Absences that the bot learns by itself, of a status in Slack or a calendar: taken over as their source says them now.

A source is asked again and again and each time says all that it knows; what it says no more is taken back. What a
person overruled stays overruled for as long as its source goes on saying it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from bot.core.base import audit, team
from bot.core.base.audit import Author
from bot.core.messages import kinds, notifications, outgoing
from bot.core.routing import absences, assignment
from storage import absences as rows
from storage import calendar_links, members, workspaces
from storage.models import Absence
from storage.vocabulary import AbsenceSource, AuditKind

Stretch = tuple[datetime, datetime]


def learn(
    tx: sa.Connection,
    workspace_id: str,
    user_id: str,
    source: AbsenceSource,
    stretches: Sequence[Stretch],
    now: datetime,
) -> list[Absence]:
    """Take over what a source says: `stretches` are apart from each other, and each ends after it begins. Tells the
    member what is new to the bot, and returns it. What begins now or later is dealt with by the tick."""
    if not stretches and not rows.of_source(tx, workspace_id, user_id, source, now):
        return []  # most of the time
    # Before the member, as in `absences.announce`.
    workspaces.locked(tx, workspace_id)
    if not team.may_be_away(members.get(tx, workspace_id, user_id)):
        stretches = ()
    known = rows.of_source(tx, workspace_id, user_id, source, now)
    overruled = [row for row in known if row.overruled_until is not None]
    wanted = [
        (max(begins, now), ends)
        for begins, ends in stretches
        if ends > now and not any(begins < (row.overruled_until or ends) and ends > row.from_at for row in overruled)
    ]
    for row in known:
        if row.overruled_until is None:
            _follow(tx, row, wanted, now)
    expected = rows.of(tx, workspace_id, user_id, now)
    added = [rows.add(tx, workspace_id, user_id, begins, ends, source, None) for begins, ends in wanted]
    # What they have said themselves is no news to them.
    if news := [row for row in added if not any(_holds(known, row) for known in expected)]:
        _tell(tx, news, now)
    return added


def link(tx: sa.Connection, workspace_id: str, user_id: str, sealed: str, now: datetime) -> None:
    """Link the calendar of a member, whose address is a secret: whoever has it can read the calendar."""
    calendar_links.link(tx, workspace_id, user_id, sealed, now)
    audit.record(tx, workspace_id, AuditKind.SECRET_ADDED, Author.in_slack(user_id), now, audit.CALENDAR)


def unlink(tx: sa.Connection, workspace_id: str, user_id: str, now: datetime) -> None:
    """Forget the address of a member's calendar, and what was learnt from it."""
    if calendar_links.unlink(tx, workspace_id, user_id):
        audit.record(tx, workspace_id, AuditKind.SECRET_REMOVED, Author.in_slack(user_id), now, audit.CALENDAR)
    learn(tx, workspace_id, user_id, AbsenceSource.CALENDAR, (), now)


def _follow(tx: sa.Connection, row: Absence, wanted: list[Stretch], now: datetime) -> None:
    """Bring what is known to what its source says of it now, which is taken out of `wanted`: other ends, or nothing."""
    stretch = next((each for each in wanted if each[0] < row.until_at and each[1] > row.from_at), None)
    goes_on = row.from_at <= now
    if stretch is None:
        if goes_on:
            _end(tx, row, now)
        else:
            rows.remove(tx, row)
        return
    wanted.remove(stretch)
    begins, ends = (row.from_at if goes_on else stretch[0]), stretch[1]
    if (begins, ends) != (row.from_at, row.until_at):
        # Its beginning has been dealt with where its end is what comes next.
        begun = row.next_at == row.until_at
        rows.update(tx, row, from_at=begins, until_at=ends, next_at=ends if begun else begins)
        absences.refresh(tx, row.workspace_id, row.user_id, now)


def _end(tx: sa.Connection, row: Absence, now: datetime) -> None:
    rows.update(tx, row, until_at=now, next_at=None)
    if absences.refresh(tx, row.workspace_id, row.user_id, now) is None:
        absences.ask_to_take_back(tx, row, now, at_once=True)
        assignment.assign_waiting(tx, row.workspace_id, now)


def _holds(known: Absence, row: Absence) -> bool:
    return known.from_at <= row.from_at and row.until_at <= known.until_at


def _tell(tx: sa.Connection, added: list[Absence], now: datetime) -> None:
    first = added[0]
    content = kinds.ABSENCES_LEARNT(absences=tuple(row.id for row in added))
    key = notifications.absence_key(content.kind.word, first, first.user_id)
    awake = absences.awake(tx, first.workspace_id, first.user_id, now)
    outgoing.add(tx, first.workspace_id, key, content, first.user_id, now, not_before=awake)


def tell_of_calendar(tx: sa.Connection, workspace_id: str, user_id: str, code: str, now: datetime) -> None:
    """Tell somebody that their calendar can be read ("read"), or the code of why it cannot."""
    content = kinds.CALENDAR_NEWS(code=code)
    key = f"{content.kind.word}:{user_id}:{code}:{now.isoformat()}"
    awake = absences.awake(tx, workspace_id, user_id, now)
    outgoing.add(tx, workspace_id, key, content, user_id, now, not_before=awake)
