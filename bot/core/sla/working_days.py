"""The days on which a workspace does not work, and when the work of a day begins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.sla import clocks
from bot.core.sla.calendar_rules import ClosedWhy
from bot.core.sla.checkpoints import Agreement
from storage.models import Workspace
from storage.vocabulary import CalendarKind


def days_off(tx: sa.Connection, workspace: Workspace) -> Callable[[date], bool]:
    """Return whether a day is a holiday or a closure of the policy's calendar."""
    agreed = clocks.current_agreement(tx, workspace.id)
    calendar = agreed.calendar if agreed else None

    def is_off(day: date) -> bool:
        closed = calendar.rules.day_off(day, pinned=calendar.pinned) if calendar else None
        return closed is not None and closed.why != ClosedWhy.WEEKEND

    return is_off


def opening(agreed: Agreement, day: date, digest_time: str) -> datetime:
    """Return when work begins on a day, or on the first working day after it: at the opening, or at the digest's time
    where the calendar counts whole days; never in the quiet hours."""
    calendar, zone = agreed.calendar, ZoneInfo(agreed.calendar.timezone)
    opens = calendar.next_opening(datetime.combine(day, time(), zone))
    if calendar.rules.kind != CalendarKind.BUSINESS_HOURS:
        at = datetime.combine(opens.astimezone(zone).date(), time.fromisoformat(digest_time), zone)
        opens = max(opens, at.astimezone(UTC))
    quiet = agreed.terms.quiet
    return quiet.over_at(opens, calendar.timezone) if quiet else opens
