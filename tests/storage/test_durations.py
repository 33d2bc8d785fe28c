"""Times between two columns are counted and ranked by the database as they are in memory. On both databases."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.core.base.statistics import rank
from storage.database import Database
from storage.durations import Took, elapsed, took
from storage.models import absence

START = datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def stored(database: Database, spans: list[timedelta], start: datetime = START) -> None:
    """Two columns of moments so far apart."""
    with database.transaction() as tx:
        for number, span in enumerate(spans):
            about = {"workspace_id": "T1", "user_id": f"U{number}"}
            tx.execute(absence.insert().values(from_at=start, until_at=start + span, **about))


def durations_of(database: Database) -> tuple[list[timedelta], Took]:
    query = sa.select(elapsed(absence.c.from_at, absence.c.until_at).label("time"))
    with database.snapshot() as tx:
        each = [timedelta(microseconds=time) for time in tx.execute(query.order_by(absence.c.id)).scalars()]
        return each, took(tx, query)


@pytest.mark.thorough
@pytest.mark.parametrize("microsecond", [0, 1, 499_999, 500_000, 999_499, 999_500, 999_999])
def test_no_microsecond_is_lost(any_database: Database, microsecond: int) -> None:
    around = [timedelta(0), MICROSECOND, -MICROSECOND, timedelta(seconds=1), timedelta(days=-400), timedelta(days=4000)]
    around += [timedelta(milliseconds=500), timedelta(microseconds=1_999_999)]
    stored(any_database, around, START.replace(microsecond=microsecond))
    assert durations_of(any_database)[0] == around


@pytest.mark.parametrize("count", [0, 1, 2, 3, 9, 10, 11, 20, 101])
def test_the_percentiles_are_nearest_ranks(any_database: Database, count: int) -> None:
    chance = random.Random(count)
    spans = [timedelta(microseconds=chance.choice([5, 5, chance.randrange(10**12)])) for _ in range(count)]
    stored(any_database, spans)
    assert durations_of(any_database)[1] == Took(count, rank(spans, 0.5), rank(spans, 0.9))
