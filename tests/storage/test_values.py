"""A value is what a frozen dataclass of the library is, but for its guard at run time (storage/values.py)."""

from __future__ import annotations

import dataclasses
from dataclasses import field, replace

import pytest

from storage.patterns import regex
from storage.values import dataclass


@dataclass(frozen=True)
class Step:
    """A step."""

    hours: int
    to: str = "manager"
    seen: list[str] = field(default_factory=list, compare=False, repr=False)


@dataclass(frozen=True)
class Repeated(Step):
    times: int = 2

    def __repr__(self) -> str:
        return "again"


@dataclass(frozen=True, eq=False)
class Single:
    name: str


def test_values_with_the_same_fields_are_equal_and_found_in_a_set() -> None:
    assert Step(24) == Step(24, seen=["sato"])
    assert {Step(24): "told"}[Step(24)] == "told"
    assert Step(24) != Step(48)


def test_a_value_of_another_class_is_another_value() -> None:
    assert Step(24) != Repeated(24)


def test_a_value_shows_its_fields_unless_its_class_words_it() -> None:
    assert repr(Step(24)) == "Step(hours=24, to='manager')"
    assert repr(Repeated(24)) == "again"


def test_a_value_is_a_dataclass_for_the_library() -> None:
    assert replace(Repeated(24), times=3) == Repeated(24, times=3)
    assert dataclasses.asdict(Step(24)) == {"hours": 24, "to": "manager", "seen": []}
    assert [each.name for each in dataclasses.fields(Repeated)] == ["hours", "to", "seen", "times"]


def test_a_value_whose_fields_have_no_hash_has_none() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Step([]))  # type: ignore[arg-type]


def test_without_comparison_a_value_equals_itself_alone() -> None:
    single = Single("acme")
    assert single == single
    assert single != Single("acme")


def test_a_late_pattern_answers_as_the_compiled_one() -> None:
    late = regex(r"(?P<word>[a-z]+)")
    assert late.fullmatch("Acme") is None
    assert [match["word"] for match in late.finditer("to Acme")] == ["to", "cme"]
    assert late.sub("-", "a b") == "- -"
    assert late.pattern == r"(?P<word>[a-z]+)"


def test_what_no_pattern_has_a_late_one_lacks() -> None:
    with pytest.raises(AttributeError, match="matches"):
        regex("a").matches  # type: ignore[attr-defined]  # noqa: B018
