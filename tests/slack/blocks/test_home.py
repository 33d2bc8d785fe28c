from __future__ import annotations

from datetime import timedelta

import pytest

from bot.i18n import Translator
from bot.slack.blocks.home import home
from storage.vocabulary import MessageKind, Status
from tests.slack.blocks.samples import EN, JA, LATE, NOW, buttons, home_view, member, refused, seen, unreadable, view

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


def test_a_quiet_team_is_said_to_be_quiet() -> None:
    assert "Nothing in the team is overdue." in seen(home(home_view(BOSS), EN, NOW))


def test_a_long_queue_says_how_many_more_there_are() -> None:
    assert "ほかに8件あります。" in seen(home(home_view(member(), mine=(view(),) * 20), JA, NOW))


def test_a_message_that_could_not_be_read_can_be_dealt_with_here() -> None:
    waiting = ((unreadable(), "https://acme.slack.com/p2"),)
    shown = home(home_view(member(roles=("marketer",)), unreadable=waiting), JA, NOW)
    assert "<https://acme.slack.com/p2|11/24(火) 12:00のメッセージ>" in seen(shown)
    assert buttons(shown) == ["手入力で登録", "MQLではない"]


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
