"""Being away: set by taps, covered by a colleague, taken back by one tap."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.i18n import Translator
from bot.slack.blocks.base.example_days import example_days
from storage.database import Database
from storage.vocabulary import Locale, Status
from tests.scenarios.stage import Team


@pytest.fixture
def t(locale: Locale) -> Translator:
    return Translator(locale, "Asia/Tokyo")


@pytest.fixture
def team(database: Database, locale: Locale) -> Iterator[Team]:
    team = Team(database, locale)
    yield team
    team.close()


def test_two_taps_set_a_rep_away_and_a_third_finds_somebody_who_covers(team: Team, t: Translator) -> None:
    team.receives("Acme")
    sato = team.user("sato")
    sato.opens_home()
    sato.press(t("button.away"), in_=sato.home)
    sato.modal.press(t("away.preset.today", day=""))
    assert "Acme" in sato.modal.text
    sato.modal.press(t("button.cover_next"))
    covering = team.mql(1)
    assert covering.owner == team.slack.user("sato").id
    assert covering.cover == team.slack.user("suzuki").id
    suzuki = team.user("suzuki")
    team.dm("suzuki").expect("Acme", "佐藤 葵")
    suzuki.press(t("button.accept"), in_=team.dm("suzuki").messages[-1])
    assert (team.mql(1).owner, team.mql(1).status) == (covering.owner, Status.ACCEPTED)
    team.channel("mql").expect("Acme", "鈴木 蓮")
    sato.types("/mql back", channel="sales")
    asked = team.dm("sato").expect("Acme", "鈴木 蓮")
    sato.press(t("button.take_back"), in_=asked)
    assert team.mql(1).cover is None
    team.dm("sato").expect(t("away.nothing_covered"))


def test_a_manager_sets_the_rep_who_is_ill_away_and_has_a_colleague_cover(team: Team, t: Translator) -> None:
    team.receives("Acme")
    tanaka = team.user("tanaka")
    answer = tanaka.types("/mql away @佐藤 今日", channel="sales")
    assert "Acme" in answer.text
    tanaka.choose("cover_by", "Alex Brown")
    assert team.mql(1).cover == team.slack.user("brown").id
    team.dm("sato").expect("田中 美咲")
    assert team.user("sato").types("/mql away @鈴木 今日", channel="sales").text == t("reply.away_others_not_allowed")


def test_an_escalation_about_somebody_away_asks_for_another_owner(team: Team, t: Translator) -> None:
    team.receives("Acme")
    team.user("sato").types("/mql away 11/17-11/20", channel="sales")
    team.advance(hours=24)
    message = team.dm("tanaka").expect("Acme", "24")
    assert t("direct.ask_away", rep="佐藤 葵", until="\0").split("\0")[1] in message.text
    assert t("button.remind") not in message.buttons


def test_what_a_manager_reads_of_an_overdue_mql_follows_its_owner_away_and_back(team: Team, t: Translator) -> None:
    team.receives("Acme")
    team.advance(hours=24)
    sato, gone = team.user("sato"), t("direct.ask_away", rep="佐藤 葵", until="\0").split("\0")[1]
    message = team.dm("tanaka").expect("Acme", "24")
    assert t("button.remind") in message.buttons
    sato.types("/mql away 11/18-11/20", channel="sales")
    message = team.dm("tanaka").expect("Acme", "24")
    assert gone in message.text
    assert t("button.remind") not in message.buttons
    sato.types("/mql back", channel="sales")
    message = team.dm("tanaka").expect("Acme", "24")
    assert gone not in message.text
    assert t("button.remind") in message.buttons


def test_planned_days_stand_in_the_form_and_are_taken_back_there(team: Team, t: Translator) -> None:
    sato = team.user("sato")
    sato.types("/mql away 12/5-12/9", channel="sales")
    sato.types("/mql away 明日午前休", channel="sales")
    sato.types("/mql away", channel="sales")
    assert "12/5" in sato.modal.text or "Dec 5" in sato.modal.text
    sato.modal.press(t("button.away_cancel"))
    sato.modal.fill({t("away.typed"): "いつか"}).submit()
    assert t("error.away_days", **example_days(t, team.time.now())) in sato.modal.text or sato.modal.is_open


@pytest.mark.parametrize("typed", ["いつか", "2020-01-01", "12/9-12/5"])
def test_what_is_no_day_is_met_with_how_to_write_one(team: Team, t: Translator, typed: str) -> None:
    assert team.user("sato").types(f"/mql away {typed}", channel="sales").text == t("reply.away_bad_date").replace(
        "`", ""
    )
