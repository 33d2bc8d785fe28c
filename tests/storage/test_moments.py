"""Moments in a database: as SQLAlchemy writes them on SQLite, whoever writes, and in UTC when they are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import StatementError
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.database import Database

ZONES = st.timezones() | st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
# Not at the ends, where a zone's offset leads out of the years there are.
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=ZONES)  # noqa: DTZ001


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moment=MOMENTS)
def test_sqlite_holds_the_text_that_sqlalchemy_writes_and_gives_the_moment_back_in_utc(
    database: Database, moment: datetime
) -> None:
    ours = database.engine.dialect
    stored, expected = (_written(dialect, moment) for dialect in (ours, sqlite.dialect()))
    assert stored == expected
    read = UTCDateTime().dialect_impl(ours).result_processor(ours, None)
    assert read is not None
    loaded: Any = read(stored)
    assert loaded == moment.astimezone(UTC)
    assert loaded.tzinfo is UTC


def _written(dialect: sa.Dialect, moment: datetime) -> object:
    write = UTCDateTime().dialect_impl(dialect).bind_processor(dialect)
    assert write is not None
    return write(moment)


def test_a_moment_without_a_timezone_is_refused(database: Database) -> None:
    query = sa.select(sa.literal(datetime(2026, 11, 25), UTCDateTime()))  # noqa: DTZ001
    with database.transaction() as tx, pytest.raises(StatementError, match="timezone"):
        tx.execute(query)


def test_no_moment_stays_none(database: Database) -> None:
    with database.transaction() as tx:
        assert tx.execute(sa.select(sa.literal(None, UTCDateTime()))).scalar_one() is None
