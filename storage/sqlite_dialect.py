"""What SQLAlchemy's dialect for SQLite leaves to us: how a transaction begins, and cheaper texts for moments and JSON.

A transaction begins in the dialect and not by a listener to SQLAlchemy's `begin` event: an engine that has any listener
prepares its events at every statement, for 4 to 6 µs each (ADR 21).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import registry, sqlite
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.characteristics import ConnectionCharacteristic
from sqlmodel.sql.sqltypes import UTCDateTime

DRIVER = "sqlite+mql"
_WRITTEN = len("2026-11-25 01:00:00.000000")


class Connection(sqlite3.Connection):
    """A connection that knows how its next transaction begins."""

    begin = "BEGIN"


class _Immediate(ConnectionCharacteristic):
    """The execution option `immediate=True`: transactions of this connection take the write lock when they begin.

    They keep in memory what a savepoint needs to be taken back: from 64 KB on, which is less than an acceptance, SQLite
    writes it to a file otherwise. Other transactions do not, for what a report sorts may be large.
    """

    def set_characteristic(self, dialect: sa.Dialect, connection: Any, value: bool) -> None:
        if not value:
            self.reset_characteristic(dialect, connection)
            return
        connection.begin = "BEGIN IMMEDIATE"
        connection.execute("PRAGMA temp_store=MEMORY")

    def reset_characteristic(self, _: sa.Dialect, connection: Any) -> None:
        connection.begin = Connection.begin
        connection.execute("PRAGMA temp_store=DEFAULT")

    def get_characteristic(self, _: sa.Dialect, connection: Any) -> bool:
        return bool(connection.begin != Connection.begin)


class _Moment(sqlite.DATETIME):
    """What UTCDateTime is on SQLite: the same texts, written and read in one step each instead of three."""

    def bind_processor(self, _: sa.Dialect) -> Callable[[datetime | None], str | None]:
        """Return the function that writes a moment in UTC, without saying so."""
        return _stored

    def result_processor(self, _: sa.Dialect, __: object) -> Callable[[str | None], datetime | None]:
        """Return the function that reads a moment in UTC, and says so."""
        read = datetime.fromisoformat
        return lambda text: None if text is None else read(text + "+00:00")


_TYPES = {**SQLiteDialect_pysqlite.colspecs, UTCDateTime: _Moment}


class Dialect(SQLiteDialect_pysqlite):
    """The dialect of every SQLite engine of ours."""

    supports_statement_cache = True
    colspecs = _TYPES
    connection_characteristics = SQLiteDialect_pysqlite.connection_characteristics | {"immediate": _Immediate()}

    def do_begin(self, dbapi_connection: Any) -> None:
        """Begin a transaction. The driver's own implicit BEGIN is switched off."""
        dbapi_connection.execute(dbapi_connection.begin)


registry.register("sqlite.mql", __name__, "Dialect")

_encode = json.JSONEncoder().encode


def as_json(value: object) -> str:
    """Return a value as JSON. Most of what is stored is empty, and to make an encoder for each value costs as much as
    to encode it."""
    return "{}" if value == {} else _encode(value)


def _stored(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    if moment.tzinfo is UTC:  # nearly every one
        return _text(moment)
    if moment.utcoffset() is None:
        raise ValueError("a moment without a timezone")
    return _text(moment.astimezone(UTC))


@lru_cache(maxsize=512)
def _text(moment: datetime) -> str:
    """Return the text of a moment in UTC: in a local timezone the two that show the same time count as equal. One
    moment is written into many rows."""
    return moment.isoformat(" ", "microseconds")[:_WRITTEN]
