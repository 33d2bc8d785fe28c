"""Disputes that wait for a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

import sqlalchemy as sa

from bot.core.base.figure import Figure, Key
from bot.core.base.wall_clock import day_in
from bot.core.sla import working_days
from bot.core.views.mql import MqlView, Timeline, mql_views, timeline
from storage import disputes
from storage.models import Workspace


@dataclass(frozen=True)
class Undecided:
    """Disputes that wait for a decision longer than they should. The MQL is named by its number alone."""

    count: Annotated[int, Figure("disputes undecided", csv="disputes_undecided")]
    oldest: Annotated[int, Key()]
    """Number of the MQL whose dispute has waited longest."""
    since: datetime


@dataclass(frozen=True)
class OpenDispute:
    """A dispute that waits for a decision."""

    view: MqlView
    opened: Timeline
    """The event that opened it: who, when, and why in its reason."""


def open_disputes(tx: sa.Connection, workspace: Workspace) -> list[OpenDispute]:
    """Return the disputes of a workspace that wait for a decision, the oldest first."""
    subjects = disputes.waiting(tx, workspace.id)
    opened = disputes.newest(tx, workspace.id, [subject.id for subject in subjects])
    openings = timeline(tx, workspace.id, [opened[subject.id] for subject in subjects])
    return [OpenDispute(*pair) for pair in zip(mql_views(tx, workspace, subjects), openings, strict=True)]


STANDS_FOR = 3
"""Business days, Monday to Friday without holidays and closures, that a dispute may wait without being mentioned."""


SATURDAY = 5


def undecided(tx: sa.Connection, workspace: Workspace, now: datetime) -> Undecided | None:
    """Return the disputes that have waited for more than STANDS_FOR business days; None where there is none."""
    last = _last_day(tx, workspace, now)
    waiting = [
        (at, subject.number)
        for subject in disputes.waiting(tx, workspace.id)
        if (at := subject.disputed_at) is not None and day_in(workspace.timezone, at) < last
    ]
    return Undecided(len(waiting), waiting[0][1], waiting[0][0]) if waiting else None


def _last_day(tx: sa.Connection, workspace: Workspace, now: datetime) -> date:
    """Return the day that lies STANDS_FOR business days before today."""
    is_off, day, left = working_days.days_off(tx, workspace), day_in(workspace.timezone, now), STANDS_FOR
    while left:
        left -= day.weekday() < SATURDAY and not is_off(day)
        day -= timedelta(days=1)
    return day
