from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.views.mql import KeptFor
from bot.slack.blocks.mql import direct_messages, handover, replies
from bot.slack.blocks.views import mql as mql_page
from storage.vocabulary import Evidence, Status
from tests.slack.blocks.samples import (
    EN,
    FULL,
    JA,
    NOW,
    PARTS,
    buttons,
    elements,
    escalated,
    menu,
    parts_of,
    seen,
    view,
)

HOUR = timedelta(hours=1)


def test_an_assignment_tells_the_rep_what_to_do() -> None:
    shown = direct_messages.assignment(view(owner="佐藤"), JA)
    assert shown.text == ("新しいMQL: Acme Taro Yamada様。担当をお願いします。初回対応の期限: 11/25(水) 07:00。")
    assert "受領待ち* · あなたの担当です · MQL #12" in seen(shown)
    assert buttons(shown) == ["受領する", "連絡しました", "詳細", "CRMで開く"]
    assert menu(shown) == ["連絡しました(方法も記録)", "担当を変更", "対応できない", "期限を一時停止", "なぜ私に?"]


def test_nobody_reads_their_own_name_as_that_of_the_owner() -> None:
    mine = view(owner="佐藤")
    covered = replace(mine, cover=mine.owner, mql=mine.mql.model_copy(update={"cover": "U1"}))
    for reader, name, other in (("U1", "あなた", "佐藤"), ("U2", "佐藤さん", "あなた")):
        t = replace(JA, reader=reader)
        for shown in (
            mql_page.show(mine, [], t),
            handover.reassign(mine, [], t),
            replies.mql_list([covered], t, NOW),
            direct_messages.owner_left(mine, t, "U9"),
            direct_messages.unassigned(mine, t),
        ):
            assert name in seen(shown)
            assert other not in seen(shown)


def test_an_accepted_assignment_stays_the_place_to_work_on_it() -> None:
    shown = direct_messages.assignment(view(Status.ACCEPTED), EN, "U1")
    assert "Accepted on Tue Nov 24, 10:00." in shown.text
    assert "Outcome due Sat Nov 28" in seen(shown)
    assert buttons(shown) == ["Contacted", "Report outcome", "Details", "Open in CRM"]


def test_wherever_contacted_was_pressed_the_owner_may_add_how() -> None:
    pressed = view(Status.CONTACTED, **(FULL | {"contact_evidence": Evidence.BUTTON}))
    called = view(Status.CONTACTED, **(FULL | {"contact_evidence": Evidence.CALL}))
    for current, offered in ((pressed, True), (called, False)):
        for shown in (
            direct_messages.assignment(current, EN, "U1"),
            direct_messages.reminder(current, EN, HOUR, "U1"),
            direct_messages.nudge(current, EN, "Tanaka", "U1"),
        ):
            assert ("Record how" in buttons(shown)) == offered
    for shown in (
        direct_messages.reminder(pressed, EN, HOUR, "U2"),
        direct_messages.escalation(pressed, EN, escalated(), PARTS, "manager"),
    ):
        assert buttons(shown) == []


def test_an_mql_handed_on_after_acceptance_is_not_said_to_be_accepted_by_its_new_owner() -> None:
    shown = direct_messages.assignment(view(Status.ACCEPTED, owner="鈴木"), JA, "U1")
    assert "受領済み* · あなたの担当です · MQL #12" in seen(shown)
    assert "✅ 11/24(火) 10:00に受領済みです。" in shown.text


@pytest.mark.parametrize("status", [Status.ASSIGNED, Status.ACCEPTED])
def test_a_rep_who_has_lost_the_mql_is_told_and_left_in_peace(status: Status) -> None:
    current = view(status, owner="鈴木")
    for shown in (
        direct_messages.assignment(current, JA, "U2"),
        direct_messages.reminder(current, JA, HOUR, "U2"),
        direct_messages.nudge(current, JA, "田中", "U2"),
        direct_messages.feedback_reminder(current, JA, HOUR, "U2"),
    ):
        assert "担当は鈴木さんに変わりました。この件での対応は不要です。" in seen(shown)
        assert elements(shown) == []


def test_a_reminder_says_how_long_is_left_and_what_is_missing() -> None:
    shown = direct_messages.reminder(view(), JA, timedelta(hours=4, minutes=48))
    assert shown.text == "Acme Taro Yamada様の初回対応の期限まで、あと4時間48分です。受領がまだのようです。"
    english = direct_messages.reminder(view(), EN, timedelta(hours=4, minutes=48))
    assert english.text == "4 h 48 min left to answer Taro Yamada (Acme). It has not been accepted yet."
    assert buttons(english)[0] == "Accept"


def test_a_reminder_that_has_been_heeded_shows_the_outcome_instead_of_buttons() -> None:
    shown = direct_messages.reminder(view(Status.ACCEPTED), JA, HOUR)
    assert "✅ 11/24(火) 10:00に受領済みです。" in seen(shown)
    assert "あと" not in seen(shown)
    assert elements(shown) == []


def test_the_manager_learns_where_the_time_went_and_can_act() -> None:
    shown = direct_messages.escalation(view(owner="佐藤", breached=True), JA, escalated(had="佐藤"), PARTS, "manager")
    assert shown.text == (
        "Acme Taro Yamada様(担当: 佐藤さん)への初回対応が、24時間の期限を過ぎました。"
        "内訳: 営業時間外14時間、Satoさん10時間。"
    )
    assert "佐藤さんに状況を確認するか、担当を変更してください。" in seen(shown)
    assert buttons(shown) == ["担当を変更", "自分が引き継ぐ", "担当者に声をかける", "詳細"]


def test_the_head_learns_that_the_manager_knows() -> None:
    shown = direct_messages.escalation(view(breached=True), EN, escalated("head", 48, limit=24), PARTS, "head")
    assert "has had no first response for 48 h, with a 24-hour limit. Owner: Sato." in seen(shown)
    assert "The manager has been told already." in seen(shown)


def test_nobody_is_reminded_of_an_mql_that_nobody_has() -> None:
    shown = direct_messages.escalation(
        view(Status.UNASSIGNED, breached=True), EN, escalated(had=None), PARTS, "manager"
    )
    assert "Nobody owns it yet." in seen(shown)
    assert buttons(shown) == ["Choose an owner", "Take over", "Details"]


def test_the_parts_add_up_to_the_total_as_they_are_shown() -> None:
    half = timedelta(seconds=30)
    owners = (("Sato", HOUR / 2 + half), ("Ito", HOUR / 2 - half))
    parts = parts_of(2 * HOUR, HOUR / 2 + half, HOUR / 2 - half, *owners)
    shown = seen(direct_messages.escalation(view(breached=True), EN, escalated(), parts, "manager"))
    assert "How the 2 h were spent" in shown
    minutes = [int(line.rsplit(" ", 2)[1]) for line in shown.split("\n") if line.startswith("• ")]
    assert len(minutes) == 4
    assert sum(minutes) == 120


def test_an_answered_escalation_says_thank_you_by_leaving_no_buttons() -> None:
    shown = direct_messages.escalation(view(Status.CONTACTED), JA, escalated(), PARTS, "manager")
    assert "に連絡済みです。" in seen(shown)
    assert elements(shown) == []


def test_the_manager_is_asked_to_choose_where_nobody_is_eligible() -> None:
    shown = direct_messages.unassigned(view(Status.UNASSIGNED), JA)
    assert "担当をお願いできる人がいません" in shown.text
    assert buttons(shown) == ["担当を決める", "自分が引き継ぐ", "詳細"]
    done = direct_messages.unassigned(view(owner="佐藤"), JA)
    assert "✅ 担当は佐藤さんに決まりました。" in seen(done)
    assert elements(done) == []


def test_the_manager_is_told_for_whom_it_is_kept_and_can_give_it_away_at_once() -> None:
    waits = replace(view(Status.UNASSIGNED), kept=KeptFor("森", NOW + timedelta(minutes=20)))
    shown = direct_messages.unassigned(waits, JA)
    assert "戻る森さんのために取り置いています" in shown.text
    assert buttons(shown) == ["担当を決める", "自分が引き継ぐ", "詳細"]


def test_feedback_is_asked_for_before_it_is_due_and_when_it_is() -> None:
    soon = direct_messages.feedback_reminder(view(Status.CONTACTED), JA, timedelta(days=1))
    assert "結果報告の期限まで、あと1日です。" in soon.text
    assert buttons(soon) == ["結果を報告"]
    now = direct_messages.feedback_reminder(view(Status.CONTACTED), EN, timedelta(0))
    assert "is due now." in now.text


def test_feedback_that_has_come_ends_the_asking() -> None:
    for shown in (
        direct_messages.feedback_reminder(view(Status.DISQUALIFIED), JA, timedelta(0)),
        direct_messages.feedback_overdue(view(Status.DISQUALIFIED), JA),
        direct_messages.nudge(view(Status.DISQUALIFIED), JA, "田中"),
    ):
        assert "✅ 結果が報告されました: 見送り(情報収集段階)" in seen(shown)
        assert elements(shown) == []
    kept = direct_messages.assignment(view(Status.DISQUALIFIED), JA)
    assert "⚫ *見送り*\n失注理由: 情報収集段階" in seen(kept)
    assert buttons(kept) == ["結果を修正", "詳細"]


def test_overdue_feedback_is_the_manager_s_to_ask_about() -> None:
    shown = direct_messages.feedback_overdue(view(Status.ACCEPTED, owner="佐藤"), JA)
    assert "Acme Taro Yamada様(担当: 佐藤さん)の結果報告が、期限を過ぎています。" in shown.text
    assert buttons(shown) == ["詳細", "担当を変更"]


def test_a_nudge_names_who_asks() -> None:
    first = direct_messages.nudge(view(), JA, "田中")
    assert first.text.startswith("田中さんから、Acme Taro Yamada様の件で確認のお願いです。")
    assert "担当を変更できます" in first.text
    later = direct_messages.nudge(view(Status.CONTACTED), EN, "Tanaka")
    assert "Contacted" in later.text
    assert buttons(later) == []


def test_every_message_leads_to_the_card() -> None:
    assert "<https://acme.slack.com/archives/C1/p1|MQL #12のカード>" in seen(direct_messages.reminder(view(), JA, HOUR))
