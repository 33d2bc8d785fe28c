"""From the rows of somebody's table to marketing's own figures, by week and segment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.connectors.tables import cells
from bot.connectors.tables.cells import DayOrder, Unclear, narrow
from bot.connectors.tables.columns import OF_FIGURES, Column, Proposal
from bot.connectors.tables.table import Row, Table
from bot.core.reports.nurturing_delivery import WeekSupplied, Wrong, begun, segment_named, week_named, week_of_day

COUNTED = OF_FIGURES[2:]
_ISO_WEEK = re.compile(r"[0-9]{4}-?[Ww][0-9]{1,2}")


@dataclass
class FiguresRead:
    """What a table comes to."""

    weeks: dict[tuple[str, str], WeekSupplied] = field(default_factory=dict)
    """By week and segment."""
    problems: list[tuple[int, Unclear]] = field(default_factory=list)
    """The lines that are wrong, and why."""
    added_up: int = 0
    """Rows of days that were added to an earlier one of their week."""


@dataclass(frozen=True)
class FigureReader:
    """Reads the rows of one table."""

    proposal: Proposal
    zone: ZoneInfo
    order: DayOrder | None
    now: datetime

    def read(self, table: Table) -> FiguresRead:
        """Return the figures of each week and segment, and what is wrong. Rows that name days, such as one for each
        mail, are added up; a row that names a week is that of the whole week, and there is one."""
        read, whole, rows = FiguresRead(), set[tuple[str, str]](), set[tuple[str, ...]]()
        for row in table.rows():
            try:
                week = self._week(row)
                key = (week.week, week.segment)
                names_week = bool(_ISO_WEEK.fullmatch(narrow(self.proposal.cell(Column.WEEK, row.cells))))
                # The very same row once more is a copy: two mails of a day differ in something.
                if row.cells in rows or key in whole or (names_week and key in read.weeks):
                    raise Unclear("week_twice", f"{week.week} {week.segment}".strip())
                rows.add(row.cells)
                whole.update([key] if names_week else [])
                before = read.weeks.get(key)
                read.added_up += before is not None
                read.weeks[key] = _sum(before, week) if before else week
            except Wrong as wrong:
                read.problems.append((row.line, Unclear(wrong.word, wrong.given)))
            except Unclear as unclear:
                read.problems.append((row.line, unclear))
        return read

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


def _sum(first: WeekSupplied, second: WeekSupplied) -> WeekSupplied:
    """Return the figures of both; one that neither names stays unnamed."""
    names = {**first.figures, **second.figures}
    figures = {name: (first.figures.get(name) or 0) + (second.figures.get(name) or 0) for name in names}
    return WeekSupplied(first.week, first.segment, figures)


def _count(cell: str) -> int:
    try:
        return cells.whole(cell)
    except Unclear as unclear:
        raise Unclear("count", cell) from unclear
