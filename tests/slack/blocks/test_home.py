from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.views.disputes import OpenDispute
from bot.core.views.mql import KeptFor
from bot.i18n import Translator
from bot.slack.blocks.home import home
from bot.slack.blocks.kit import VIEW_BLOCKS
from storage.vocabulary import EventType, MessageKind, Status
from tests.slack.blocks.samples import (
    EN,
    JA,
    LATE,
    NOW,
    buttons,
    happened,
    home_view,
    member,
    queue_entry,
    refused,
    seen,
    view,
)

BOSS = member("田中", "U3", roles=("manager", "admin"))


def test_a_rep_sees_what_is_overdue_first_and_can_act_there() -> None:
    shown = home(home_view(member(), mine=(LATE, view(Status.CONTACTED))), JA, NOW)
    assert "期限を過ぎたMQLが1件あります。上から順に対応をお願いします。" in seen(shown)
    assert "🔴 *期限超過* · 受領待ち" in seen(shown)
    assert buttons(shown) == ["詳細", "受領する", "連絡しました", "詳細", "結果を報告"]


def test_a_rep_does_not_see_the_team() -> None:
    shown = seen(home(home_view(member(), breaches=(LATE,), unassigned=(view(Status.UNASSIGNED),)), JA, NOW))
    assert "チーム" not in shown
    assert "担当が決まっていない" not in shown


def test_a_manager_sees_what_waits_in_the_team_with_its_owner() -> None:
    shown = home(home_view(BOSS, breaches=(LATE,), unassigned=(view(Status.UNASSIGNED),)), JA, NOW)
    assert "チームでは2件が対応を待っています。" in seen(shown)
    assert "担当: Satoさん" in seen(shown)
    assert buttons(shown) == ["詳細", "担当を決める", "詳細", "担当を変更", "担当者に声をかける"]


def test_a_manager_sees_for_whom_an_mql_is_kept() -> None:
    waits = replace(view(Status.UNASSIGNED), kept=KeptFor("Mori <!here>", NOW + timedelta(minutes=20)))
    shown = seen(home(home_view(BOSS, unassigned=(waits, view(Status.UNASSIGNED))), EN, NOW))
    assert shown.count("Kept for Mori &lt;!here&gt;, who is back") == 1


def _disputed(count: int = 1) -> tuple[OpenDispute, ...]:
    told = happened(EventType.DISPUTED, "伊藤", reason="来月の予算が\n決まっています")
    return tuple(OpenDispute(view(Status.DISQUALIFIED), told) for _ in range(count))


def test_a_manager_decides_disputes_here() -> None:
    shown = home(home_view(BOSS, disputes=_disputed()), JA, NOW)
    assert "マーケからの再確認の依頼1件が判断を待っています。" in seen(shown)
    assert "判断を待っている再確認の依頼(1件)" in seen(shown)
    for words in ("#12 Acme", "伊藤さんが11/24(火) 12:00に再確認を依頼しました。", "理由: 来月の予算が 決まっています"):
        assert words in seen(shown)
    assert buttons(shown) == ["見送りのままにする", "依頼を認める", "詳細"]


def test_marketing_sees_its_own_disputes_as_waiting() -> None:
    shown = home(home_view(member(roles=("marketer",)), disputes=_disputed(5)), EN, NOW)
    assert "You have no open MQLs of your own." in seen(shown)
    assert "Your disputes: waiting for a decision (5)" in seen(shown)
    assert buttons(shown) == ["Details"] * 3
    assert "2 more" in seen(shown)


def test_whoever_is_everything_still_finds_the_help_below() -> None:
    many = (view(Status.ACCEPTED),) * 30
    undelivered = ((refused(MessageKind.DIGEST, "C9", "is_archived"), None),) * 30
    boss = member(roles=("rep", "manager", "admin", "marketer"), away_until=NOW + timedelta(days=1))
    lists = {"mine": many, "breaches": many, "unassigned": many, "debt": many, "disputes": _disputed(30)}
    unread = (queue_entry(permalink=None),) * 30
    shown = home(home_view(boss, unreadable=unread, undelivered=undelivered, gets_own_week=True, **lists), EN, NOW)
    assert len(shown["blocks"]) <= VIEW_BLOCKS
    assert shown["blocks"][-1]["elements"][0]["text"] == EN("home.help")


def test_a_quiet_team_is_said_to_be_quiet() -> None:
    assert "Nothing in the team is overdue." in seen(home(home_view(BOSS), EN, NOW))


def test_a_long_queue_says_how_many_more_there_are() -> None:
    assert "ほかに9件あります。" in seen(home(home_view(member(), mine=(view(),) * 20), JA, NOW))


def test_a_message_that_could_not_be_read_can_be_dealt_with_here() -> None:
    waiting = (queue_entry("HubSpot", "https://acme.slack.com/p2"),)
    shown = home(home_view(member(roles=("marketer",)), unreadable=waiting), JA, NOW)
    assert "HubSpot・11/24(火) 12:00" in seen(shown)
    assert buttons(shown) == ["手入力で登録", "MQLではない", "メッセージを開く"]


def test_an_admin_learns_which_messages_slack_refuses() -> None:
    listed = (
        (refused(MessageKind.DIGEST, "C9", "channel_not_found"), None),
        (refused(MessageKind.ASSIGNMENT, "U1", "account_inactive"), 12),
        (refused(MessageKind.REMINDER, "U1", "channel_not_found"), 12),
        (refused(MessageKind.CARD, "C1", "some_new_error"), 13),
    )
    shown = seen(home(home_view(BOSS, undelivered=listed), JA, NOW))
    assert "週次レポート → <#C9>" in shown
    assert "担当のお知らせ #12 → <@U1>" in shown
    for why in ("Slackチャンネルが見つかりません", "アカウントが停止", "ボットから見えない", "some_new_error"):
        assert why in shown
    assert shown.split("\n").count(JA("button.resend")) == 4
    assert JA("button.resend_all", count=4) in shown


def test_somebody_away_is_told_until_when() -> None:
    shown = seen(home(home_view(member(away_until=NOW + timedelta(days=3))), JA, NOW))
    assert "11/27(金)に再開します" in shown
    assert "再開" not in seen(home(home_view(member(away_until=NOW - timedelta(days=3))), JA, NOW))


def test_a_stranger_is_told_whom_to_ask_and_shown_nothing() -> None:
    shown = home(home_view(None, mine=(view(),)), EN, NOW)
    assert "Please ask an admin to add you." in seen(shown)
    assert "Acme" not in seen(shown)


@pytest.mark.parametrize("t", [JA, EN])
@pytest.mark.parametrize("kind", MessageKind)
def test_every_kind_of_message_that_slack_refuses_has_a_name(kind: MessageKind, t: Translator) -> None:
    shown = seen(home(home_view(BOSS, undelivered=[(refused(kind, "C9", "channel_not_found"), None)]), t, NOW))
    assert f"kind.{kind}" not in shown
