"""What must be known of a whole table before its first row is read: how long it is, in which order its days are
written, and whom it names as owners."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from bot.connectors.tables.cells import DayOrder, needs_order, order_told
from bot.connectors.tables.columns import DATES, Column, Proposal
from bot.connectors.tables.table import Table

MOST_OWNERS = 1_000


class MixedOrders(ValueError):
    """Some days of the table can only be written month first, others only day first."""


class UnknownOrder(ValueError):
    """The days of the table may be written month first or day first, and nothing in it says which."""


@dataclass
class Survey:
    """What a table says as a whole."""

    rows: int = 0
    orders: dict[DayOrder, str] = field(default_factory=dict)
    """Which orders its days are in, each with a day that can only be written so."""
    unclear: str = ""
    """A day that may be two."""
    owners: Counter[str] = field(default_factory=Counter)

    def order(self, given: DayOrder | None = None) -> DayOrder | None:
        """Return in which order its days are written; None where none of them ends in its year. `given`: what a person
        says. Raises MixedOrders and UnknownOrder."""
        if given is not None:
            return given
        if len(self.orders) > 1:
            raise MixedOrders(*self.orders.values())
        if not self.orders and self.unclear:
            raise UnknownOrder(self.unclear)
        return next(iter(self.orders), None)


def survey(table: Table, proposal: Proposal) -> Survey:
    """Return what a table says as a whole, after reading all of it."""
    whole = Survey()
    for row in table.rows():
        whole.rows += 1
        if row.bad:
            continue
        for column in DATES:
            for cell in proposal.cells(column, row.cells):
                _note(whole, cell)
        owner = proposal.cell(Column.OWNER, row.cells)
        if owner and (owner in whole.owners or len(whole.owners) < MOST_OWNERS):
            whole.owners[owner] += 1
    return whole


def _note(whole: Survey, cell: str) -> None:
    if order := order_told(cell):
        whole.orders.setdefault(order, cell)
    elif not whole.unclear and needs_order(cell):
        whole.unclear = cell
