"""Count and rank the time between two columns in the database, because a month has tens of thousands of rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class Took(NamedTuple):
    """The count of some durations, with their nearest-rank percentiles."""

    many: int
    median: timedelta | None
    p90: timedelta | None


def took(tx: sa.Connection, times: sa.Select[Any]) -> Took:
    """Return the count and percentiles of a query whose only column, "time", is in microseconds."""
    each = times.subquery()
    place = sa.func.row_number().over(order_by=each.c.time).label("place")
    ranked = sa.select(each.c.time, place, sa.func.count().over().label("many")).subquery()
    middle, late = (ranked.c.many + 1) // 2, (9 * ranked.c.many + 9) // 10
    query = sa.select(ranked).where(sa.or_(ranked.c.place == middle, ranked.c.place == late))
    ranks = [(many, timedelta(microseconds=time)) for time, _, many in tx.execute(query.order_by(ranked.c.place))]
    return Took(ranks[0][0], ranks[0][1], ranks[-1][1]) if ranks else Took(0, None, None)


class elapsed(FunctionElement[int]):  # noqa: N801, as functions of the database are named
    """Return the microseconds from one moment to another; negative if the second is earlier."""

    inherit_cache = True
    type = sa.BigInteger()

    def __init__(self, start: sa.ColumnElement[datetime], end: sa.ColumnElement[datetime | None]) -> None:
        super().__init__(start, end)


@compiles(elapsed, "sqlite")
def _of_texts(element: elapsed, compiler: SQLCompiler, **words: Any) -> str:
    start, end = (compiler.process(column, **words) for column in element.clauses)
    return f"({_microseconds(end)} - {_microseconds(start)})"


def _microseconds(text: str) -> str:
    # Whole seconds and what follows them apart: SQLite itself rounds to milliseconds.
    return f"(strftime('%s', substr({text}, 1, 19)) * 1000000 + CAST(substr({text}, 21) AS INTEGER))"


@compiles(elapsed, "postgresql")
def _of_moments(element: elapsed, compiler: SQLCompiler, **words: Any) -> str:
    start, end = (compiler.process(column, **words) for column in element.clauses)
    return f"CAST(EXTRACT(EPOCH FROM {end} - {start}) * 1000000 AS BIGINT)"
