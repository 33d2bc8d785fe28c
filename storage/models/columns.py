"""What the columns of the tables are made of."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import SQLModel


def word(words: type[StrEnum], *, closed: bool = False) -> Any:
    """Return the type of a column that holds one of `words`.

    `closed`: the database itself refuses any other (a later word then needs a migration, so this is for words that
    decide what may happen next).
    """
    return sa.Enum(
        words,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=closed,
        length=32,
        name=f"{words.__name__.lower()}_known",
    )


def strings() -> Any:
    """Return the type of a column that holds a list of strings."""
    return sa.JSON()


def partial(name: str, *columns: str, where: str, unique: bool = False) -> sa.Index:
    """Return an index of only those rows for which `where` holds, on SQLite and PostgreSQL alike."""
    condition = sa.text(where)
    return sa.Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def table(model: type[SQLModel]) -> sa.Table:
    """Return the SQLAlchemy table of a table model."""
    return cast(sa.Table, sa.inspect(model).local_table)
