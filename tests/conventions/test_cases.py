"""Each known case of what goes wrong between tools and people has its test (tests/cases.json)."""

from __future__ import annotations

import ast
import json
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
CASES = json.loads((TESTS / "cases.json").read_text("utf-8"))
NUMBERS = {
    "N": (
        "01 03 04 06 07 09 10 12 13 15 16 18 19 21 22 24 25 27 28 30 31 33 34 36 37 39 40 42 43 45 46 48 49 51 52 54 55"
    ),
    "E": "01 03 04 06 07 09 10 12 13",
    "W": "01 03 04 06 07 09 10 12 13 15 16 18 19 21 22",
    "S": "01 03 04 06 07 09 10 12 13 15 16 18",
    "R": "01 03 04 06 07 09 10",
    "I": "01 03 04",
    "B": "01 02 04 05 08",
    "K": "01 03 04 06 07 09 10 12",
    "V": "01 03 04 06 07 09 10 12 13",
    "P": "01 03",
}


@cache
def functions(file: str) -> set[str]:
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    return {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}


@cache
def notices() -> set[str]:
    whole = json.loads((TESTS / "connectors" / "notices" / "developed.json").read_text("utf-8"))
    return {each["id"] for each in whole["notices"]}


@pytest.mark.parametrize("letter", NUMBERS)
def test_each_case_has_a_test_that_is_there(letter: str) -> None:
    for number in NUMBERS[letter].split():
        nodes = CASES[letter + number]["tests"]
        assert nodes, number
        for node in nodes:
            file, _, name = node.partition("::")
            function, _, notice = name.removesuffix("]").partition("[")
            assert function in functions(file), node
            assert not notice or notice in notices(), node


def test_no_case_stands_there_that_nobody_knows() -> None:
    assert set(CASES) == {letter + number for letter, numbers in NUMBERS.items() for number in numbers.split()}
