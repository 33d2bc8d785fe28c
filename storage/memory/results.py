"""What a statement on rows in memory comes to: as much of SQLAlchemy's result as storage asks of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from storage.memory.tables import Row, Table


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

    __slots__ = ("_keys", "_rows", "_values", "_whole", "rowcount")

    def __init__(
        self, keys: tuple[str, ...], rows: Sequence[Row], rowcount: int = -1, whole: Table | None = None
    ) -> None:
        """`whole`: the table whose rows these are, with every column."""
        self._keys, self._rows, self.rowcount, self._whole = keys, rows, rowcount, whole
        self._values: list[Any] | None = None

    def keys(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return self._keys

    def fetchall(self) -> list[Row]:
        """Return the rows."""
        made = _named(self._keys)
        return [made(row) for row in self._rows]

    all = fetchall

    def values(self, kind: type[Any], make: Callable[[type[Any], dict[str, Any]], Any]) -> list[Any]:
        """Return what `make` makes of the values of each row by name."""
        if not self._values or type(self._values[0]) is not kind:
            whole = self._whole
            if whole is None:
                self._values = [make(kind, dict(zip(self._keys, row, strict=True))) for row in self._rows]
            else:
                self._values = [whole.value(row, kind, make) for row in self._rows]
        return self._values.copy()

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
