from __future__ import annotations

import pytest

from bot.cli.spreadsheet import harmless


@pytest.mark.parametrize(
    "text", ["=1+1", "+81", "-1", "@cmd", "＝1+1", "＋81", "－1", "＠cmd", "\t=1", "\r=1", " =1", "　＝1"]
)
def test_what_a_spreadsheet_would_take_for_a_formula_is_a_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["Acme", "株式会社青空", "a=b", "", "1-2", -1, -1.5, None])
def test_any_other_cell_stays_as_it_is(cell: object) -> None:
    assert harmless(cell) is cell
