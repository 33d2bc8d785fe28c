"""What a database holds, in a form that SQLite and PostgreSQL agree on: to compare two, or one with itself later."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import models
from storage.database import Database

CHUNK = 500  # rows in memory
Row = dict[str, Any]


class Fingerprint(NamedTuple):
    """How many rows a table has, and a SHA-256 over their values in the order of their keys."""

    rows: int
    checksum: str


class Unreadable(Exception):
    """A value is not what its column may hold: another version, or somebody by hand, wrote it. Names the table."""


def fingerprints(database: Database) -> dict[str, Fingerprint]:
    """Return what each table holds, at one moment. Reads every row, a chunk at a time. Raises Unreadable."""
    with database.snapshot() as tx:
        return {table.name: fingerprint(tx, table) for table in models.metadata.tables.values()}


def fingerprint(tx: sa.Connection, table: sa.Table) -> Fingerprint:
    """Return what one table holds. Raises Unreadable."""
    rows, checksum = 0, hashlib.sha256()
    try:
        for chunk in chunks(tx, sa.select(table).order_by(*ordered_key(tx, table))):
            for row in chunk:
                # The values as Python has them: JSON parsed, times aware and in UTC, booleans no numbers.
                checksum.update(json.dumps(list(row.values()), sort_keys=True, default=_plain).encode() + b"\n")
            rows += len(chunk)
    except (LookupError, ValueError) as error:
        raise Unreadable(table.name) from error
    return Fingerprint(rows, checksum.hexdigest())


def chunks(tx: sa.Connection, query: sa.Select[Any]) -> Iterator[list[Row]]:
    """Yield the rows of a query, typed, by column name. Streamed: psycopg would else fetch all of them at once."""
    result = tx.execute(query, execution_options={"stream_results": True, "yield_per": CHUNK})
    for part in result.mappings().partitions():
        yield [dict(row) for row in part]


def ordered_key(tx: sa.Connection, table: sa.Table) -> list[sa.ColumnElement[Any]]:
    """Return the primary key in an order that both databases agree on: text by its bytes, as SQLite has it anyway."""
    if tx.dialect.name == "sqlite":
        return list(table.primary_key)
    return [c if isinstance(c.type, sa.Integer) else sa.collate(c, "C") for c in table.primary_key]


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"no way to compare a {type(value).__name__}")
