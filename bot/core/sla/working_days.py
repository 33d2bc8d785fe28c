"""The days on which a workspace does not work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import sqlalchemy as sa

from bot.core.sla import clocks
from bot.core.sla.calendar_rules import ClosedWhy
from storage.models import Workspace


def days_off(tx: sa.Connection, workspace: Workspace) -> Callable[[date], bool]:
    """Return whether a day is a holiday or a closure of the policy's calendar."""
    agreed = clocks.current_agreement(tx, workspace.id)
    calendar = agreed.calendar if agreed else None

    def is_off(day: date) -> bool:
        closed = calendar.rules.day_off(day, pinned=calendar.pinned) if calendar else None
        return closed is not None and closed.why != ClosedWhy.WEEKEND

    return is_off
