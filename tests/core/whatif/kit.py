"""A past that a test has lived, and its replay."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.core import teamfile
from bot.core.teamfile import TeamFile
from bot.core.whatif import Past, Period, Simulated, read, replay
from storage import workspaces
from storage.database import Database
from tests.scratch import scratch

FIRST = date(2026, 8, 31)
"""The day on which the office opens."""


def days(first: int, last: int, until: datetime) -> Period:
    """From the day `first` to the day `last` of the office, counted from 0."""
    return Period.of(FIRST + timedelta(days=first), FIRST + timedelta(days=last), "Asia/Tokyo", until)


def replayed(database: Database, period: Period, wanted: TeamFile | None = None) -> tuple[Past, Simulated]:
    """What happened, and what comes of it under another team file, or (None) under the one that holds."""
    past = past_of(database, period)
    with database.snapshot() as tx:
        current = teamfile.current(tx, "T1")
        assert current is not None
    with scratch() as private, private.transaction() as tx:
        return past, replay(tx, past, wanted or current, lambda _: None)


def past_of(database: Database, period: Period) -> Past:
    """What happened."""
    with database.snapshot() as tx:
        workspace = workspaces.get(tx, "T1")
        assert workspace is not None
        return read(tx, workspace, period)
