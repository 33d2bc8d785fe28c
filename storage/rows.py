"""Turn result rows into typed values, and build each frequent statement once.

`find`, `change` and the inserts are what every press and every checkpoint executes many times. To build a statement
anew costs more than to execute it, so each is kept here with its values beside it (ADR 21).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import SQLModel

from storage.memory.results import Result

Value = TypeVar("Value", bound=SQLModel)
Query = sa.Select[*tuple[Any, ...]]
Values = Mapping[str, object]


def find(tx: sa.Connection, kind: type[Value], table: sa.Table, which: Values, *, hold: bool = False) -> Value | None:
    """Return the single row whose columns have these values, none of them null, or None; `hold` it until the
    transaction ends."""
    return one(tx, kind, _finding(table, hold, *which), _its(which))


def all_of(tx: sa.Connection, kind: type[Value], table: sa.Table, which: Values, order_by: str = "id") -> list[Value]:
    """Return all rows whose columns have these values, none of them null, in the order of a column."""
    return many(tx, kind, _listing(table, order_by, *which), _its(which))


def of_each(
    tx: sa.Connection,
    kind: type[Value],
    table: sa.Table,
    which: Values,
    column: str,
    among: Collection[object],
    order_by: str = "id",
) -> list[Value]:
    """Return all rows whose columns have these values and of which one column is among others."""
    if not among:
        return []
    if len(among) == 1:  # nearly always, and quicker than a list of one
        return all_of(tx, kind, table, {**which, column: next(iter(among))}, order_by)
    return many(tx, kind, _listing_each(table, order_by, column, *which), {**_its(which), "among": list(among)})


def change(tx: sa.Connection, table: sa.Table, which: Values, **values: object) -> int:
    """Change the named columns of the rows that have these values, and return how many rows that were."""
    return tx.execute(_changing(table, *which), {**_its(which), **values}).rowcount


def one(tx: sa.Connection, kind: type[Value], query: Query, values: Values | None = None) -> Value | None:
    """Return the single row of a query as a value, or None. `values` are the parameters of a query built once."""
    matching = many(tx, kind, query, values)
    if not matching:
        return None
    (only,) = matching
    return only


def many(tx: sa.Connection, kind: type[Value], query: Query, values: Values | None = None) -> list[Value]:
    """Return all rows of a query as values. `values` are the parameters of a query built once."""
    result = tx.execute(query, values)
    if isinstance(result, Result):
        return result.values(kind, _made)
    names = tuple(result.keys())
    return [value(kind, names, row) for row in result.fetchall()]


def value(kind: type[Value], names: Iterable[str], row: Iterable[object]) -> Value:
    """Return the value of a row that has every field: what `model_construct` gives, at a tenth of its price."""
    return _made(kind, dict(zip(names, row, strict=True)))


@cache
def names_of(table: sa.Table) -> tuple[str, ...]:
    """Return the names of a table's columns, for `value`."""
    return tuple(table.c.keys())


def _made(kind: type[Value], fields: dict[str, Any]) -> Value:
    made = object.__new__(kind)
    put = object.__setattr__
    put(made, "__dict__", fields)
    put(made, "__pydantic_fields_set__", _set_in(kind))
    put(made, "__pydantic_extra__", None)
    put(made, "__pydantic_private__", None)
    return made


@cache
def _set_in(kind: type[SQLModel]) -> set[str]:
    """Return the names of all fields, one set for all values of a kind: each has every field from the beginning."""
    return set(kind.model_fields)


def literal(word: StrEnum) -> sa.ColumnElement[str]:
    """Return a persisted word written into the statement itself: with a parameter in its place a database does not
    see that a partial index fits."""
    return sa.literal_column(f"'{word.value}'")


def unsought(column: sa.Column[str]) -> FunctionElement[str]:
    """Return a column that is compared, but not looked for: another condition of the statement finds the rows. SQLite
    knows nothing of how many rows share a value, and takes any index that begins with `workspace_id` for a way to ten
    of them."""
    return _Unsought(column)


class _Unsought(FunctionElement[str]):
    name = "unsought"
    type = sa.String()
    inherit_cache = True


@compiles(_Unsought)
def _as_it_is(element: _Unsought, compiler: Any, **kw: Any) -> str:
    return str(compiler.process(element.clauses, **kw))


@compiles(_Unsought, "sqlite")
def _without_index(element: _Unsought, compiler: Any, **kw: Any) -> str:
    # SQLite documentation: "Disqualifying WHERE Clause Terms Using Unary-+".
    return f"+{compiler.process(element.clauses, **kw)}"


def insert(tx: sa.Connection, table: sa.Table, **values: object) -> int:
    """Insert one row and return its id."""
    return int(tx.execute(_inserting(table), values).scalar_one())


def insert_many(tx: sa.Connection, table: sa.Table, values: Sequence[Values]) -> list[int]:
    """Insert rows that name the same columns, and return their ids in the same order."""
    if not values:
        return []
    if tx.dialect.name == "sqlite":
        # Nobody else writes to the file meanwhile, so the ids follow each other.
        tx.execute(_appending(table), list(values))
        last = int(tx.execute(sa.text("SELECT last_insert_rowid()")).scalar_one())
        return list(range(last - len(values) + 1, last + 1))
    return [int(row_id) for row_id in tx.execute(_inserting_in_order(table), list(values)).scalars()]


def append(tx: sa.Connection, table: sa.Table, values: Sequence[Values]) -> None:
    """Insert rows that name the same columns, where nobody asks for their ids."""
    if values:
        tx.execute(_appending(table), list(values))


def insert_whole(tx: sa.Connection, kind: type[Value], table: sa.Table, **values: object) -> Value:
    """Insert one row and return it as it is stored, with what the database fills in."""
    result = tx.execute(_inserting(table, whole=True), values)
    return value(kind, names_of(table), result.one())


def insert_once(tx: sa.Connection, table: sa.Table, **values: object) -> bool:
    """Insert one row unless its unique key is there already. Says whether it was inserted."""
    # By what comes back rather than by rowcount, which psycopg does not tell for every insert.
    return bool(tx.execute(inserting_once(table, tx.dialect.name, returning=True), values).fetchall())


@cache
def inserting_once(table: sa.Table, dialect: str, *, returning: bool) -> Any:
    """Return the statement that inserts a row unless its unique key is there already; `told`: and says whether."""
    statement = inserting_in(dialect, table).on_conflict_do_nothing()
    return statement.returning(*table.primary_key) if returning else statement


def inserting_in(dialect: str, table: sa.Table) -> Any:
    """Return the dialect's own insert into a table, which knows what to do on a conflict. The other one is not
    imported: that takes a fiftieth of a start."""
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


@cache
def _finding(table: sa.Table, hold: bool, *columns: str) -> Query:
    query = sa.select(table).where(*_they_are(table, columns))
    return query.with_for_update() if hold else query


@cache
def _listing(table: sa.Table, order_by: str, *columns: str) -> Query:
    return sa.select(table).where(*_they_are(table, columns)).order_by(table.c[order_by])


@cache
def _listing_each(table: sa.Table, order_by: str, column: str, *columns: str) -> Query:
    among = table.c[column].in_(sa.bindparam("among", expanding=True))
    if column != "id":
        return _listing(table, order_by, *columns).where(among)
    their = [unsought(table.c[name]) == sa.bindparam(f"its_{name}") for name in columns]
    return sa.select(table).where(*their, among).order_by(table.c[order_by])


@cache
def _changing(table: sa.Table, *columns: str) -> sa.Update:
    return table.update().where(*_they_are(table, columns))


def _they_are(table: sa.Table, columns: Iterable[str]) -> list[sa.ColumnElement[bool]]:
    # Not by their own names, which are those of what is to be set.
    return [table.c[name] == sa.bindparam(f"its_{name}") for name in columns]


def _its(values: Values) -> dict[str, object]:
    return {f"its_{name}": value for name, value in values.items()}


@cache
def _inserting(table: sa.Table, *, whole: bool = False) -> sa.Executable:
    return table.insert().returning(*(table.c if whole else table.primary_key))


@cache
def _inserting_in_order(table: sa.Table) -> sa.Executable:
    return table.insert().returning(table.c.id, sort_by_parameter_order=True)


@cache
def _appending(table: sa.Table) -> sa.Insert:
    return table.insert().inline()
