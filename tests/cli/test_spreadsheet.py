from __future__ import annotations

import ast
import io
from pathlib import Path

import pytest

import bot
from bot.cli.base import spreadsheet
from bot.cli.base.spreadsheet import harmless


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+81", "-1", "@cmd", "＝1+1", "＋81", "－1", "＠cmd", "\t=1", "\r=1", " =1", "　＝1"),
        *("\u00a0=1", "\ufeff+81", "\u200b@cmd", "\x00-1", "﹦1", "﹢81", "﹣1", "﹫cmd", "⁼1"),
    ],
)
def test_what_a_spreadsheet_would_take_for_a_formula_is_a_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["Acme", "株式会社青空", "a=b", "", "1-2", -1, -1.5, None])
def test_any_other_cell_stays_as_it_is(cell: object) -> None:
    assert harmless(cell) is cell


def test_every_cell_is_written_harmless() -> None:
    out = io.StringIO()
    spreadsheet.write(out, [["＝name", "n"], ["=1+1", -1], [None, "ok"]], ends="\n")
    assert out.getvalue() == "'＝name,n\n'=1+1,-1\n,ok\n"


def test_nothing_else_writes_csv() -> None:
    """`csv` is imported by the writer, and by what reads tables: files, and rows in a message."""
    importing = set()
    for file in Path(bot.__file__).parent.rglob("*.py"):
        nodes = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Import)]
        if any(alias.name == "csv" for node in nodes for alias in node.names):
            importing.add(file.name)
    assert importing == {"rows.py", "spreadsheet.py", "table.py"}
