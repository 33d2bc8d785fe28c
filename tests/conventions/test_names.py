"""A name says what a value is: an event, a row, a text. Words that stood for anything are not used again."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

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


def names(tree: ast.AST) -> Iterator[str]:
    """Yield the parameters and local values of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name):
            yield node.id


@pytest.mark.parametrize("package", PACKAGES)
def test_no_value_bears_a_name_that_says_nothing(package: str) -> None:
    files = {file.relative_to(ROOT).as_posix(): file for file in (ROOT / package).rglob("*.py")}
    used = {name: SAYS_NOTHING & set(names(ast.parse(file.read_text("utf-8")))) for name, file in files.items()}
    assert {name: words for name, words in used.items() if words - KEPT.get(name, set())} == {}


def test_what_is_kept_is_there() -> None:
    for name, words in KEPT.items():
        assert words <= set(names(ast.parse((ROOT / name).read_text("utf-8")))), name
