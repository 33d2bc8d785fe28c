"""What both sides promise for a week, and who gets their own: said in the team file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core import teamfile
from bot.core.agreement.goals import Goals, reached
from bot.core.teamfile import export
from storage.database import Database
from tests.core.teamfile.kit import GOOD, bad, good, line_of
from tests.core.teamfile.test_application import NOW, TEAM

GOALS = "\n[goals]\nanswered_in_time = 90\nmedian_response_hours = 7.5\n"


def test_without_goals_nobody_is_measured() -> None:
    assert good(GOOD).goals == Goals()
    assert "[goals]" not in export(good(GOOD))


def test_goals_are_read_written_stored_and_shown_as_a_change(database: Database) -> None:
    read = good(GOOD + GOALS)
    assert read.goals == Goals(answered_in_time=90, median_response_hours=7.5)
    assert good(export(read)) == read
    wanted = replace(TEAM, goals=read.goals, digest_personal=False)
    with database.transaction() as tx:
        teamfile.apply(tx, TEAM, NOW)
        changes = [dict(change.values) for change in teamfile.preview(tx, wanted, NOW).changes]
        teamfile.apply(tx, wanted, NOW)
        assert teamfile.current(tx, TEAM.workspace_id) == wanted
    assert changes == [
        {"field": "digest_personal", "before": "true", "after": "false"},
        {"field": "goals", "before": "–", "after": "answered_in_time 90 median_response_hours 7.5"},
    ]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("answered_in_time = 0", "greater_than_equal"),
        ("answered_in_time = 101", "less_than_equal"),
        ('answered_in_time = "90"', "wrong_type"),
        ("answered_in_time = 89.5", "wrong_type"),
        ("median_response_hours = 0", "greater_than"),
        ("disqualified = -1", "greater_than_equal"),
        ("answered_in_tyme = 90", "unknown_key"),
    ],
)
def test_a_goal_that_cannot_be_meant_is_refused_by_line(written: str, code: str) -> None:
    text = f"{GOOD}\n[goals]\n{written}\n"
    (problem,) = bad(text)
    assert (problem.line, problem.code) == (line_of(text, written), code)


@pytest.mark.parametrize(
    ("part", "whole", "goal", "at_most", "kept"),
    [(9, 10, 90, False, True), (8, 9, 90, False, False), (4, 10, 40, True, True), (5, 12, 40, True, False)],
)
def test_a_goal_is_kept_to_the_last_mql(part: int, whole: int, goal: int, at_most: bool, kept: bool) -> None:
    assert reached(part, whole, goal, at_most=at_most) is kept
    assert reached(part, whole, None) is None
    assert reached(0, 0, goal) is None
