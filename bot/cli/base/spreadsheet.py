"""The only writer of CSV: a spreadsheet must not take what a stranger wrote for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TextIO, TypeVar

from bot.connectors.tables.cells import is_formula

Cell = TypeVar("Cell")


def harmless(value: Cell) -> Cell | str:
    """Return a cell as it is, or with an apostrophe before a text that a spreadsheet would take for a formula."""
    return f"'{value}" if isinstance(value, str) and is_formula(value) else value


def write(out: TextIO, lines: Iterable[Iterable[object]], *, ends: str) -> None:
    """Write lines of cells as CSV, each cell as `harmless` has it. `ends`: what ends a line."""
    csv.writer(out, lineterminator=ends).writerows([[harmless(cell) for cell in cells] for cells in lines])
