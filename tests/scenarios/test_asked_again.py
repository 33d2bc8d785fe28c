"""The rep is asked once more when they likely know: after a meeting, after the day to come back to a lead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.i18n import Translator
from storage.database import Database
from storage.vocabulary import EventType, Locale, Status
from tests.scenarios.stage import Team


@pytest.fixture
def t(locale: Locale) -> Translator:
    return Translator(locale, "Asia/Tokyo")


@pytest.fixture
def team(database: Database, locale: Locale) -> Iterator[Team]:
    """#1 is Sato's, who met the lead on Tuesday."""
    team = Team(database, locale)
    team.receives("Acme", person="Jane Doe")
    team.user("sato").press("mql_accept", in_=team.dm("sato"))
    assert team.reports_activity("meeting", number=1).status == 202
    team.dm("sato").unread()
    yield team
    team.close()


def test_after_a_meeting_the_rep_is_asked_and_answers_there(team: Team, t: Translator) -> None:
    team.at(weekday=2, hour=9)
    team.dm("sato").expect_nothing()
    team.at(weekday=2, hour=10)
    (question,) = team.dm("sato").unread()
    for words in ("Jane Doe", t("asking.report")):
        assert words in question.text
    team.user("sato").press(t("button.report"), in_=question)
    team.user("sato").modal.fill({"disposition": "qualified"})
    assert team.user("sato").modal.submit().errors == {}
    assert team.mql(1).status == Status.QUALIFIED
    assert t("outcome.disposed", result=t("status.qualified")) in question.text
    assert t("button.report") not in question.buttons
    team.user("tanaka").types("/mql show 1", channel="sales")
    rep = team.slack.user("sato").real_name
    assert t("note.asked.meeting", rep=rep) in team.user("tanaka").modal.text


@pytest.mark.thorough
def test_after_the_day_to_come_back_the_rep_may_correct_the_outcome(team: Team, t: Translator) -> None:
    sato = team.user("sato")
    sato.types("/mql-feedback 1", channel="sales")
    sato.modal.fill({"disposition": "recycled"})
    sato.modal.fill({"recycle_on": "2026-11-26"})
    assert sato.modal.submit().errors == {}
    team.dm("sato").unread()
    team.advance(days=9, hours=1)  # Thursday the 26th
    assert t("asking.correct") not in "".join(message.text for message in team.dm("sato").unread())
    team.at(weekday=4, hour=10)
    question = team.dm("sato").expect(t("asking.correct"))
    sato.press(t("button.correct"), in_=question)
    sato.modal.fill({"disposition": "qualified"})
    assert sato.modal.submit().errors == {}
    assert team.mql(1).status == Status.QUALIFIED
    assert [event.data["why"] for event in team.log(1) if event.type == EventType.ASKED] == ["return"]
