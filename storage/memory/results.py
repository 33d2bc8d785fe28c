"""What a statement on rows in memory comes to: as much of SQLAlchemy's result as storage asks of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

Row = tuple[Any, ...]


@cache
def _named(keys: tuple[str, ...]) -> type[Row]:
    """Return the type of rows whose values go by name, too."""
    names = {key: property(itemgetter(at)) for at, key in enumerate(keys)}
    return type("Row", (tuple,), {"__slots__": (), **names})


class Scalars:
    """The first value of each row."""

    def __init__(self, values: list[Any]) -> None:
        self._values = values

    def all(self) -> list[Any]:
        """Return all of them."""
        return self._values

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)


class Result:
    """The rows that a statement has returned."""

    def __init__(self, keys: Sequence[str], rows: Sequence[Row], rowcount: int = -1) -> None:
        self._keys, self._rows, self.rowcount = tuple(keys), rows, rowcount

    def keys(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return self._keys

    def fetchall(self) -> list[Row]:
        """Return the rows."""
        made = _named(self._keys)
        return [made(row) for row in self._rows]

    all = fetchall

    def plain(self) -> Sequence[Row]:
        """Return the rows without the names of their values."""
        return self._rows

    def __iter__(self) -> Iterator[Row]:
        return iter(self.fetchall())

    def first(self) -> Row | None:
        """Return the first row, if there is one."""
        return _named(self._keys)(self._rows[0]) if self._rows else None

    def one_or_none(self) -> Row | None:
        """Return the only row, if there is one."""
        if len(self._rows) > 1:
            raise sa.exc.MultipleResultsFound
        return self.first()

    def one(self) -> Row:
        """Return the only row."""
        row = self.one_or_none()
        if row is None:
            raise sa.exc.NoResultFound
        return row

    def scalar(self) -> Any:
        """Return the first value of the first row, if there is one."""
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        """Return the first value of the only row."""
        return self.one()[0]

    def scalars(self) -> Scalars:
        """Return the first value of each row."""
        return Scalars([row[0] for row in self._rows])
