"""A whole database into an empty one, of the same kind or the other.

Rows go in the order of their keys, a chunk in a transaction: at any moment each table of the target is a beginning of
the source's, and a copy that was killed goes on behind it. Until the two have been found equal a marker stands in the
target, and no bot starts on it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import sort_tables_and_constraints

from storage import migrate, models
from storage.database import Database
from storage.fingerprints import Fingerprint, Row, chunks, fingerprints, ordered_key

_marker = sa.Table("unfinished_copy", sa.MetaData(), sa.Column("source", sa.String), sa.Column("seen", sa.String))


class NotEmpty(Exception):
    """The target holds something else. The text names a table."""


class OtherSource(Exception):
    """The target holds an unfinished copy of another database. The text names that one."""


class RowRefused(Exception):
    """The target cannot hold a row, named by table and key; `reason` is the database's, without the row's values."""

    def __init__(self, table: str, key: str, reason: str) -> None:
        super().__init__(f"{table} {key}: {reason}")
        self.table, self.key, self.reason = table, key, reason


class SourceChanged(Exception):
    """Somebody wrote to the source meanwhile. The text names a table. The next copy starts over."""


class CopyDiffers(Exception):
    """A table of the target is not what the source has. The text names it. The next copy starts over."""


def unfinished(tx: sa.Connection) -> str | None:
    """Of which database this one is an unfinished copy; None for one that is whole."""
    if not sa.inspect(tx).has_table(_marker.name):
        return None
    return tx.execute(sa.select(_marker.c.source)).scalar_one_or_none()


class Start(StrEnum):
    """Where a copy begins. The values are words of the catalogue."""

    BEGINS = "begins"
    GOES_ON = "goes_on"
    STARTS_OVER = "starts_over"
    IS_DONE = "is_done"


def prepare(source: str, seen: dict[str, Fingerprint], target: Database) -> Start:
    """Make the target ready for a copy of `source`, which holds what was `seen`.

    A beginning of a copy of what `source` was before is thrown away (STARTS_OVER). A target that holds the same already
    is left as it is (IS_DONE). Raises NotEmpty, OtherSource, and what
    migrate.pending raises.
    """
    behind = migrate.pending(target)
    with target.transaction() as tx:
        begun = tx.execute(sa.select(_marker)).first() if unfinished(tx) else None
        other = _what_else(tx) if begun is None else None
        if begun is not None and begun.source != source:
            raise OtherSource(begun.source)
        if begun is None and other is None:
            _marker.create(tx)
            tx.execute(_marker.insert().values(source=source, seen=_fingerprint(seen)))
    if other is not None:
        # Perhaps the copy was killed after its last step, before it could say that it is done.
        if behind or other not in models.metadata.tables or not _is_copy(target, seen):
            raise NotEmpty(other)
        return Start.IS_DONE
    migrate.upgrade(target)
    if begun is None:
        return Start.BEGINS
    if begun.seen == _fingerprint(seen):
        return Start.GOES_ON
    with target.transaction() as tx:
        _throw_away(tx)
        tx.execute(_marker.update().values(seen=_fingerprint(seen)))
    return Start.STARTS_OVER


def _is_copy(target: Database, seen: dict[str, Fingerprint]) -> bool:
    """Return whether a database is a finished copy of what was seen: it has the same, and the entries of the copy."""
    copied, log = fingerprints(target), models.audit.name
    same = all(copied[name] == digest for name, digest in seen.items() if name != log)
    recorded = copied[log].rows == seen[log].rows + seen[models.workspace.name].rows
    return same and (recorded or copied[log] == seen[log])


def copy(source: Database, target: Database, report: Callable[[str, int], None]) -> None:
    """Copy what the target lacks; `report` hears of each table that is done and how many rows it has.

    Nothing in the source is changed. Raises RowRefused.
    """
    with source.snapshot() as tx:
        for table in _tables():
            for rows in chunks(tx, _beyond(tx, table, _last_key(target, table))):
                _write(target, table, [row | dict.fromkeys(_too_early(table, row)) for row in rows])
            with target.snapshot() as there:
                report(table.name, there.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
        for table in _tables():
            if _late(table):
                for rows in chunks(tx, sa.select(table)):
                    _write_late(target, table, rows)


def verify(source: Database, target: Database, seen: dict[str, Fingerprint]) -> None:
    """Compare both with what was seen in the source. Raises SourceChanged or CopyDiffers."""
    for problem, database in ((SourceChanged, source), (CopyDiffers, target)):
        copied = fingerprints(database)
        different = [name for name, digest in seen.items() if copied[name] != digest]
        if different:
            with target.transaction() as tx:
                tx.execute(_marker.update().values(seen=""))
            raise problem(different[0])


def finish(target: Database, record: Callable[[sa.Connection], None]) -> None:
    """Make the target a database like any other: new rows get ids of their own, and a bot may start on it. `record`
    writes down there, for each workspace, in its audit log and nowhere else, that it is a copy."""
    with target.transaction() as tx:
        if not target.is_sqlite:
            for table in _tables():
                _set_sequence(tx, table)
        record(tx)
        _marker.drop(tx)


# The order of tables, and references to what is not there yet


def _tables() -> list[sa.Table]:
    """Return every table, those first to which others refer."""
    return [table for table, _ in _sorted() if table is not None]


@cache
def _late(table: sa.Table) -> list[sa.Column[Any]]:
    """Return the columns that may refer to rows that are copied later: of the same table, or of a table behind it."""
    ((_, in_a_circle),) = [pair for pair in _sorted() if pair[0] is None]
    keys = {*in_a_circle, *(key for key in table.foreign_key_constraints if key.referred_table is table)}
    return [column for key in keys if key.table is table for column in key.columns]


@cache
def _sorted() -> list[tuple[sa.Table | None, list[sa.ForeignKeyConstraint]]]:
    # At its end, with None for a table, the references that go round in a circle of tables.
    return list(sort_tables_and_constraints(models.metadata.tables.values()))  # type: ignore[no-untyped-call]


def _too_early(table: sa.Table, row: Row) -> list[str]:
    """Return the references of a row that must wait. Within a table only those forward: rows go in the order of
    their key."""
    (key, *_) = table.primary_key
    return [
        column.name
        for column in _late(table)
        if row[column.name] is not None and not (column.references(key) and row[column.name] < row[key.name])
    ]


# Reading and writing


def _what_else(tx: sa.Connection) -> str | None:
    """Return a table of the target that is not ours, or not empty; None where there is none."""
    for name in sorted(set(sa.inspect(tx).get_table_names()) - {"alembic_version"}):
        table = models.metadata.tables.get(name)
        if table is None or tx.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
            return name
    return None


def _throw_away(tx: sa.Connection) -> None:
    for table in _tables():
        if late := _late(table):
            tx.execute(table.update().values({column.name: None for column in late}))
    for table in reversed(_tables()):
        tx.execute(table.delete())


def _last_key(target: Database, table: sa.Table) -> tuple[Any, ...]:
    """Return the key of the last row that the target has; empty where it has none."""
    with target.snapshot() as tx:
        latest_first = [column.desc() for column in ordered_key(tx, table)]
        return tuple(tx.execute(sa.select(*table.primary_key).order_by(*latest_first).limit(1)).first() or ())


def _beyond(tx: sa.Connection, table: sa.Table, last: tuple[Any, ...]) -> sa.Select[Any]:
    key = ordered_key(tx, table)
    query = sa.select(table).order_by(*key)
    if not last:
        return query
    there = [sa.literal(value, column.type) for value, column in zip(last, table.primary_key, strict=True)]
    return query.where(sa.tuple_(*key) > sa.tuple_(*there))


def _write(target: Database, table: sa.Table, rows: list[Row]) -> None:
    try:
        with target.transaction() as tx:
            tx.execute(table.insert(), rows)
    except (sa.exc.DataError, sa.exc.IntegrityError):
        # One of these rows; to find it they are tried one by one.
        for row in rows:
            _write_one(target, table, row)


def _write_one(target: Database, table: sa.Table, row: Row) -> None:
    try:
        with target.transaction() as tx:
            tx.execute(table.insert(), row)
    except (sa.exc.DataError, sa.exc.IntegrityError) as error:
        key = ", ".join(str(row[column.name]) for column in table.primary_key)
        # The first line only: the further ones quote the row.
        reason, *_ = str(error.orig).splitlines()
        raise RowRefused(table.name, key, reason) from error


def _write_late(target: Database, table: sa.Table, rows: list[Row]) -> None:
    waiting = [row for row in rows if _too_early(table, row)]
    if not waiting:
        return
    late = _late(table)
    mine = sa.and_(*(column == sa.bindparam(f"key_{column.name}", type_=column.type) for column in table.primary_key))
    statement = table.update().where(mine).values({column: sa.bindparam(f"new_{column.name}") for column in late})
    keys = [{f"key_{column.name}": row[column.name] for column in table.primary_key} for row in waiting]
    values = [{f"new_{column.name}": row[column.name] for column in late} for row in waiting]
    with target.transaction() as tx:
        tx.execute(statement, [key | value for key, value in zip(keys, values, strict=True)])


def _set_sequence(tx: sa.Connection, table: sa.Table) -> None:
    column = table.autoincrement_column
    if column is None:
        return
    newest = sa.func.max(column)
    sequence = sa.func.pg_get_serial_sequence(tx.dialect.identifier_preparer.format_table(table), column.name)
    tx.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(newest, 1), newest.is_not(None))))


def _fingerprint(seen: dict[str, Fingerprint]) -> str:
    return hashlib.sha256(json.dumps([migrate.head(), sorted(seen.items())]).encode()).hexdigest()
