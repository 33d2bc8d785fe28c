"""A name says what a value is: an event, a row, a text. Words that stood for anything are not used again. And no
function is long."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "storage", "playground", "bench")
SAYS_NOTHING = {"told", "said", "found", "one"}
# What these columns, and the function that reads a single row, are called outside.
KEPT = {
    "bot/connectors/notification.py": {"found"},
    "storage/alerts.py": {"told"},
    "storage/models/alerts.py": {"told"},
    "storage/rows.py": {"one"},
}

LONGEST = 50
MIGRATIONS = "storage/migrations/versions/"  # never edited again


class Module(NamedTuple):
    """What of a module is looked at."""

    values: set[str]
    """The names of its parameters and local values."""
    long: set[str]
    """Its functions of more than LONGEST lines."""


@cache
def modules(package: str) -> dict[str, Module]:
    files = {file.relative_to(ROOT).as_posix(): file for file in (ROOT / package).rglob("*.py")}
    return {name: module(ast.parse(file.read_text("utf-8"))) for name, file in files.items()}


def module(tree: ast.AST) -> Module:
    values, long = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            values.add(node.arg)
        elif isinstance(node, ast.Name):
            values.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and lines(node) > LONGEST:
            long.add(node.name)
    return Module(values, long)


def lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_no_value_bears_a_name_that_says_nothing(package: str) -> None:
    used = {name: SAYS_NOTHING & module.values for name, module in modules(package).items()}
    assert {name: words for name, words in used.items() if words - KEPT.get(name, set())} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_function_is_longer_than_fifty_lines(package: str) -> None:
    long = {name: module.long for name, module in modules(package).items() if not name.startswith(MIGRATIONS)}
    assert {name: functions for name, functions in long.items() if functions} == {}


def test_what_is_kept_is_there() -> None:
    for name, words in KEPT.items():
        assert words <= modules(name.split("/")[0])[name].values, name
