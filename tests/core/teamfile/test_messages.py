from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.teamfile import export
from storage.database import Database
from tests.core.teamfile.kit import GOOD, bad, good, line_of
from tests.core.teamfile.test_application import TEAM, applied, state

pytestmark = pytest.mark.rules

MESSAGES = "\n[messages]\nper_person_per_day = 8\n"


def test_the_limit_is_twenty_unless_the_file_says_another() -> None:
    assert good(GOOD).daily_messages == 20
    read = good(GOOD + MESSAGES)
    assert read.daily_messages == 8
    assert good(export(read)) == read


@pytest.mark.parametrize(
    ("number", "code"),
    [("0", "greater_than_equal"), ("1001", "less_than_equal"), ('"8"', "wrong_type"), ("8.5", "wrong_type")],
)
def test_what_is_no_limit_is_refused(number: str, code: str) -> None:
    text = GOOD + MESSAGES.replace("8", number)
    (problem,) = bad(text)
    where = line_of(text, "per_person_per_day")
    assert (problem.line, problem.field, problem.code) == (where, "messages.per_person_per_day", code)


def test_marketing_has_four_open_hours_for_the_queue_unless_the_file_says_otherwise(any_database: Database) -> None:
    assert good(GOOD).queue_hours == 4
    read = good(GOOD + "\n[messages]\nqueue_hours = 2\n")
    assert (read.queue_hours, good(export(read))) == (2, read)
    (problem,) = bad(GOOD + "\n[messages]\nqueue_hours = 0\n")
    assert (problem.field, problem.code) == ("messages.queue_hours", "greater_than_equal")
    applied(any_database, TEAM)
    assert applied(any_database, replace(TEAM, queue_hours=2)) == [
        "~ Messages: Hours to deal with what was not read (messages.queue_hours): 4 → 2"
    ]
    assert state(any_database) == replace(TEAM, queue_hours=2)


def test_the_difference_is_shown(any_database: Database) -> None:
    applied(any_database, TEAM)
    assert applied(any_database, replace(TEAM, daily_messages=8)) == [
        "~ Messages: Direct messages per person a day (messages.per_person_per_day): 20 → 8"
    ]
    assert state(any_database) == replace(TEAM, daily_messages=8)
