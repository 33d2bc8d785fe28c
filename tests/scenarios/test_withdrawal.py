"""A test or a mistake is taken back by /mql withdraw, and the team is left in peace."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.core.sla.policy import QuietHours
from bot.i18n import Translator
from storage.database import Database
from storage.vocabulary import EventType, Locale, Status
from tests.scenarios.stage import Team


@pytest.fixture
def t(locale: Locale) -> Translator:
    return Translator(locale, "Asia/Tokyo")


@pytest.fixture
def team(database: Database, locale: Locale) -> Iterator[Team]:
    team = Team(database, locale)
    yield team
    team.close()


def test_a_test_is_taken_back_and_nobody_hears_of_it_again(team: Team, t: Translator) -> None:
    team.receives("Acme", person="Jane Doe", email="jane@acme.example")
    team.advance(hours=12)
    answer = team.user("ito").types("/mql withdraw #1 “only a  test”", channel="marketing")
    assert answer.text == t("reply.withdraw_done", number=1)
    assert team.mql(1).status == Status.WITHDRAWN

    card = next(message for message in team.channel("mql").messages if message.thread is None)
    assert t("status.withdrawn") in card.text
    assert t("outcome.withdrawn") in card.text
    assert (card.buttons, "Jane Doe" in card.text) == ([t("button.undo"), t("button.show")], True)
    name = team.slack.user("ito").real_name
    team.channel("mql").expect(t("note.withdrawn", actor=name), "only a test")
    for message in team.dm("sato").messages:
        assert t("outcome.withdrawn") in message.text
        assert message.buttons in ([], [t("button.show")])
    people = ("sato", "tanaka", "yamada")
    for person in people:
        team.dm(person).unread()
    team.advance(days=14)
    for person in people[:1]:
        team.dm(person).expect_nothing()
    for person in people[1:]:
        assert not any("Acme" in message.text for message in team.dm(person).unread())

    team.user("tanaka").types("/mql show 1", channel="sales")
    assert t("outcome.withdrawn") in team.user("tanaka").modal.text


@pytest.mark.thorough
def test_what_waits_for_the_morning_is_not_sent(team: Team, t: Translator) -> None:
    team.agrees(quiet=QuietHours(start="20:00", end="08:00"))
    team.at(weekday=1, hour=21)
    team.receives("Acme")
    team.at(weekday=2, hour=22)  # the deadline has passed, and the manager sleeps
    team.dm("tanaka").unread()
    team.user("tanaka").types("/mql withdraw 1")
    team.at(weekday=3, hour=9)
    assert not any("Acme" in message.text for message in team.dm("tanaka").unread())


def test_whoever_may_not_is_told_who_may(team: Team, t: Translator) -> None:
    team.receives("Acme")
    for name in ("sato", "yamada"):
        assert team.user(name).types("/mql withdraw 1").text == t("reply.withdraw_not_allowed")
    refused = [event for event in team.log(1) if event.type == EventType.REFUSED]
    assert [(event.actor, event.reason) for event in refused] == [
        (team.slack.user(name).id, "withdraw") for name in ("sato", "yamada")
    ]
    assert team.mql(1).status == Status.ASSIGNED


def test_what_cannot_be_withdrawn_is_explained_and_stays(team: Team, t: Translator) -> None:
    team.receives("Acme")
    team.receives("Beta")
    team.accepts(2)
    kim = team.user("kim")
    kim.types("/mql-feedback 2")
    kim.modal.fill({"disposition": "qualified"})
    assert kim.modal.submit().errors == {}
    kim.types("/mql withdraw 1")
    before = [len(team.log(number)) for number in (1, 2)]
    assert kim.types("/mql withdraw 1").text == t("reply.withdrawn", number=1)
    assert kim.types("/mql withdraw 2").text == t("reply.has_outcome", number=2)
    assert "#7" in kim.types("/mql withdraw 7").text
    assert kim.types("/mql withdraw").text == t("reply.bad_number")
    assert kim.types("/mql-feedback 1").text == t("reply.withdrawn", number=1)
    assert [len(team.log(number)) for number in (1, 2)] == before
    kim.types("/mql help")
    kim.press(t("button.menu_help"))
    assert "/mql withdraw 12" in kim.modal.text


def test_a_button_that_a_phone_still_shows_explains_itself(team: Team, t: Translator) -> None:
    team.receives("Acme")
    message = team.dm("sato").messages[0]
    old = {"button.accept": list(message.blocks)}
    team.accepts(1)
    old["button.report"] = list(message.blocks)
    team.user("ito").types("/mql withdraw 1")
    for word, blocks in old.items():
        message.record.blocks = blocks
        team.user("sato").press(t(word), in_=message)
        team.dm("sato").expect(t("reply.withdrawn", number=1))
    assert team.mql(1).status == Status.WITHDRAWN


@pytest.mark.thorough
def test_the_same_lead_becomes_a_new_mql_and_the_digest_counts_only_that_one(team: Team, t: Translator) -> None:
    team.receives("Acme", email="jane@acme.example")
    team.user("ito").types("/mql withdraw 1")
    answer = team.receives("Acme", email="jane@acme.example")
    assert (answer.body["number"], answer.body["repeated"]) == (2, False)
    assert team.mql(2).owner == team.mql(1).owner, "the turn was given back"
    team.at(weekday=0, hour=9)
    digest = team.dm("tanaka").expect(t("digest.figure.received"))
    assert f"{t('digest.figure.received')}\n↑ {t('digest.count', count=1)} |" in digest.text
    below = team.dm("tanaka").thread(digest).expect(t("digest.figure.withdrawn"))
    assert f"{t('digest.figure.withdrawn')}: ↑ {t('digest.count', count=1)}" in below.text


def test_a_command_that_slack_delivers_twice_gets_the_same_answer_twice(database: Database) -> None:
    team = Team(database, Locale.EN, twice=True)
    team.receives("Acme")
    en = Translator(Locale.EN, "Asia/Tokyo")
    assert team.user("ito").types("/mql withdraw 1").text == en("reply.withdraw_done", number=1)
    assert [event.type for event in team.log(1)].count(EventType.WITHDRAWN) == 1
    team.close()
