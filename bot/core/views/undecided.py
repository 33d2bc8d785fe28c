"""Disputes that nobody decides."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa

from bot.core.base.wall_clock import day_in
from bot.core.review import meeting
from bot.core.views.values import Undecided
from storage import disputes
from storage.models import Workspace

STANDS_FOR = 3
"""Business days, Monday to Friday without holidays and closures, that a dispute may wait without being mentioned."""
SATURDAY = 5


def undecided(tx: sa.Connection, workspace: Workspace, now: datetime) -> Undecided | None:
    """The disputes that have waited for more than STANDS_FOR business days; None where there is none."""
    last = _last_day(tx, workspace, now)
    waiting = [
        (at, subject.number)
        for subject in disputes.waiting(tx, workspace.id)
        if (at := subject.disputed_at) is not None and day_in(workspace.timezone, at) < last
    ]
    return Undecided(len(waiting), waiting[0][1], waiting[0][0]) if waiting else None


def _last_day(tx: sa.Connection, workspace: Workspace, now: datetime) -> date:
    """The day that lies STANDS_FOR business days before today."""
    is_off, day, left = meeting.days_off(tx, workspace), day_in(workspace.timezone, now), STANDS_FOR
    while left:
        left -= day.weekday() < SATURDAY and not is_off(day)
        day -= timedelta(days=1)
    return day
