"""The days on which a workspace works, those on which it does not, and when the work of a day begins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.sla import clocks
from bot.core.sla.calendar import Calendar
from bot.core.sla.checkpoints import Agreement
from storage.models import Workspace
from storage.vocabulary import CalendarKind


def days_off(tx: sa.Connection, workspace: Workspace) -> Callable[[date], bool]:
    """Return whether a day is a holiday or a closure of the policy's calendar."""
    calendar = _calendar(tx, workspace)
    return lambda day: calendar is not None and calendar.is_day_off(day)


def next_open_day(tx: sa.Connection, workspace: Workspace) -> Callable[[date], date]:
    """Return what moves a day of a report that is a holiday or a closure to the next working day. Any other stays,
    also a Sunday: the team file names it."""
    calendar = _calendar(tx, workspace)
    return lambda day: calendar.next_working_day(day) if calendar and calendar.is_day_off(day) else day


def next_working_day(tx: sa.Connection, workspace: Workspace) -> Callable[[date], date]:
    """Return what moves a day on which nothing opens, also a weekend, to the next working day."""
    calendar = _calendar(tx, workspace)
    return lambda day: calendar.next_working_day(day) if calendar else day


def _calendar(tx: sa.Connection, workspace: Workspace) -> Calendar | None:
    agreed = clocks.current_agreement(tx, workspace.id)
    return agreed.calendar if agreed else None


def opening(agreed: Agreement, day: date, digest_time: str) -> datetime:
    """Return when work begins on a day, or on the first working day after it: at the opening, or at the digest's time
    where the calendar counts whole days; never in the quiet hours."""
    calendar, zone = agreed.calendar, ZoneInfo(agreed.calendar.timezone)
    opens = calendar.next_opening(datetime.combine(day, time(), zone))
    if calendar.rules.kind != CalendarKind.BUSINESS_HOURS:
        at = datetime.combine(opens.astimezone(zone).date(), time.fromisoformat(digest_time), zone)
        opens = max(opens, at.astimezone(UTC))
    return agreed.awake_at(opens)
