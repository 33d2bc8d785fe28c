"""The regular meeting of marketing and sales: when its agenda is due, what stands in it, and that it was held.

The agenda goes out an hour before. On a national holiday or a closure of the policy's calendar there is no meeting and
no agenda; the next one tells of the time since the last. A weekday on which the calendar never opens is no reason: the
team has chosen it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.base import team
from bot.core.base.wall_clock import day_in
from bot.core.messages import kinds, notifications, outgoing
from bot.core.messages.payloads import MeetingDay
from bot.core.messages.periodic import Occasion, PassedOver, PeriodicReport
from bot.core.review import actions
from bot.core.review.actions import Action
from bot.core.sla.working_days import days_off
from bot.core.views import disputes, mql
from bot.core.views.disputes import OpenDispute
from bot.core.views.lost_reasons import lost_reasons
from bot.core.views.mql import MqlView
from storage import meetings, members, mqls, reports, reports_due
from storage.models import Clock, LostReason, Workspace
from storage.reports import Span
from storage.vocabulary import ClockKind, ReportKind

BEFORE = timedelta(hours=1)
WEEK = timedelta(days=7)
LONGEST_GAP = 8
"""Weeks that an agenda looks back over holidays at most."""


@dataclass(frozen=True)
class Agenda:
    """What one meeting is about."""

    starts_at: datetime
    since: datetime
    """The agenda before; until this one's time is the week that it tells of."""
    breaches: tuple[MqlView, ...]
    """First responses that were overdue in the week, unanswered ones first."""
    disputes: tuple[OpenDispute, ...]
    """Disqualifications that marketing disputes and nobody has decided, the oldest first."""
    lost_reasons: tuple[tuple[LostReason, int], ...]
    """Of the MQLs disqualified in the week, most frequent first."""
    actions: tuple[Action, ...]
    """Open ones, overdue first."""
    held_by: str | None
    """Display name of who recorded that it was held."""


@dataclass(frozen=True)
class Standing:
    """How the meetings stand, outside of any of them."""

    next_at: datetime | None
    """None: no meeting is planned in the team file."""
    slack_channel: str | None
    last_held: date | None
    today: date
    actions: tuple[Action, ...]
    done: tuple[Action, ...]
    """The last few that were done lately, the newest first."""
    begins_later: bool
    """Whether a meeting is planned for today, and has not begun."""


def agenda(tx: sa.Connection, workspace: Workspace, meeting: MeetingDay, now: datetime) -> Agenda:
    """Return the agenda of one meeting. By what its message carries it tells of the same week also later."""
    span = Span(meeting.since, meeting.until)
    late = reports.breaches(tx, workspace.id, ClockKind.RESPONSE, span)
    held = meetings.on(tx, workspace.id, meeting.day)
    names = team.names(members.roster(tx, workspace.id))
    return Agenda(
        starts_at=meeting.starts_at,
        since=meeting.since,
        breaches=_breaches(tx, workspace, late),
        disputes=tuple(disputes.open_disputes(tx, workspace)),
        lost_reasons=lost_reasons(tx, workspace, reports.disposed(tx, workspace.id, span)),
        actions=actions.open_actions(tx, workspace, now),
        held_by=names.get(held.by, held.by) if held else None,
    )


def _breaches(tx: sa.Connection, workspace: Workspace, late: list[Clock]) -> tuple[MqlView, ...]:
    order = {
        clock.mql_id: (clock.stopped_at is not None, clock.breached_at or clock.breach_at, clock.id) for clock in late
    }
    views = mql.mql_views(tx, workspace, mqls.of_ids(tx, workspace.id, order.keys()))
    return tuple(sorted(views, key=lambda view: order[view.mql.id]))


def standing(tx: sa.Connection, workspace: Workspace, now: datetime) -> Standing:
    """Return how the meetings stand now."""
    following = next(_times(tx, workspace, now), None)
    held = meetings.newest(tx, workspace.id)
    return Standing(
        next_at=_starts_at(workspace, date.fromisoformat(following.period)) if following else None,
        slack_channel=workspace.meeting_channel,
        last_held=date.fromisoformat(held.day) if held else None,
        today=day_in(workspace.timezone, now),
        actions=actions.open_actions(tx, workspace, now),
        done=actions.lately_done(tx, workspace, now),
        begins_later=begins_later(tx, workspace, day_in(workspace.timezone, now), now),
    )


def hold(tx: sa.Connection, workspace: Workspace, day: date, by: str, now: datetime) -> bool:
    """Record that the meeting of a day was held; its agenda then says so. False: it is on record, or it has
    not begun."""
    too_early = day > day_in(workspace.timezone, now) or begins_later(tx, workspace, day, now)
    held = not too_early and meetings.add(tx, workspace.id, day, by, now)
    if held:
        notifications.edit_message(tx, workspace.id, _key(day), "held", now)
    return held


def begins_later(tx: sa.Connection, workspace: Workspace, day: date, now: datetime) -> bool:
    """Return whether a meeting is planned for a day, and has not begun."""
    if workspace.meeting_weekday != day.weekday() or days_off(tx, workspace)(day):
        return False
    return now < _starts_at(workspace, day)


def refresh(tx: sa.Connection, workspace: Workspace, change: str, now: datetime) -> None:
    """Bring the newest agenda up to date with the actions, once for each `change`."""
    newest = reports_due.last_made(tx, workspace.id, ReportKind.MEETING)
    if newest is not None:
        notifications.edit_message(tx, workspace.id, _key(date.fromisoformat(newest.period)), change, now)


def _key(day: date) -> str:
    return f"meeting:{day}"


def _times(tx: sa.Connection, workspace: Workspace, after: datetime) -> Iterator[Occasion]:
    """Yield the times of the agenda, one a week without end; none where no meeting is planned."""
    if workspace.meeting_weekday is None:
        return
    is_off = days_off(tx, workspace)
    day = day_in(workspace.timezone, after)
    day += timedelta(days=(workspace.meeting_weekday - day.weekday()) % 7)
    while True:
        due_at = _starts_at(workspace, day) - BEFORE
        if due_at > after and not is_off(day):
            yield Occasion(due_at, day.isoformat())
        day += WEEK


def _before(tx: sa.Connection, workspace: Workspace, day: date) -> datetime:
    """Return the time of the agenda before that of a day."""
    is_off = days_off(tx, workspace)
    weeks = next((weeks for weeks in range(1, LONGEST_GAP) if not is_off(day - weeks * WEEK)), LONGEST_GAP)
    return _starts_at(workspace, day - weeks * WEEK) - BEFORE


def _starts_at(workspace: Workspace, day: date) -> datetime:
    at = time.fromisoformat(workspace.meeting_time or "00:00")
    return datetime.combine(day, at, ZoneInfo(workspace.timezone)).astimezone(UTC)


def _send(tx: sa.Connection, workspace: Workspace, occasion: Occasion, now: datetime) -> None:
    """Post the agenda, unless no meeting is planned any more or its day is over."""
    day = date.fromisoformat(occasion.period)
    if workspace.meeting_channel is None or day < day_in(workspace.timezone, now):
        return
    starts_at, since = _starts_at(workspace, day), _before(tx, workspace, day)
    content = kinds.MEETING(day=day, starts_at=starts_at, since=since, until=occasion.due_at)
    outgoing.add(tx, workspace.id, _key(day), content, workspace.meeting_channel, now)


AGENDA = PeriodicReport(ReportKind.MEETING, _times, _send, PassedOver.DROPPED)
"""Due an hour before the meeting of the team file, where it plans one."""
