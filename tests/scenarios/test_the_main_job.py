"""The whole story, told in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from bot.i18n import Translator
from storage.database import Database
from storage.vocabulary import EventType, Locale, Status
from tests.scenarios.stage import Team

MONDAY, SUNDAY = date(2026, 11, 16), date(2026, 11, 22)


@pytest.fixture
def team(any_database: Database, locale: Locale) -> Iterator[Team]:
    """A team that reads this language, on either database."""
    team = Team(any_database, locale)
    yield team
    team.close()


@pytest.fixture
def t(locale: Locale) -> Translator:
    """The words of the language."""
    return Translator(locale, "Asia/Tokyo")


def test_a_lead_is_answered_and_its_outcome_reaches_the_monday_digest(team: Team, t: Translator) -> None:
    number = team.receives("Acme", person="Hana Yamamoto", email="hana@example.com", score=82).body["number"]
    team.channel("mql").expect("Acme", "82")
    team.dm("sato").expect("Acme")

    team.advance(hours=2)
    team.user("sato").press(t("button.accept"))
    assert team.mql(number).status == Status.ACCEPTED
    team.advance(hours=1)
    team.user("sato").press(t("button.contacted"), in_=team.dm("sato"))
    assert team.mql(number).status == Status.CONTACTED

    sato = team.user("sato")
    sato.types(f"/mql-feedback {number}")
    sato.modal.fill({"disposition": "qualified"})
    sato.modal.fill({"amount": "5000000", "next_step": "見積"})
    assert sato.modal.submit().errors == {}
    assert team.mql(number).status == Status.QUALIFIED

    team.at(weekday=0, hour=9)
    team.dm("tanaka").expect(t("digest.title", first=t.day(MONDAY), last=t.day(SUNDAY)), "100%")
    team.dm("ito").expect("100%")
    team.dm("sato").expect_none("100%")
    assert not {EventType.REMINDED, EventType.BREACHED, EventType.ESCALATED} & {
        event.type for event in team.log(number)
    }


def test_a_channel_that_was_renamed_goes_on_getting_its_cards(team: Team) -> None:
    with team.slack.workspace.change():
        team.slack.workspace.conversation("mql").name = "leads"
    team.receives("Acme")
    team.channel("leads").expect("Acme")


@pytest.mark.rules
def test_a_lead_that_nobody_answers_goes_from_rep_to_manager_to_head(team: Team, t: Translator) -> None:
    team.receives("Acme", person="Hana Yamamoto")
    team.dm("sato").expect("Acme")
    team.dm("sato").unread()

    team.advance(hours=12)  # 22:00 and 5:12, when reminders are due, lie in the quiet hours
    team.advance(hours=7, minutes=12)
    team.dm("sato").expect_nothing()
    team.at(weekday=2, hour=8)
    team.dm("sato").expect("Acme", t("direct.not_accepted"))
    team.dm("sato").expect_nothing()
    team.dm("tanaka").expect_nothing()

    team.at(weekday=2, hour=10)
    team.dm("tanaka").expect("Acme", "24")
    team.dm("yamada").expect_nothing()
    team.advance(hours=24)
    team.dm("yamada").expect("Acme", "48")
    (card,) = [m for m in team.channel("mql").messages if m.thread is None]
    team.channel("mql").thread(card).expect("48")


@pytest.mark.rules
def test_the_manager_takes_an_escalated_lead_over(team: Team, t: Translator) -> None:
    team.receives("Acme")
    team.advance(hours=24)
    team.user("tanaka").press(t("button.take_over"))

    mql = team.mql(1)
    assert (mql.status, mql.owner) == (Status.ACCEPTED, team.slack.user("tanaka").id)
    team.advance(hours=24)
    team.dm("yamada").expect_nothing()
