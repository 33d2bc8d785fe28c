"""The columns of CSV and JSON, derived from what the fields of a report declare."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, get_args

from bot.cli.base import spreadsheet
from bot.core.base.figure import declared
from bot.core.base.statistics import Estimate

Cell = str | int | float | None
Row = dict[str, Cell]
NO_GOALS: Mapping[str, float] = MappingProxyType({})
# Without it Excel takes Japanese for another encoding.
BYTE_ORDER_MARK = "\ufeff"


def columns(report: Any) -> Row:
    """Return the figures of a report by the names of their columns; None where there is not enough data. Durations are
    in seconds."""
    row: Row = {}
    for figure in declared(type(report)):
        if figure.column is not None:
            row |= _cells(figure.column, figure.hint, getattr(report, figure.field))
    return row


def figure_rows(report: Any, before: Any = None, goals: Mapping[str, float] = NO_GOALS) -> Iterator[Row]:
    """Yield a row for each figure of a report, with what it is a part of, the same of the week before, and its
    goal."""
    for figure in declared(type(report)):
        if figure.column is None:
            continue
        sides = {"value": report} | ({"week_before": before} if before is not None else {})
        cells = {side: _cells(figure.column, figure.hint, getattr(of, figure.field)) for side, of in sides.items()}
        whole = figure.figure.of
        for column in cells["value"]:
            row: Row = {"kind": "figure", "name": column.removesuffix("_count")}
            row |= {side: values[column] for side, values in cells.items()}
            if whole and column == next(iter(cells["value"])):
                names = {"value": "of", "week_before": "week_before_of"}
                row |= {names[side]: getattr(of, whole) for side, of in sides.items()}
            yield row | ({"goal": goals.get(figure.figure.goal, "")} if figure.figure.goal else {})


def _cells(column: str, hint: Any, value: Any) -> Row:
    kinds = get_args(hint) or (hint,)
    if Estimate in kinds:
        parts = (value.value, value.interval.low, value.interval.high) if value else (None, None, None)
        return dict(zip((column, f"{column}_low", f"{column}_high"), parts, strict=True))
    if timedelta in kinds:
        return {f"{column}_s": value.total_seconds() if value is not None else None}
    if is_dataclass(value):
        return {f"{column}_{name}": cell for name, cell in columns(value).items()}
    return {column: value}


def write(rows: Sequence[Row], header: Sequence[str] = ()) -> None:
    """Print rows as CSV: the columns of the header, then what other columns the rows have."""
    names = list(dict.fromkeys([*header, *(name for row in rows for name in row)]))
    sys.stdout.write(BYTE_ORDER_MARK)
    lines = ([row.get(name) for name in names] for row in rows)
    spreadsheet.write(sys.stdout, [names, *lines], ends="\n")
