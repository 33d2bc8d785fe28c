from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.views.disputes import OpenDispute
from bot.core.views.home import First, Health, HomeView, Marketing, Matter, Own
from bot.core.views.mql import KeptFor
from bot.i18n import Translator
from bot.slack.blocks.base.kit import VIEW_BLOCKS
from bot.slack.blocks.views.home import home
from playground.blocks import view_problems, view_too_large
from storage.boards import Became
from storage.vocabulary import AlertKind, EventType, MessageKind, Status
from tests.slack.blocks import definitions, samples
from tests.slack.blocks.samples import (
    EN,
    JA,
    LATE,
    NOW,
    buttons,
    elements,
    happened,
    home_view,
    member,
    of_rep,
    queue_entry,
    refused,
    seen,
    team_view,
    view,
)

BOSS = member("田中", "U3", roles=("manager", "admin"))
ACCEPTED = view(Status.ACCEPTED)


def admin(undelivered: tuple[object, ...]) -> HomeView:
    return home_view(BOSS, health=Health(undelivered=undelivered, undelivered_count=len(undelivered)))  # type: ignore[arg-type]


def test_a_rep_sees_first_what_to_do_now_with_its_next_step() -> None:
    own = Own(overdue=(LATE,), outcomes=(view(Status.CONTACTED),))
    shown = home(home_view(member(), first=First(Matter.OVERDUE, 1, LATE), own=own), JA, NOW)
    assert "#12 Acme" in shown["blocks"][1]["text"]["text"]
    assert shown["blocks"][1]["accessory"]["action_id"] == "mql_accept"
    assert "🔴 *期限超過* · 受領待ち" in seen(shown)
    assert buttons(shown) == ["受領する", "不在にする", "詳細", "受領する", "連絡しました", "詳細", "結果を報告"]
    assert seen(shown).index("期限超過(1件)") < seen(shown).index("結果報告待ち(1件)")


def test_a_lead_is_called_or_written_to_from_its_row() -> None:
    shown = home(home_view(member(), own=Own(today=(view(phone="03-1234-5678", email="a@acme.example"),))), JA, NOW)
    assert "<tel:0312345678|03-1234-5678>" in seen(shown)
    assert "<mailto:a@acme.example|a@acme.example>" in seen(shown)
    odd = home(home_view(member(), own=Own(today=(view(phone="<!channel>", email="a|b>c@x"),))), JA, NOW)
    assert "<!channel>" not in seen(odd)
    assert "a|b>c" not in seen(odd)


def test_a_manager_sees_the_team_by_rep_and_everything_that_is_open() -> None:
    of_team = team_view(LATE, ACCEPTED, reps=[of_rep("佐藤"), of_rep("鈴木", overdue=0, away=False, ahead=0)])
    shown = home(home_view(BOSS, team=of_team), JA, NOW)
    counts = "期限超過2件、今日まで1件、対応中5件、停止中1件、今週の割り当て3件、均等より1.5件少ない"
    assert f"🔴 *佐藤さん*\n{counts}、11/25(水) 12:00まで不在" in seen(shown)
    assert "*鈴木さん*\n今日まで1件" in seen(shown)
    assert "対応中のMQL(2件)" in seen(shown)
    menus = [element for element in elements(shown) if element["type"] == "static_select"]
    assert [menu["action_id"] for menu in menus] == ["home_rep", "home_state", "home_tier"]
    assert [menu["initial_option"]["value"] for menu in menus] == ["all"] * 3
    assert buttons(shown)[-4:] == ["まとめて担当を変更", "まとめて声をかける", "前へ", "次へ(3/3)"]


@pytest.mark.parametrize("t", [JA, EN])
def test_who_got_none_this_week_reads_so_only_beside_somebody_who_did(t: Translator) -> None:
    def shown(*given: int) -> str:
        reps = [of_rep("Sato", given=count) for count in given]
        return seen(home(home_view(BOSS, team=team_view(LATE, reps=reps)), t, NOW))

    assert t("home.rep_given", count=0) in shown(1, 0)
    assert t("home.rep_given", count=0) not in shown(0, 0)


@pytest.mark.parametrize("t", [JA, EN])
def test_a_share_is_spoken_of_from_a_whole_mql_on(t: Translator) -> None:
    def shown(ahead: float) -> str:
        return seen(home(home_view(BOSS, team=team_view(LATE, reps=[of_rep("Sato", ahead=ahead)])), t, NOW))

    assert t("home.rep_ahead", turns="0.7") not in shown(2 / 3)
    assert t("home.rep_behind", turns="0.3") not in shown(-1 / 3)
    assert t("home.rep_ahead", turns="1") in shown(1.0)
    assert t("home.rep_behind", turns="1.3") in shown(-4 / 3)


def test_a_rep_away_for_whole_days_is_away_until_the_last_of_them() -> None:
    midnight = datetime(2026, 11, 26, tzinfo=ZoneInfo("Asia/Tokyo"))
    rep = of_rep("鈴木")
    gone = replace(rep, member=rep.member.model_copy(update={"away_until": midnight}))
    shown = seen(home(home_view(BOSS, team=team_view(LATE, reps=[gone])), JA, NOW))
    assert "11/25(水)まで不在" in shown


def test_a_manager_sees_for_whom_an_mql_is_kept() -> None:
    waits = replace(view(Status.UNASSIGNED), kept=KeptFor("Mori <!here>", NOW + timedelta(minutes=20)))
    shown = seen(home(home_view(BOSS, team=team_view(waits, view(Status.UNASSIGNED))), EN, NOW))
    assert shown.count("Kept for Mori &lt;!here&gt;, who is back") == 1


def _disputed(count: int = 1) -> tuple[OpenDispute, ...]:
    entry = happened(EventType.DISPUTED, "伊藤", reason="来月の予算が\n決まっています")
    return tuple(OpenDispute(view(Status.DISQUALIFIED), entry) for _ in range(count))


def test_a_manager_decides_disputes_here() -> None:
    shown = home(home_view(BOSS, disputes=_disputed()), JA, NOW)
    assert "判断を待っている再確認の依頼(1件)" in seen(shown)
    for words in ("#12 Acme", "伊藤さんが11/24(火) 12:00に再確認を依頼しました。", "理由: 来月の予算が 決まっています"):
        assert words in seen(shown)
    assert buttons(shown) == ["見送りのままにする", "依頼を認める", "詳細"]


def test_marketing_sees_its_own_disputes_as_waiting() -> None:
    shown = home(home_view(member(roles=("marketer",)), disputes=_disputed(5)), EN, NOW)
    assert "Your disputes: waiting for a decision (5)" in seen(shown)
    assert buttons(shown) == ["Details"] * 3
    assert "2 more" in seen(shown)


def test_marketing_sees_what_became_of_its_leads_and_how_the_definition_stands() -> None:
    webinar = Became("ウェビナー", "秋", 20, 15, 4, 6, 1)
    proposed = definitions.version(number=3, marketing_at=NOW).row
    marketing = Marketing((replace_week(webinar),), (webinar,), definitions.version(agreed_at=NOW).row, proposed)
    shown = seen(home(home_view(member(roles=("marketer",)), marketing=marketing), JA, NOW))
    assert "*ウェビナー / 秋*\n今月20件: 受領15、商談化4、見送り6、受注1\n今週5件: 受領2" in shown
    assert "第2版が有効です(11/24(火)に合意)。\n第3版の提案が、営業の同意を待っています。" in shown
    empty = seen(home(home_view(member(roles=("marketer",)), marketing=Marketing((), (), None, None)), JA, NOW))
    assert "今月入ったMQLはまだありません。" in empty
    assert "まだ合意された定義がありません。" in empty


def replace_week(row: Became) -> Became:
    return row._replace(received=5, accepted=2, qualified=0, disqualified=0, won=0)


@pytest.mark.parametrize("t", [JA, EN])
def test_whoever_is_everything_still_sees_every_part_and_the_help_below(t: Translator) -> None:
    many = (view(Status.ACCEPTED, company="長" * 200, person="名" * 200),) * 500
    undelivered = ((refused(MessageKind.DIGEST, "C9", "is_archived"), None),) * 30
    boss = member(roles=("rep", "manager", "admin", "marketer"), away_until=NOW + timedelta(days=1))
    reps = [of_rep("名" * 80) for _ in range(60)]
    row = Became("x" * 200, "y" * 200, 9, 8, 7, 6, 5)
    shown = home(
        home_view(
            boss,
            first=First(Matter.OVERDUE, 500, many[0]),
            own=Own(*([many] * 6)),
            team=team_view(*many[:10], reps=reps),
            disputes=_disputed(30),
            unreadable=(queue_entry(permalink=None),) * 30,
            marketing=Marketing((row,) * 9, (row,) * 9, None, None),
            health=Health(tuple(samples.alert(kind) for kind in AlertKind), (), undelivered, 30),
            gets_own_week=True,
        ),
        t,
        NOW,
    )
    assert len(shown["blocks"]) <= VIEW_BLOCKS
    assert view_problems(shown) == []
    assert not view_too_large(shown)
    for key in ("home.board", "home.open_mqls", "home.became", "home.health", "home.unreadable"):
        assert t(key, count=30).split("(")[0] in seen(shown), key
    assert shown["blocks"][-1]["elements"][0]["text"] == t("home.help")


def test_a_long_queue_says_how_many_more_there_are() -> None:
    assert "ほかに14件あります。" in seen(home(home_view(member(), own=Own(today=(view(),) * 20)), JA, NOW))


def test_a_message_that_could_not_be_read_can_be_dealt_with_here() -> None:
    waiting = (queue_entry("HubSpot", "https://acme.slack.com/p2"),)
    shown = home(home_view(member(roles=("marketer",)), unreadable=waiting), JA, NOW)
    assert "HubSpot・11/24(火) 12:00" in seen(shown)
    assert buttons(shown) == ["手入力で登録", "MQLではない", "メッセージを開く"]


def test_an_admin_reads_how_the_bot_is() -> None:
    assert "✅ 正常に動いています。" in seen(home(admin(()), JA, NOW))
    trouble = Health((samples.alert(AlertKind.OUTBOX_STUCK),))
    assert "正常" not in seen(home(home_view(BOSS, health=trouble), JA, NOW))


def test_what_is_wrong_with_the_bot_stands_above_the_lists() -> None:
    known = Health((samples.alert(AlertKind.OUTBOX_STUCK),), (), ((refused(MessageKind.DIGEST, "C9", "x"), None),), 1)
    shown = seen(home(home_view(BOSS, team=team_view(LATE), health=known), JA, NOW))
    parts = [JA("home.health"), JA("home.undelivered", count=1), JA("home.open_mqls", count=1), JA("button.settings")]
    places = [shown.index(part) for part in parts]
    assert places == sorted(places)
    assert shown.count(JA("home.health")) == 1
    calm = seen(home(home_view(BOSS, team=team_view(LATE), health=Health()), JA, NOW))
    assert calm.index(JA("home.open_mqls", count=1)) < calm.index(JA("home.health"))


@pytest.mark.parametrize("t", [JA, EN])
def test_an_admin_reads_of_trouble_by_name_with_one_mark_and_how_much_more_there_is(t: Translator) -> None:
    closed = samples.alert(AlertKind.OWNER_DEACTIVATED)
    trouble = Health((closed,) * 5, names={closed.data["user"]: "Sato"})
    shown = seen(home(home_view(BOSS, health=trouble), t, NOW))
    assert "Sato" in shown
    assert closed.data["user"] not in shown
    assert "🔴 ⚠️" not in shown
    assert t("list.more", count=2) in shown


def test_an_admin_learns_which_messages_slack_refuses() -> None:
    listed = (
        (refused(MessageKind.DIGEST, "C9", "channel_not_found"), None),
        (refused(MessageKind.ASSIGNMENT, "U1", "account_inactive"), 12),
        (refused(MessageKind.REMINDER, "U1", "channel_not_found"), 12),
        (refused(MessageKind.CARD, "C1", "some_new_error"), 13),
    )
    shown = seen(home(admin(listed), JA, NOW))
    assert "週次レポート → <#C9>" in shown
    assert "担当のお知らせ #12 → <@U1>" in shown
    for why in ("Slackチャンネルが見つかりません", "アカウントが停止", "ボットから見えない", "some_new_error"):
        assert why in shown
    assert shown.split("\n").count(JA("button.resend")) == 4
    assert JA("button.resend_all", count=4) in shown


def test_somebody_away_is_told_until_when_and_comes_back_by_one_tap() -> None:
    away = home(home_view(member(away_until=NOW + timedelta(days=3))), JA, NOW)
    assert "11/27(金) 12:00まで不在です" in seen(away)
    assert "戻りました" in buttons(away)
    here = home(home_view(member(away_until=NOW - timedelta(days=3))), JA, NOW)
    assert "不在です" not in seen(here)
    assert "不在にする" in buttons(here)


def test_a_stranger_is_told_whom_to_ask_and_shown_nothing() -> None:
    shown = home(home_view(None, own=Own(today=(view(),))), EN, NOW)
    assert "Please ask an admin to add you." in seen(shown)
    assert "Acme" not in seen(shown)


@pytest.mark.parametrize("t", [JA, EN])
@pytest.mark.parametrize("kind", MessageKind)
def test_every_kind_of_message_that_slack_refuses_has_a_name(kind: MessageKind, t: Translator) -> None:
    shown = seen(home(admin(((refused(kind, "C9", "channel_not_found"), None),)), t, NOW))
    assert f"kind.{kind}" not in shown
