"""Marketing's Slack channel hears what became of each MQL: at once, once a day or never, as the team file says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.core import teamfile
from bot.core.mql import erasure
from bot.i18n import Translator
from playground import Message
from storage.database import Database
from storage.vocabulary import ErasedFor, Locale, OutcomesTold
from tests.scenarios.stage import Team

CHANNEL = "marketing"


@pytest.fixture
def t(locale: Locale) -> Translator:
    return Translator(locale, "Asia/Tokyo")


@pytest.fixture
def team(database: Database, locale: Locale) -> Iterator[Team]:
    team = Team(database, locale)
    yield team
    team.close()


def hears(team: Team, when: OutcomesTold, at: str = "17:00") -> None:
    """The team file says so from now on."""
    with team.database.transaction() as tx:
        known = teamfile.current(tx, team.id)
        assert known is not None
        where = team.channel(CHANNEL).id
        wanted = replace(known, marketing_channel=where, outcomes_told=when, outcomes_time=at)
        teamfile.apply(tx, wanted, team.time.now())


def reports(team: Team, number: int, name: str, *given: dict[str, str]) -> None:
    team.accepts(number)
    who = team.user(name)
    who.types(f"/mql-feedback {number}", channel="sales")
    for values in given:
        who.modal.fill(values)
    assert who.modal.submit().errors == {}


def posts(team: Team) -> list[Message]:
    return [message for message in team.channel(CHANNEL).messages if message.author == "mql-bot"]


def test_each_outcome_is_told_at_once_with_what_sales_said(team: Team, t: Translator) -> None:
    hears(team, OutcomesTold.EACH)
    team.receives("Acme", person="Jane Doe", channel="Webinar")
    reports(team, 1, "sato", {"disposition": "disqualified"}, {"lost_reason": "other", "comment": "Only a student"})
    (first,) = posts(team)
    disqualified, qualified = t("status.disqualified"), t("status.qualified")
    other = t("result.with_reason", result=disqualified, reason="その他" if t.locale == Locale.JA else "Other")
    for words in ("#1", "Jane Doe", other, t("origin.channel", channel="Webinar"), "Only a student"):
        assert words in first.text
    assert team.slack.user("sato").real_name in first.text

    reports(team, 1, "sato", {"disposition": "qualified"}, {"amount": "5000000"})
    reports(team, 1, "sato", {"deal_result": "won", "deal_amount": "4000000"})
    corrected, won = posts(team)[1:]
    assert t("origin.corrected", result=qualified) in corrected.text
    assert t("origin.deal", result=t("deal.won"), amount="¥4,000,000") in won.text
    assert "Only a student" in first.text, "it goes on to say what it was"


@pytest.mark.thorough
def test_an_accepted_dispute_is_told_too(team: Team, t: Translator) -> None:
    hears(team, OutcomesTold.EACH)
    team.receives("Acme")
    reports(team, 1, "sato", {"disposition": "disqualified"}, {"lost_reason": "no_budget"})
    ito = team.user("ito")
    ito.press(t("button.dispute"), in_=team.channel("mql"))
    ito.modal.fill({"why_dispute": "They have a budget"})
    ito.modal.submit()
    team.user("tanaka").press(t("button.accept_dispute"), in_=team.dm("tanaka"))
    assert t("origin.reopened") in posts(team)[-1].text


@pytest.mark.thorough
def test_once_a_day_the_last_of_each_mql_is_told_together(team: Team, t: Translator) -> None:
    hears(team, OutcomesTold.DAILY)
    for company in ("Acme", "Beta", "Gamma"):
        team.receives(company)
    reports(team, 1, "sato", {"disposition": "recycled"}, {"comment": "next year"})
    reports(team, 1, "sato", {"disposition": "qualified"})
    reports(team, 2, "suzuki", {"disposition": "disqualified"}, {"lost_reason": "no_budget"})
    assert posts(team) == []
    team.at(weekday=1, hour=17)
    (post,) = posts(team)
    day = t.day(t.local_date(team.time.now()))
    assert t("origin.day", count=2, day=day) in post.text
    assert t("origin.corrected", result=t("status.qualified")) in post.text
    assert "Beta" in post.text
    assert "Gamma" not in post.text

    team.at(weekday=2, hour=17)
    assert len(posts(team)) == 1, "a day without an outcome is not told of"
    reports(team, 3, "brown", {"disposition": "qualified"})
    team.at(weekday=3, hour=17)
    assert "Gamma" in posts(team)[-1].text
    assert "Acme" not in posts(team)[-1].text


@pytest.mark.thorough
def test_what_was_told_at_once_is_not_told_again_with_the_days(team: Team, t: Translator) -> None:
    hears(team, OutcomesTold.EACH)
    for company in ("Acme", "Beta", "Gamma"):
        team.receives(company)
    reports(team, 1, "sato", {"disposition": "qualified"})
    reports(team, 2, "suzuki", {"disposition": "qualified"})
    assert len(posts(team)) == 2
    team.advance(minutes=5)
    hears(team, OutcomesTold.DAILY)
    reports(team, 2, "suzuki", {"disposition": "recycled"}, {"comment": "next year"})
    reports(team, 3, "brown", {"disposition": "qualified"})
    team.at(weekday=1, hour=17)
    post = posts(team)[-1]
    assert t("origin.day", count=2, day=t.day(t.local_date(team.time.now()))) in post.text
    assert "Acme" not in post.text
    assert t("origin.corrected", result=t("status.recycled")) in post.text


def test_switched_off_or_without_a_channel_nothing_is_told(team: Team, t: Translator) -> None:
    team.receives("Acme")
    team.receives("Beta")
    reports(team, 1, "sato", {"disposition": "qualified"})
    hears(team, OutcomesTold.OFF)
    reports(team, 2, "suzuki", {"disposition": "qualified"})
    team.advance(days=2)
    assert posts(team) == []


@pytest.mark.parametrize("when", [OutcomesTold.EACH, OutcomesTold.DAILY])
def test_whoever_is_erased_is_named_there_no_more(team: Team, t: Translator, when: OutcomesTold) -> None:
    hears(team, when)
    team.receives("Acme", person="Jane Doe")
    reports(team, 1, "sato", {"disposition": "recycled"}, {"comment": "Jane is on leave"})
    team.at(weekday=1, hour=18)
    (post,) = posts(team)
    assert "Jane" in post.text
    with team.database.transaction() as tx:
        erasure.erase(tx, team.id, team.mql(1).id, ErasedFor.REQUEST, team.time.now())
    team.advance(minutes=5)
    assert "Jane" not in post.text
    assert t("status.recycled") in post.text


@pytest.mark.thorough
def test_what_was_withdrawn_meanwhile_is_not_told_with_the_days(team: Team, t: Translator) -> None:
    hears(team, OutcomesTold.DAILY)
    team.receives("Acme")
    reports(team, 1, "sato", {"disposition": "disqualified"}, {"lost_reason": "no_budget"})
    ito = team.user("ito")
    ito.press(t("button.dispute"), in_=team.channel("mql"))
    ito.modal.fill({"why_dispute": "It was my own test"})
    ito.modal.submit()
    team.user("tanaka").press(t("button.accept_dispute"), in_=team.dm("tanaka"))
    ito.types("/mql withdraw 1")
    team.at(weekday=1, hour=18)
    assert posts(team) == []
