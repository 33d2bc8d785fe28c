"""From result rows to typed values, and statements that are built once.

`find`, `change` and the inserts are what every press and every checkpoint executes many times. SQLAlchemy builds the
statement, says what each value becomes in this database and back, and keeps all of it here; what it would do besides at
each execution takes longer than the database itself (ADR 21).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import SQLModel

Value = TypeVar("Value", bound=SQLModel)
Query = sa.Select[*tuple[Any, ...]]
Values = Mapping[str, object]
Processor = Callable[[Any], Any] | None


def find(tx: sa.Connection, kind: type[Value], table: sa.Table, which: Values, *, hold: bool = False) -> Value | None:
    """The single row whose columns have these values, none of them null, or None; `hold` it until the transaction
    ends."""
    found = find_all(tx, kind, table, _finding(table, hold, *which), _its(which))
    if not found:
        return None
    (only,) = found
    return only


def all_of(tx: sa.Connection, kind: type[Value], table: sa.Table, which: Values, order_by: str = "id") -> list[Value]:
    """All rows whose columns have these values, none of them null, in the order of a column."""
    return find_all(tx, kind, table, _listing(table, order_by, *which), _its(which))


def of_each(
    tx: sa.Connection,
    kind: type[Value],
    table: sa.Table,
    which: Values,
    column: str,
    among: Collection[object],
    order_by: str = "id",
) -> list[Value]:
    """All rows whose columns have these values and of which one column is among others."""
    if len(among) == 1:  # nearly always, and the only form that is built once
        return all_of(tx, kind, table, {**which, column: next(iter(among))}, order_by)
    mine = [table.c[name] == value for name, value in which.items()]
    query = sa.select(table).where(*mine, table.c[column].in_(among)).order_by(table.c[order_by])
    return many(tx, kind, query) if among else []


def find_all(tx: sa.Connection, kind: type[Value], table: sa.Table, query: Query, values: Values) -> list[Value]:
    """All rows of a query for whole rows of a table that is built once, as values."""
    names, steps = table.c.keys(), _reading(table, tx.dialect)
    return [
        value(kind, names, [step(one) if step else one for step, one in zip(steps, row, strict=True)])
        for row in execute(tx, query, values).fetchall()
    ]


def change(tx: sa.Connection, table: sa.Table, which: Values, **values: object) -> int:
    """Change the named columns of the rows that have these values, and return how many rows that were."""
    return int(execute(tx, _changing(table, *which), {**_its(which), **values}).rowcount)


def one(tx: sa.Connection, kind: type[Value], query: Query, values: Values | None = None) -> Value | None:
    """The single row of a query as a value, or None. `values`: those of a query that is built once."""
    result = tx.execute(query, values)
    row = result.one_or_none()
    return None if row is None else value(kind, result.keys(), row)


def many(tx: sa.Connection, kind: type[Value], query: Query, values: Values | None = None) -> list[Value]:
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
    ((row_id,),) = execute(tx, _inserting(table), values).fetchall()
    return int(row_id)


def insert_many(tx: sa.Connection, table: sa.Table, values: Sequence[Values]) -> list[int]:
    """Insert rows that name the same columns, and return their ids in the same order."""
    if not values:
        return []
    if tx.dialect.name == "sqlite":
        # Nobody else writes to the file meanwhile, so the ids follow each other.
        execute_many(tx, _appending(table), values)
        last = int(tx.execute(sa.text("SELECT last_insert_rowid()")).scalar_one())
        return list(range(last - len(values) + 1, last + 1))
    statement = table.insert().returning(table.c.id, sort_by_parameter_order=True)
    return [int(row_id) for row_id in tx.execute(statement, list(values)).scalars()]


def insert_many_once(tx: sa.Connection, table: sa.Table, values: Sequence[Values]) -> None:
    """Insert rows that name the same columns, except those whose unique key is there already."""
    if values:
        execute_many(tx, _inserting_once(table, tx.dialect.name, told=False), values)


def insert_once(tx: sa.Connection, table: sa.Table, **values: object) -> bool:
    """Insert one row unless its unique key is there already. Says whether it was inserted."""
    # By what comes back rather than by rowcount, which psycopg does not tell for every insert.
    return bool(execute(tx, _inserting_once(table, tx.dialect.name, told=True), values).fetchall())


def execute(tx: sa.Connection, statement: sa.ClauseElement, values: Values) -> Any:
    """Execute a statement that is built once, and return the driver's cursor. Raises SQLAlchemy's errors."""
    ready = _ready(statement, tx.dialect, *values)
    return _driven(tx, ready.text, lambda cursor: cursor.execute(ready.text, ready.stored(values)))


def execute_many(tx: sa.Connection, statement: sa.ClauseElement, values: Sequence[Values]) -> None:
    """Execute a statement that is built once for each of these values, which all have the same names. Raises
    SQLAlchemy's errors."""
    ready = _ready(statement, tx.dialect, *values[0])
    _driven(tx, ready.text, lambda cursor: cursor.executemany(ready.text, ready.stored_all(values)))


def _driven(tx: sa.Connection, text: str, act: Callable[[Any], object]) -> Any:
    cursor = tx.connection.cursor()
    try:
        act(cursor)
    except tx.dialect.loaded_dbapi.Error as error:
        # Without the values, which may be a lead's name.
        raise sa.exc.DBAPIError.instance(
            text, None, error, tx.dialect.loaded_dbapi.Error, hide_parameters=True, dialect=tx.dialect
        ) from error
    return cursor


class _Ready(NamedTuple):
    """A statement as the driver takes it."""

    text: str
    names: Sequence[str]
    steps: Sequence[Processor]
    positional: bool

    def stored(self, values: Values) -> Any:
        made = [step(values[name]) if step else values[name] for name, step in zip(self.names, self.steps, strict=True)]
        return tuple(made) if self.positional else dict(zip(self.names, made, strict=True))

    def stored_all(self, values: Sequence[Values]) -> Any:
        # Column by column: half the price of row by row.
        columns = [[one[name] for one in values] for name in self.names]
        stored = [map(step, column) if step else column for step, column in zip(self.steps, columns, strict=True)]
        made = zip(*stored, strict=True)
        return list(made) if self.positional else [dict(zip(self.names, row, strict=True)) for row in made]


# Statements are built once, with the values beside them: to build one anew costs more than to run it.
@lru_cache(maxsize=512)
def _ready(statement: sa.ClauseElement, dialect: sa.Dialect, *names: str) -> _Ready:
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))
    order = tuple(compiled.positiontup or compiled.binds)
    types = [compiled.binds[name].type.dialect_impl(dialect) for name in order]
    steps = [kind.bind_processor(dialect) for kind in types]
    return _Ready(str(compiled), order, steps, compiled.positional)


@lru_cache(maxsize=512)
def _reading(table: sa.Table, dialect: sa.Dialect) -> list[Processor]:
    return [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in table.c]


@cache
def _finding(table: sa.Table, hold: bool, *columns: str) -> Query:
    query = sa.select(table).where(*_they_are(table, columns))
    return query.with_for_update() if hold else query


@cache
def _listing(table: sa.Table, order_by: str, *columns: str) -> Query:
    return sa.select(table).where(*_they_are(table, columns)).order_by(table.c[order_by])


@cache
def _changing(table: sa.Table, *columns: str) -> sa.Update:
    return table.update().where(*_they_are(table, columns))


def _they_are(table: sa.Table, columns: Iterable[str]) -> list[sa.ColumnElement[bool]]:
    # Not by their own names, which are those of what is to be set.
    return [table.c[name] == sa.bindparam(f"its_{name}") for name in columns]


def _its(values: Values) -> dict[str, object]:
    return {f"its_{name}": value for name, value in values.items()}


@cache
def _inserting(table: sa.Table) -> sa.ClauseElement:
    return table.insert().returning(*table.primary_key)


@cache
def _appending(table: sa.Table) -> sa.Insert:
    return table.insert()


@cache
def _inserting_once(table: sa.Table, dialect: str, *, told: bool) -> Any:
    insert_into = sqlite_insert if dialect == "sqlite" else postgresql_insert
    statement = insert_into(table).on_conflict_do_nothing()
    return statement.returning(*table.primary_key) if told else statement
