"""From the rows of somebody's table of opportunities to which were won and lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.connectors.tables import cells
from bot.connectors.tables.cells import DayOrder, Unclear, narrow
from bot.connectors.tables.columns import Column, Proposal
from bot.connectors.tables.outcomes import Outcome, is_under_way, outcome_of
from bot.connectors.tables.table import Row, Table
from bot.core.mql.deal_file import DealRow, Problem
from storage.vocabulary import DealResult

_RESULTS = {Outcome.WON: DealResult.WON, Outcome.LOST: DealResult.LOST}


@dataclass(frozen=True)
class DealReader:
    """Reads the rows of one table."""

    proposal: Proposal
    zone: ZoneInfo
    order: DayOrder | None

    def read(self, table: Table) -> Iterator[DealRow | Problem | None]:
        """Yield what each row tells: a result, what is wrong with it, or None where the opportunity is under way."""
        for row in table.rows():
            try:
                yield self._row(row)
            except Unclear as unclear:
                yield Problem(row.line, unclear.word, unclear.given)

    def _row(self, row: Row) -> DealRow | None:
        if row.bad:
            raise Unclear("bad_row", "")
        word = self._cell(Column.DEAL, row.cells)
        if is_under_way(word):
            return None
        result = _RESULTS.get(outcome_of(word) or Outcome.OPEN)
        if result is None:
            raise Unclear("outcome", word)
        amount, day = self._cell(Column.AMOUNT, row.cells), self._cell(Column.DEAL_DATE, row.cells)
        return DealRow(
            line=row.line,
            number=narrow(self._cell(Column.NUMBER, row.cells)).removeprefix("#"),
            external_id=cells.identifier(self._cell(Column.EXTERNAL_ID, row.cells)),
            result=result,
            amount=cells.amount(amount) if amount else None,
            on=cells.day(day, self.zone, self.order),
            day=day,
        )

    def _cell(self, column: Column, row: Sequence[str]) -> str:
        return self.proposal.cell(column, row)
