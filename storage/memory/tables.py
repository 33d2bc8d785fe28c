"""Rows in memory, with the indexes that the statements ask for."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.assignments import ConsideredMembers

Row = tuple[Any, ...]
Key = Any
"""Of a row: the value of its primary key, or several."""


class Table:
    """The rows of one table, each a tuple of its columns. An index is made when a statement first asks for it."""

    def __init__(self, table: sa.Table) -> None:
        self.of = table
        self.rows: dict[Key, Row] = {}
        self.place = {column.name: at for at, column in enumerate(table.columns)}
        self.stored = [_stored(column.type) for column in table.columns]
        key = [self.place[column.name] for column in table.primary_key]
        self._key_of = itemgetter(*key)
        self._id_at = key[0] if [column.name for column in table.primary_key] == ["id"] else None
        self._values: dict[Key, tuple[Row, Any]] = {}
        self._hashed: dict[int, dict[Any, dict[Key, None]]] = {}
        self._sorted: dict[int, list[tuple[Any, Key]]] = {}
        self._unique: list[tuple[Callable[[Row], Row], dict[Row, Key]]] = [
            (taking(places), {}) for places in _unique(table, self.place)
        ]
        self._empty, self._made = _defaults(table)
        self.written = 0
        """How often something was."""
        self._last_id: int | None = None

    def holding(self, at: int, value: Any) -> dict[Key, None]:
        """Return the keys of the rows with this value in a column; the column is at a place."""
        index = self._hashed.get(at)
        if index is None:
            index = self._hashed[at] = {}
            for key, row in self.rows.items():
                index.setdefault(row[at], {})[key] = None
        return index.get(value, _NONE)

    def between(self, at: int, low: tuple[Any, bool] | None, high: tuple[Any, bool] | None) -> tuple[int, int]:
        """Return from where to where `in_order` has the rows whose column at a place lies between two values, each with
        whether it is itself among them; None: no limit."""
        index = self.in_order(at)
        first, last = 0, len(index)
        if low is not None:
            first = (bisect_left if low[1] else bisect_right)(index, low[0], key=_value)
        if high is not None:
            last = (bisect_right if high[1] else bisect_left)(index, high[0], key=_value)
        return first, max(first, last)

    def in_order(self, at: int) -> list[tuple[Any, Key]]:
        """Return the values of a column that are not null, in their order, each with the key of its row."""
        index = self._sorted.get(at)
        if index is None:
            index = self._sorted[at] = sorted((row[at], key) for key, row in self.rows.items() if row[at] is not None)
        return index

    def new(self, values: Mapping[str, Any]) -> Row:
        """Return a row with these values, and in every other column what a new row has there."""
        row, stored, place = self._empty.copy(), self.stored, self.place
        for at, make in self._made:
            row[at] = make()
        for name, value in values.items():
            at = place[name]
            store = stored[at]
            row[at] = value if store is None else store(value)
        if self._id_at is not None and row[self._id_at] is None:
            row[self._id_at] = 1 if self._last_id is None else self._last_id + 1
        return tuple(row)

    def add(self, row: Row) -> bool:
        """Add a row. False, and nothing is added, where a key of it is there already."""
        key = self._key_of(row)
        unique = [(index, places(row)) for places, index in self._unique]
        if key in self.rows or any([its in index and None not in its for index, its in unique]):
            return False
        self.written += 1
        self.rows[key] = row
        if self._id_at is not None:
            self._last_id = key if self._last_id is None else max(self._last_id, key)
        for index, its in unique:
            index[its] = key
        for at, hashed in self._hashed.items():
            hashed.setdefault(row[at], {})[key] = None
        for at, ordered in self._sorted.items():
            if row[at] is not None:
                insort(ordered, (row[at], key))
        return True

    def replace(self, before: Row, row: Row, changed: Iterable[int]) -> Row:
        """Let another row stand in the place of one, with the same primary key, and return it. `changed`: the places
        where they may differ."""
        key = self._key_of(before)
        self.written += 1
        self.rows[key] = row
        for at in changed:
            value = row[at]
            if value is before[at]:
                continue
            if (hashed := self._hashed.get(at)) is not None:
                del hashed[before[at]][key]
                hashed.setdefault(value, {})[key] = None
            if (ordered := self._sorted.get(at)) is not None:
                _move(ordered, before[at], value, key)
        for places, index in self._unique:
            if (its := places(row)) != places(before):
                index.pop(places(before), None)
                index[its] = key
        return row

    def remove(self, row: Row) -> None:
        """Take a row out."""
        key = self._key_of(row)
        self.written += 1
        del self.rows[key]
        for at, hashed in self._hashed.items():
            del hashed[row[at]][key]
        for at, ordered in self._sorted.items():
            _move(ordered, row[at], None, key)
        for places, index in self._unique:
            index.pop(places(row), None)

    def value(self, row: Row, kind: type[Any], make: Callable[[type[Any], dict[str, Any]], Any]) -> Any:
        """Return what `make` makes of a row's values by name, once for each row: nobody changes it."""
        key = self._key_of(row)
        known = self._values.get(key)
        if known is None or known[0] is not row or type(known[1]) is not kind:
            known = self._values[key] = row, make(kind, dict(zip(self.place, row, strict=True)))
        return known[1]


def taking(places: Sequence[Any]) -> Callable[[Any], Row]:
    """Return the function that takes the values at some places, or of some names, also of one, as a tuple."""
    take = itemgetter(*places)
    return take if len(places) > 1 else lambda row: (take(row),)


def _move(ordered: list[tuple[Any, Key]], before: Any, after: Any, key: Key) -> None:
    """Put a key where its new value belongs; null belongs nowhere."""
    if before is not None:
        del ordered[bisect_left(ordered, (before, key))]
    if after is not None:
        insort(ordered, (after, key))


_NONE: dict[Key, None] = {}


def _value(entry: tuple[Any, Key]) -> Any:
    return entry[0]


def _unique(table: sa.Table, place: Mapping[str, int]) -> list[tuple[int, ...]]:
    """Return the places of the columns of each unique key, but for the primary one and for those of only some rows."""
    constraints = [known.columns for known in table.constraints if isinstance(known, sa.UniqueConstraint)]
    indexes = [
        index.columns for index in table.indexes if index.unique and index.dialect_options["sqlite"]["where"] is None
    ]
    return [tuple(place[column.name] for column in columns) for columns in (*constraints, *indexes)]


def _defaults(table: sa.Table) -> tuple[list[Any], list[tuple[int, Callable[[], Any]]]]:
    """Return what stands in a new row, and what is made for each."""
    row: list[Any] = [None] * len(table.columns)
    made: list[tuple[int, Callable[[], Any]]] = []
    for at, column in enumerate(table.columns):
        default, server = column.default, column.server_default
        if isinstance(default, sa.ColumnDefault) and default.is_callable:
            made.append((at, lambda default=default: default.arg(None)))  # type: ignore[misc]
        elif isinstance(default, sa.ColumnDefault):
            row[at] = default.arg
        elif isinstance(server, sa.DefaultClause):
            row[at] = _written(column, server)
    return row, made


def _written(column: sa.Column[Any], server: sa.DefaultClause) -> Any:
    """Return the value that the text of a default means."""
    text = server.arg if isinstance(server.arg, str) else str(server.arg).strip("'")
    if isinstance(column.type, sa.Boolean):
        return text in ("true", "1")
    if isinstance(column.type, sa.Integer):
        return int(text)
    return json.loads(text) if isinstance(column.type, sa.JSON) else text


def _stored(kind: Any) -> Callable[[Any], Any] | None:
    """Return what a database makes of a value of a type, by the time it is read again; None: the same."""
    if isinstance(kind, UTCDateTime | sa.DateTime):
        return _moment
    if isinstance(kind, sa.Enum) and kind.enum_class is not None:
        words: Any = kind.enum_class
        return lambda value: value if value is None or type(value) is words else words(value)
    if isinstance(kind, ConsideredMembers):
        return lambda value: tuple(value or ())
    if isinstance(kind, sa.JSON):
        return _json
    if isinstance(kind, sa.String):
        return lambda value: value if value is None or type(value) is str else str.__str__(value)
    return None


def _moment(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is UTC:
        return value
    if value.utcoffset() is None:
        raise ValueError("a moment without a timezone")
    return value.astimezone(UTC)


def _json(value: Any) -> Any:
    if value is None:
        return None
    if type(value) is dict and _PLAIN.issuperset(map(type, value.values())):
        return value.copy()
    return json.loads(json.dumps(value)) if value else type(value)()


_PLAIN = {str, int, float, bool, type(None)}
