"""The faults are those that the harness promises, and each reason is of a fault that exists."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

from tests.mutants.__main__ import KNOWN
from tests.mutants.mutations import mutations
from tests.mutants.rooms import ROOMS

ALL = [file for room in ROOMS.values() for file in room.files()]


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("a >= b", {"a > b"}),
        ("a == b", {"a != b"}),
        ("a is None", {"a is not None"}),
        ("a and b", {"a or b", "a", "b"}),
        ("not a", {"a"}),
        ("min(a, b)", {"max(a, b)"}),
        ("a - b", {"a + b"}),
        ("7", {"8", "6"}),
        ("True", {"False"}),
        ("a if b else c", {"a if False else c", "a if True else c"}),
        ("[a for a in b if c]", {"[a for a in b if True]"}),
        ("'text'", set()),
    ],
)
def test_each_expression_has_its_faults(source: str, changes: set[str]) -> None:
    texts = {ast.unparse(mutation.tree()) for mutation in mutations(f"x = {source}")}
    assert texts == {f"x = {change}" for change in changes}


def test_a_result_becomes_none_and_a_call_is_left_out() -> None:
    source = 'def f(a):\n    """Say."""\n    g()\n    if a:\n        return a\n    return None\n'
    names = [mutation.name for mutation in mutations(source)]
    assert names == ["f: g() → pass", "f: a → False", "f: a → True", "f: return a → return None"]


def test_a_fault_takes_effect_where_its_line_is_executed() -> None:
    source = "LIMIT = 3\n\n\ndef f(most=4):\n    return (\n        most\n        + 5\n    )\n"
    places = {mutation.name: (mutation.lines, mutation.at_import) for mutation in mutations(source)}
    assert places["module: LIMIT = 3 → LIMIT = 4"] == (range(1, 2), True)
    assert places["f: most + 5 → most - 5"] == (range(5, 8), False)
    assert [at_import for name, (_, at_import) in places.items() if name.startswith("f: 4")] == [True, True]


def test_faults_of_one_name_are_numbered() -> None:
    names = [mutation.name for mutation in mutations("def f():\n    a > b\n    a > b\n")]
    assert names == ["f: a > b → a >= b", "f: a > b → a >= b (no. 2)"]


@pytest.mark.parametrize("file", tomllib.loads(KNOWN.read_text(encoding="utf-8")))
def test_a_survivor_with_a_reason_is_still_there(file: str) -> None:
    assert file in ALL
    reasons = tomllib.loads(KNOWN.read_text(encoding="utf-8"))[file]
    there = {mutation.name for mutation in mutations(Path(file).read_text(encoding="utf-8"))}
    assert set(reasons) <= there
    assert all(len(reason) > 20 for reason in reasons.values())


def test_every_room_has_files_and_tests() -> None:
    for room in ROOMS.values():
        assert room.files()
        assert all(Path(path).exists() for path in room.tests)
