"""From the rows of somebody's table to marketing's own figures, by week and segment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.connectors.tables import cells
from bot.connectors.tables.cells import DayOrder, Unclear, narrow
from bot.connectors.tables.columns import OF_FIGURES, Column, Proposal
from bot.connectors.tables.table import Row, Table
from bot.core.reports.nurturing_delivery import WeekSupplied, Wrong, begun, segment_named, week_named, week_of_day

COUNTED = OF_FIGURES[2:]
_ISO_WEEK = re.compile(r"[0-9]{4}-?[Ww][0-9]{1,2}")


@dataclass(frozen=True)
class FigureReader:
    """Reads the rows of one table."""

    proposal: Proposal
    zone: ZoneInfo
    order: DayOrder | None
    now: datetime

    def read(self, table: Table) -> Iterator[tuple[Row, WeekSupplied | Unclear]]:
        """Yield what each row tells, or what is wrong with it."""
        seen: set[tuple[str, str]] = set()
        for row in table.rows():
            try:
                week = self._week(row)
                if (week.week, week.segment) in seen:
                    raise Unclear("week_twice", f"{week.week} {week.segment}".strip())
                seen.add((week.week, week.segment))
                yield row, week
            except Wrong as wrong:
                yield row, Unclear(wrong.word, wrong.given)
            except Unclear as unclear:
                yield row, unclear

    def _week(self, row: Row) -> WeekSupplied:
        if row.bad:
            raise Unclear("bad_row", "")
        figures = {
            str(column): _count(cell) for column in COUNTED if (cell := self.proposal.cell(column, row.cells).strip())
        }
        if not figures:
            raise Unclear("no_figure", "")
        segment = segment_named(self.proposal.cell(Column.SEGMENT, row.cells))
        return WeekSupplied(self._when(row.cells), segment, figures)

    def _when(self, row: Sequence[str]) -> str:
        cell = self.proposal.cell(Column.WEEK, row)
        if _ISO_WEEK.fullmatch(text := narrow(cell)):
            return begun(week_named(text), self.now)
        try:
            return week_of_day(cells.day(cell, self.zone, self.order), self.now)
        except Unclear as unclear:
            word = "week" if unclear.word == "date" else unclear.word
            raise Unclear(word, cell) from unclear


def _count(cell: str) -> int:
    try:
        return cells.whole(cell)
    except Unclear as unclear:
        raise Unclear("count", cell) from unclear
