"""What became of an MQL, told where it came from: in marketing's Slack channel, at once or once a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.messages import kinds, notifications, outgoing
from bot.core.views import mql
from bot.core.views.mql import MqlView, Timeline
from storage import outbox, reports, workspaces
from storage.models import Event, Member, Mql, Workspace
from storage.reports import Span
from storage.vocabulary import EventType, OutboxState, OutcomesTold

TOLD = (EventType.DISPOSED, EventType.CORRECTED, EventType.DEAL, EventType.REOPENED)
A_DAY = timedelta(days=1)
ON_THE_WAY = (OutboxState.PENDING, OutboxState.SENDING, OutboxState.SENT)


class Heard(NamedTuple):
    """One thing that marketing hears: the event, and the MQL with the answer of sales that the event tells of."""

    view: MqlView
    entry: Timeline


def tell(tx: sa.Connection, workspace: Workspace | None, subject: Mql, event_id: int, now: datetime) -> None:
    """Have marketing told of an event of TOLD, as the team file says."""
    if workspace is None or workspace.marketing_channel is None or workspace.outcomes_told == OutcomesTold.OFF:
        return
    target = workspace.marketing_channel
    if workspace.outcomes_told == OutcomesTold.DAILY and _with_the_days(tx, workspace, target, now):
        return
    key = _key(event_id)
    content = kinds.MARKETING_UPDATE()
    outgoing.add(tx, workspace.id, key, content, target, now, mql_id=subject.id, event_id=event_id)


def take_back(tx: sa.Connection, workspace_id: str, undone: Event, now: datetime) -> None:
    """Have marketing read that what it was told of an event was undone."""
    workspace = workspaces.get(tx, workspace_id)
    if workspace is None or undone.type not in TOLD:
        return
    for key in (_key(undone.id), _day_key(_day_of(workspace, undone.at))):
        notifications.edit_message(tx, workspace_id, key, f"undone:{undone.id}", now)


def _with_the_days(tx: sa.Connection, workspace: Workspace, target: str, now: datetime) -> bool:
    """Have it told with the others of its day. False: that message is on its way already, without it."""
    span = _day_of(workspace, now)
    key, content = _day_key(span), kinds.MARKETING_UPDATES(start=span.start, end=span.end)
    if outgoing.add(tx, workspace.id, key, content, target, now, not_before=span.end):
        return True
    waiting = outbox.by_key(tx, workspace.id, key)
    return waiting is not None and waiting.state == OutboxState.PENDING


def _day_of(workspace: Workspace, now: datetime) -> Span:
    """From one telling to the next: the day of a moment, as far as the daily line is concerned."""
    zone, at = ZoneInfo(workspace.timezone), time.fromisoformat(workspace.outcomes_time)
    today = now.astimezone(zone).date()

    def telling_time(day: date) -> datetime:
        return datetime.combine(day, at, zone).astimezone(UTC)

    last = today if telling_time(today) > now else today + A_DAY
    return Span(telling_time(last - A_DAY), telling_time(last))


def heard(tx: sa.Connection, workspace: Workspace, event: Event, roster: Sequence[Member]) -> Heard:
    """Return one event as marketing hears it."""
    view = mql.mql_view(tx, workspace, event.mql_id, roster)
    if view is None:
        raise LookupError(f"event {event.id} is about no MQL of its workspace")
    (line,) = mql.timeline(tx, workspace.id, [event], roster)
    return Heard(mql.view_as_of_event(tx, workspace, view, event), line)


def of_day(tx: sa.Connection, workspace: Workspace, span: Span, roster: Sequence[Member]) -> list[Heard]:
    """Return what became of MQLs in a day: of each the last, in the order in which it happened; but for those that
    were told at once, because the team file said so until it was changed."""
    newest = {event.mql_id: event for event in reports.events(tx, workspace.id, span, *TOLD)}
    alone = outbox.by_keys(tx, workspace.id, [_key(event.id) for event in newest.values()])
    told_events = {row.event_id for row in alone if row.state in ON_THE_WAY}
    left = sorted((event for event in newest.values() if event.id not in told_events), key=lambda later: later.id)
    return [heard(tx, workspace, event, roster) for event in left]


def _day_key(span: Span) -> str:
    return f"outcomes:{span.end.isoformat()}"


def _key(event_id: int) -> str:
    # The word of the first release: a key stands in Slack's metadata and never changes.
    return f"outcome:{event_id}"
