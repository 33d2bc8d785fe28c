"""Whatever people press, type or write, there is a next step."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.core.mql import feedback, response
from bot.core.mql.feedback import Answer
from bot.i18n import Translator
from bot.slack.blocks.base import ids
from storage import mqls
from storage.database import Database
from storage.vocabulary import Disposition, Locale, Status
from tests.scenarios.stage import Team


@pytest.fixture
def t(locale: Locale) -> Translator:
    return Translator(locale, "Asia/Tokyo")


@pytest.fixture
def team(database: Database, locale: Locale) -> Iterator[Team]:
    team = Team(database, locale)
    team.receives("青空商事", person="山田")
    yield team
    team.close()


@pytest.mark.parametrize("typed", ["/mql-feedback 1", "/mql 結果 1", "/mql-feedback"])
def test_whoever_reports_before_they_accept_accepts_by_sending_the_form_alone(
    team: Team, t: Translator, typed: str
) -> None:
    sato = team.user("sato")
    sato.types(typed, channel="sales")
    assert t("feedback.accepts") in sato.modal.text
    assert team.mql(1).status == Status.ASSIGNED
    sato.choose(ids.DISPOSITION, "qualified", in_=sato.modal)
    sato.modal.submit()
    assert team.mql(1).status == Status.QUALIFIED
    assert team.mql(1).accepted_at is not None


def test_what_somebody_else_has_not_accepted_is_not_accepted_in_passing(team: Team) -> None:
    team.user("tanaka").types("/mql-feedback 1", channel="sales")
    assert team.mql(1).status == Status.ASSIGNED


@pytest.mark.alike
@pytest.mark.parametrize(
    "typed", ["/mql 1", "/mql １", "/mql #1", "/mql 詳細 1", "/mql “show” “1”", "/mql ＳＨＯＷ 1", "/mql Show 1\u00a0"]
)
def test_a_number_opens_its_page_however_it_is_typed(team: Team, typed: str) -> None:
    sato = team.user("sato")
    sato.types(typed, channel="sales")
    assert "青空商事" in sato.modal.text


@pytest.mark.parametrize("typed", ["/mql search 青空", "/mql 検索 「青空」", "/mql search 山田", "/mql search 1"])
def test_a_company_is_found_by_a_part_of_its_name(team: Team, typed: str) -> None:
    assert "青空商事" in team.user("suzuki").types(typed, channel="sales").text


@pytest.mark.parametrize("typed", ["%", "_", "どこにもない"])
def test_what_matches_nothing_is_said_to_match_nothing(team: Team, t: Translator, typed: str) -> None:
    answer = team.user("suzuki").types(f"/mql search {typed}", channel="sales").text
    assert answer == t("reply.search_nothing", words=typed)


def test_a_search_says_how_far_it_goes_where_there_are_more(
    team: Team, t: Translator, monkeypatch: pytest.MonkeyPatch
) -> None:
    sato, opportunity = team.slack.user("sato"), Answer(disposition=Disposition.QUALIFIED)
    with team.database.transaction() as tx:
        response.accept(tx, team.id, team.mql(1).id, sato.id, team.time.now())
        feedback.give(tx, team.id, team.mql(1).id, sato.id, opportunity, team.time.now())
    team.receives("青空工業")
    team.receives("Beta")
    monkeypatch.setattr(mqls, "SEARCHED", 1)
    assert t("list.found_among", count=1, words="青空", newest="1") in sato.types("/mql search 青空").text
    nothing = t("reply.search_nothing_among", words="山田", newest="1")
    assert sato.types("/mql search 山田").text == nothing
    assert "青空商事" in sato.types("/mql search 1").text
    monkeypatch.setattr(mqls, "SEARCHED", 3)
    assert t("list.found", count=2, words="青空") in sato.types("/mql search 青空").text


def test_lists_of_everybody_are_for_whoever_leads_and_ones_own_for_everybody(team: Team, t: Translator) -> None:
    tanaka, suzuki = team.user("tanaka"), team.user("suzuki")
    assert "青空商事" in tanaka.types("/mql list all", channel="sales").text
    assert "青空商事" in tanaka.types("/mql リスト @佐藤", channel="sales").text
    mention = f"<@{team.slack.user('sato').id}|sato>"
    assert "青空商事" in tanaka.types(f"/mql 一覧 {mention}", channel="sales").text
    assert "青空商事" not in tanaka.types("/mql list @鈴木", channel="sales").text
    assert suzuki.types("/mql list @佐藤", channel="sales").text == t("reply.list_not_allowed")
    assert t("list.of", count=0, rep="鈴木 蓮") in suzuki.types("/mql list @鈴木", channel="sales").text


def test_the_team_is_seen_with_what_is_overdue_and_who_is_away(team: Team, t: Translator) -> None:
    team.user("suzuki").types("/mql away 11/17-12/20", channel="sales")
    team.advance(hours=25)
    shown = team.user("tanaka").types("/mql team", channel="sales").text
    assert t("home.rep_overdue", count=1) in shown
    assert "🌴" in shown
    assert team.user("sato").types("/mql team", channel="sales").text == t("reply.list_not_allowed")


def test_a_slip_of_the_finger_is_asked_about(team: Team, t: Translator) -> None:
    answer = team.user("sato").types("/mql lsit", channel="sales").text
    assert t("menu.did_you_mean", typed="lsit", close="list").replace("`", "") in answer


@pytest.mark.alike
@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("先週", ""),
        ("last month", "monthly"),
        ("2026/10", "monthly 2026-10"),
        ("2026-46", "2026-W46"),
        ("月次 10月", "monthly 2026-10"),
    ],
)
def test_a_report_is_asked_for_in_words(team: Team, typed: str, same: str) -> None:
    tanaka = team.user("tanaka")
    asked, plainly = (tanaka.types(f"/mql report {words}", channel="sales").text for words in (typed, same))
    assert asked == plainly
    assert tanaka.types("/mql report 2026-W54", channel="sales").text != plainly


@pytest.mark.alike
@pytest.mark.parametrize(
    ("written", "button"),
    [
        ("受領しました", "button.accept"),
        ("I have accepted it", "button.accept"),
        ("青空商事はどうなりましたか", "button.menu_new"),
        ("青空", "button.accept"),
        ("#1", "button.accept"),
        ("ヘルプ", "button.menu_list"),
        ("休みたい", "button.away"),
    ],
)
def test_what_is_written_to_the_bot_is_answered_with_what_to_press(
    team: Team, t: Translator, written: str, button: str
) -> None:
    team.user("sato").says(written)
    assert t(button) in team.dm("sato").messages[-1].buttons
    assert team.mql(1).status == Status.ASSIGNED


@pytest.mark.alike
@pytest.mark.parametrize("written", ["明日休みます", "明日は午後休です", "I'm off tomorrow", "12/5-12/9 不在です"])
def test_an_absence_that_is_written_is_set(team: Team, t: Translator, written: str) -> None:
    sato = team.user("sato")
    sato.says(written)
    sato.types("/mql away", channel="sales")
    assert t("button.away_cancel") in sato.modal.text


def test_whoever_writes_that_they_are_away_is_asked_who_covers_and_can_take_it_back(team: Team, t: Translator) -> None:
    sato = team.user("sato")
    sato.says("明日休みます")
    answer = team.dm("sato").messages[-1]
    assert t("away.waiting_own", count=1) in answer.text
    assert {t("button.cover_next"), t("button.away_undo")} <= set(answer.buttons)
    sato.press(t("button.away_undo"), in_=answer)
    assert team.dm("sato").messages[-1].text == t("reply.absence_cancelled")
    sato.types("/mql away", channel="sales")
    assert t("button.away_cancel") not in sato.modal.text


@pytest.mark.parametrize("written", ["佐藤さん明日休み", "佐藤 葵さんは明日お休みです", "佐藤葵 明日 不在"])
def test_a_manager_who_writes_that_somebody_is_away_confirms_it_by_a_tap(
    team: Team, t: Translator, written: str
) -> None:
    tanaka = team.user("tanaka")
    tanaka.says(written)
    asked = team.dm("tanaka").messages[-1]
    tanaka.press(t("button.away_confirm"), in_=asked)
    assert t("button.cover_next") in team.dm("tanaka").messages[-1].buttons
    team.user("sato").types("/mql away", channel="sales")
    assert t("button.away_cancel") in team.user("sato").modal.text


def test_a_name_that_nobody_has_is_said_to_be_nobodys_with_who_is_near(team: Team, t: Translator) -> None:
    tanaka = team.user("tanaka")
    near = t("reply.name_unknown_near", typed="佐東", names="佐藤 葵")
    assert tanaka.types("/mql list @佐東", channel="sales").text == near
    assert tanaka.types("/mql away @佐東 明日", channel="sales").text == near
    nobody = t("reply.name_unknown", typed="unknown")
    assert tanaka.types("/mql list @unknown", channel="sales").text == nobody
    tanaka.says("山本さん明日休み")
    assert t("reply.name_unknown", typed="山本") in team.dm("tanaka").messages[-1].text


@pytest.mark.parametrize("written", ["チームの状況", "team status"])
def test_a_leader_who_asks_for_the_team_sees_it(team: Team, t: Translator, written: str) -> None:
    team.user("tanaka").says(written)
    assert "鈴木" in team.dm("tanaka").messages[-1].text
    team.user("sato").says(written)
    assert t("reply.list_not_allowed") in team.dm("sato").messages[-1].text


def test_of_a_colleagues_mql_nothing_is_offered_that_its_reader_may_not_do(team: Team, t: Translator) -> None:
    offered = {}
    for name in ("sato", "suzuki", "tanaka"):
        team.user(name).says("青空")
        offered[name] = set(team.dm(name).messages[-1].buttons)
    assert t("button.accept") in offered["sato"]
    assert offered["suzuki"] == {t("button.show")}
    assert t("button.accept") not in offered["tanaka"]
    assert t("button.reassign") in offered["tanaka"]
    team.user("suzuki").press(t("button.show"), in_=team.dm("suzuki").messages[-1])
    assert f"[{t('button.accept')}]" not in team.user("suzuki").modal.text


def test_a_mention_is_answered_to_whoever_wrote_it_alone(team: Team, t: Translator) -> None:
    team.user("sato").says(f"<@{team.slack.bot_user_id}> ヘルプ", channel="mql")
    (answer,) = [message for message in team.slack.user("sato").sees("mql").messages if message.ephemeral_for]
    assert t("reply.talk_help") in answer.text
    assert not [message for message in team.slack.user("suzuki").sees("mql").messages if message.ephemeral_for]


def test_a_new_mql_says_who_has_it_and_until_when(team: Team, t: Translator) -> None:
    team.receives("Acme", channel="展示会")
    ito = team.user("ito")
    ito.types("/mql 登録", channel="sales")
    ito.modal.fill({ids.COMPANY: "Beta", ids.CHANNEL: "展示会"}).submit()
    assert team.mql(3).channel == "展示会"
    assert t("new.owner", rep="Alex Brown") in ito.modal.text
