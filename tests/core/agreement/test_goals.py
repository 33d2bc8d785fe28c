from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.core.agreement.goals import NO_GOALS, Goals, reached


@pytest.mark.parametrize(
    ("part", "whole", "percent", "at_least", "at_most"),
    [
        (9, 10, 90, True, True),
        (899, 1000, 90, False, True),
        (901, 1000, 90, True, False),
        (0, 10, 0, True, True),
        (10, 10, 100, True, True),
        (1, 3, 33, True, False),
        (1, 3, 34, False, True),
    ],
)
def test_a_share_keeps_to_a_goal_also_where_it_just_reaches_it(
    part: int, whole: int, percent: int, at_least: bool, at_most: bool
) -> None:
    assert reached(part, whole, percent) is at_least
    assert reached(part, whole, percent, at_most=True) is at_most


def test_without_a_goal_or_anything_to_divide_by_nothing_is_said() -> None:
    assert reached(1, 2, None) is None
    assert reached(0, 0, 90) is None
    assert reached(0, 0, 90, at_most=True) is None


HOURS = "median_response_hours"


def test_only_what_was_agreed_is_stored() -> None:
    assert NO_GOALS.agreed == {}
    for name in Goals.model_fields:
        goals = Goals.of({name: 50})
        assert goals.agreed == {name: 50}
        assert Goals.of(goals.agreed) == goals


@pytest.mark.parametrize("name", Goals.model_fields)
def test_a_goal_lies_in_its_range(name: str) -> None:
    least, most = (0.001, 10_000.0) if name == HOURS else (1, 100)
    assert [Goals.of({name: value}).agreed[name] for value in (least, most)] == [least, most]
    for wrong in (0, most + 1):
        with pytest.raises(ValidationError):
            Goals.of({name: wrong})
