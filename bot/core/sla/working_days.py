"""The days on which a workspace works, and those on which it does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import sqlalchemy as sa

from bot.core.sla import clocks
from bot.core.sla.calendar import Calendar
from storage.models import Workspace


def days_off(tx: sa.Connection, workspace: Workspace) -> Callable[[date], bool]:
    """Return whether a day is a holiday or a closure of the policy's calendar."""
    calendar = _calendar(tx, workspace)
    return lambda day: calendar is not None and calendar.is_day_off(day)


def next_open_day(tx: sa.Connection, workspace: Workspace) -> Callable[[date], date]:
    """Return what moves a day of a report that is a holiday or a closure to the next working day. Any other stays,
    also a Sunday: the team file names it."""
    calendar = _calendar(tx, workspace)
    return lambda day: calendar.next_working_day(day) if calendar and calendar.is_day_off(day) else day


def _calendar(tx: sa.Connection, workspace: Workspace) -> Calendar | None:
    agreed = clocks.current_agreement(tx, workspace.id)
    return agreed.calendar if agreed else None
