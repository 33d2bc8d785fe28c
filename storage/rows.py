"""From result rows to typed values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import SQLModel

Value = TypeVar("Value", bound=SQLModel)
Query = sa.Select[*tuple[Any, ...]]


def find(
    tx: sa.Connection, kind: type[Value], table: sa.Table, which: Mapping[str, object], *, hold: bool = False
) -> Value | None:
    """The single row whose columns have these values, none of them null, or None; `hold` it until the transaction
    ends."""
    return one(tx, kind, _finding(table, hold, *which), _its(which))


def change(tx: sa.Connection, table: sa.Table, which: Mapping[str, object], **values: object) -> int:
    """Change the named columns of the rows that have these values, and return how many rows that were."""
    return tx.execute(_changing(table, *which), {**_its(which), **values}).rowcount


def one(tx: sa.Connection, kind: type[Value], query: Query, values: Mapping[str, object] | None = None) -> Value | None:
    """The single row of a query as a value, or None. `values`: those of a query that is built once."""
    result = tx.execute(query, values)
    row = result.one_or_none()
    return None if row is None else value(kind, result.keys(), row)


def many(tx: sa.Connection, kind: type[Value], query: Query, values: Mapping[str, object] | None = None) -> list[Value]:
    """All rows of a query as values. `values`: those of a query that is built once."""
    result = tx.execute(query, values)
    names = list(result.keys())
    return [value(kind, names, row) for row in result]


def value(kind: type[Value], names: Iterable[str], row: Iterable[object]) -> Value:
    """The value of a row that has every field: what `model_construct` gives, at a tenth of its price."""
    made = object.__new__(kind)
    fields = dict(zip(names, row, strict=True))
    put = object.__setattr__
    put(made, "__dict__", fields)
    put(made, "__pydantic_fields_set__", set(fields))
    put(made, "__pydantic_extra__", None)
    put(made, "__pydantic_private__", None)
    return made


def literal(word: StrEnum) -> sa.ColumnElement[str]:
    """A persisted word written into the statement itself: with a parameter in its place a database does not see that
    a partial index fits."""
    return sa.literal_column(f"'{word.value}'")


def insert(tx: sa.Connection, table: sa.Table, **values: object) -> int:
    """Insert one row and return its id."""
    result = tx.execute(_inserting(table), values)
    return int(cast(Any, result.inserted_primary_key)[0])


def insert_many(tx: sa.Connection, table: sa.Table, values: Sequence[Mapping[str, object]]) -> list[int]:
    """Insert rows that name the same columns, and return their ids in the same order."""
    if not values:
        return []
    if tx.dialect.name == "sqlite":
        # Told to keep the order SQLAlchemy would insert row by row here. Nobody else writes to the file meanwhile, so
        # the ids follow each other.
        execute_many(tx, _inserting(table), values)
        last = int(tx.execute(sa.text("SELECT last_insert_rowid()")).scalar_one())
        return list(range(last - len(values) + 1, last + 1))
    statement = table.insert().returning(table.c.id, sort_by_parameter_order=True)
    return [int(row_id) for row_id in tx.execute(statement, list(values)).scalars()]


def insert_many_once(tx: sa.Connection, table: sa.Table, values: Sequence[Mapping[str, object]]) -> None:
    """Insert rows that name the same columns, except those whose unique key is there already."""
    if values:
        execute_many(tx, _inserting_once(table, tx.dialect.name, told=False), values)


def insert_once(tx: sa.Connection, table: sa.Table, **values: object) -> bool:
    """Insert one row unless its unique key is there already. Says whether it was inserted."""
    # By what comes back rather than by rowcount, which psycopg does not tell for every insert.
    return tx.execute(_inserting_once(table, tx.dialect.name, told=True), values).first() is not None


def execute_many(tx: sa.Connection, statement: sa.Insert | sa.Update, values: Sequence[Mapping[str, Any]]) -> None:
    """Execute a statement that is built once for each of these values, which all have the same names."""
    if tx.dialect.name != "sqlite":
        tx.execute(statement, list(values))
        return
    # What SQLAlchemy does for each value costs as much as the database itself: here it is done column by column.
    text, names, steps = _prepared(statement, tx.dialect, *values[0])
    columns = [[one[name] for one in values] for name in names]
    stored = [map(step, column) if step else column for step, column in zip(steps, columns, strict=True)]
    tx.exec_driver_sql(text, list(zip(*stored, strict=True)))


@lru_cache(maxsize=256)
def _prepared(
    statement: sa.Insert | sa.Update, dialect: sa.Dialect, *names: str
) -> tuple[str, list[str], list[Callable[[Any], Any] | None]]:
    """A statement as text, the names of its parameters in order, and what makes of each what the driver stores."""
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    order = list(compiled.positiontup or ())
    types = [compiled.binds[name].type.dialect_impl(dialect) for name in order]
    return str(compiled), order, [kind.bind_processor(dialect) for kind in types]


# Statements are built once, with the values beside them: to build one anew costs more than to run it.
@cache
def _finding(table: sa.Table, hold: bool, *columns: str) -> Query:
    query = sa.select(table).where(*_they_are(table, columns))
    return query.with_for_update() if hold else query


@cache
def _changing(table: sa.Table, *columns: str) -> sa.Update:
    return table.update().where(*_they_are(table, columns))


def _they_are(table: sa.Table, columns: Iterable[str]) -> list[sa.ColumnElement[bool]]:
    # Not by their own names, which are those of what is to be set.
    return [table.c[name] == sa.bindparam(f"its_{name}") for name in columns]


def _its(values: Mapping[str, object]) -> dict[str, object]:
    return {f"its_{name}": value for name, value in values.items()}


@cache
def _inserting(table: sa.Table) -> sa.Insert:
    return table.insert()


@cache
def _inserting_once(table: sa.Table, dialect: str, *, told: bool) -> Any:
    insert_into = sqlite_insert if dialect == "sqlite" else postgresql_insert
    statement = insert_into(table).on_conflict_do_nothing()
    return statement.returning(*table.primary_key) if told else statement
