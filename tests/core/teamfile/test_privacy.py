"""How long closed MQLs name their person: said in the team file, shown before it begins."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cli.teamfile import config_words
from bot.core import teamfile
from bot.core.mql.feedback import Answer
from bot.core.teamfile import TeamFile, export
from bot.i18n import Translator
from storage.database import Database
from storage.vocabulary import Disposition, Locale, Status
from tests.core.kit import accept_and_report
from tests.core.teamfile.kit import GOOD, bad, good, line_of
from tests.core.teamfile.test_application import NOW, TEAM, applied, receives, state

pytestmark = pytest.mark.rules

PRIVACY = "\n[privacy]\nerase_after_days = 365\n"
KEPT_A_YEAR = replace(TEAM, erase_after_days=365)


def previewed(database: Database, wanted: TeamFile, locale: Locale) -> list[str]:
    with database.snapshot() as tx:
        changes = teamfile.preview(tx, wanted, NOW).changes
    return [config_words.change(Translator(locale, "UTC"), change) for change in changes]


def test_nothing_is_erased_unless_the_file_says_so() -> None:
    assert good(GOOD).erase_after_days is None
    assert "[privacy]" not in export(good(GOOD))
    read = good(GOOD + PRIVACY)
    assert read.erase_after_days == 365
    assert good(export(read)) == read


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("0", "greater_than_equal"),
        ("-1", "greater_than_equal"),
        ("3651", "less_than_equal"),
        ('"365"', "wrong_type"),
        ("0.5", "wrong_type"),
        ("true", "wrong_type"),
    ],
)
def test_a_time_that_cannot_be_meant_is_refused(written: str, code: str) -> None:
    text = GOOD + PRIVACY.replace("365", written)
    (problem,) = bad(text)
    assert (problem.line, problem.field, problem.code) == (
        line_of(text, "erase_after_days"),
        "privacy.erase_after_days",
        code,
    )


def test_a_word_that_is_misspelled_is_not_passed_over() -> None:
    (problem,) = bad(GOOD + PRIVACY.replace("erase_after_days", "erase_after_day"))
    assert (problem.code, problem.values["meant"]) == ("unknown_key", "erase_after_days")


def test_how_many_it_would_erase_is_shown_before(any_database: Database) -> None:
    applied(any_database, TEAM, NOW - timedelta(days=500))
    for days in (400, 370, 300):
        with any_database.transaction() as tx:
            subject = receives(tx, f"Company {days}")
            answer = Answer(disposition=Disposition.QUALIFIED)
            accept_and_report(tx, "T1", subject.id, subject.owner or "", answer, NOW - timedelta(days=days))
            assert subject.status != Status.QUALIFIED
    assert previewed(any_database, TEAM, Locale.EN) == []
    shown = previewed(any_database, KEPT_A_YEAR, Locale.EN)
    assert shown[0] == "~ Privacy: Days until erasure (privacy.erase_after_days): – → 365"
    assert "2 MQLs" in shown[1]
    assert "2件" in previewed(any_database, KEPT_A_YEAR, Locale.JA)[1]

    applied(any_database, KEPT_A_YEAR)
    assert state(any_database) == KEPT_A_YEAR
    assert previewed(any_database, KEPT_A_YEAR, Locale.EN) == []
    assert previewed(any_database, TEAM, Locale.EN) == [
        "~ Privacy: Days until erasure (privacy.erase_after_days): 365 → –"
    ]
    applied(any_database, TEAM)
    assert state(any_database) == TEAM
