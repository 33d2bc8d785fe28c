from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.core.views.mql import MqlView, Timeline
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.mql.cards import card, note
from bot.slack.blocks.mql.direct_messages import assignment
from bot.slack.blocks.views.mql import show
from storage.vocabulary import EventType, Evidence, Status
from tests.slack.blocks.samples import (
    EN,
    FULL,
    HOSTILE,
    JA,
    LATE,
    NOW,
    buttons,
    elements,
    happened,
    menu,
    promised,
    seen,
    undoable,
    view,
)


def test_a_card_says_who_it_is_about_who_has_it_and_until_when() -> None:
    shown = seen(card(view(company="青空商事", person="山田 太郎"), JA))
    assert "新しいMQL: 青空商事 · 山田 太郎様" in shown
    assert "*受領待ち* · 担当: Satoさん · MQL #12" in shown
    assert "担当: <@U1>" in seen(card(view(), JA, mentioned=True))
    assert "初回対応の期限: 11/25(水) 07:00\n(\n)" in shown
    assert "受領待ち" in shown


def test_the_same_card_in_english() -> None:
    shown = seen(card(view(), EN))
    assert "New MQL: Acme · Taro Yamada (IT manager)" in shown
    assert "First response due Wed Nov 25, 07:00\n (\n)" in shown


def test_the_countdown_is_kept_by_the_reader_s_own_client() -> None:
    lines = [block for block in card(view(), JA).blocks if block["type"] == "rich_text"]
    (date,) = [part for part in lines[0]["elements"][0]["elements"] if part["type"] == "date"]
    assert date["timestamp"] == int((NOW + timedelta(hours=19)).timestamp())
    assert date["format"] == "{ago}"
    assert date["fallback"] == "2026年11月25日"
    bold = [part["text"] for part in lines[0]["elements"][0]["elements"] if "style" in part]
    assert bold == ["⏰ 初回対応の期限: 11/25(水) 07:00"], "a date cannot be bold, so its brackets are not"


def test_a_lock_screen_tells_who_it_is_about_and_until_when() -> None:
    assert card(view(), JA).text == "新しいMQL: Acme Taro Yamada様(担当: Satoさん)。初回対応の期限: 11/25(水) 07:00。"
    assert card(view(), EN).text == ("New MQL: Taro Yamada (Acme). Owner: Sato. First response due Wed Nov 25, 07:00.")


def test_a_card_is_six_lines_and_its_buttons() -> None:
    assert seen(card(view(), EN)).replace("\n (\n)", " ()").split("\n")[:6] == [
        "New MQL: Acme · Taro Yamada (IT manager)",
        "☎\u00a0<tel:+81312345678|+81 3-1234-5678> · ✉\u00a0<mailto:taro@acme.example|taro@acme.example>",
        "💬\u00a0We would like a demo. Next week?",
        "Webinar · 82 (Saw the prices three times)",
        "⏰ First response due Wed Nov 25, 07:00 ()",
        "🟡 *Not yet accepted* · Owner: Sato · MQL #12",
    ]
    kinds = [block["type"] for block in card(view(), EN).blocks]
    assert kinds == ["header", "section", "rich_text", "section", "actions"]


def test_everything_known_of_the_lead_is_behind_details() -> None:
    shown = seen(Message(Mrkdwn(""), show(view(), [], EN)["blocks"]))
    for words in ("Taro Yamada, IT manager", "Webinar", "Autumn", "Demo request", "82 (Saw the prices three times)"):
        assert words in shown
    assert "<mailto:taro@acme.example|taro@acme.example>" in shown
    assert "<tel:+81312345678|+81 3-1234-5678>" in shown
    assert "We would like a demo.\nNext week?" in shown
    assert "Industry: Steel · Employees: 320 · Interests: MA, SFA" in shown
    assert "Accept" in shown


@pytest.mark.parametrize("status", [Status.ASSIGNED, Status.CONTACTED, Status.QUALIFIED])
def test_how_to_reach_the_person_stays_on_the_card_whatever_became_of_it(status: Status) -> None:
    for shown in (card(view(status), JA), assignment(view(status), JA, "U1", NOW)):
        assert "<tel:+81312345678|+81 3-1234-5678>" in seen(shown)


def test_an_overdue_mql_is_new_no_more() -> None:
    assert "新しいMQL" in seen(card(view(), JA, NOW)).split("\n")[0]
    assert seen(card(LATE, JA, NOW)).split("\n")[0] == "Acme · Taro Yamada様(IT manager)"


def test_a_star_in_a_name_makes_nothing_bold() -> None:
    shown = seen(card(view(company="A *B* C", person="x", message="_now_ ~or~ taro_yamada"), EN))
    assert "💬\u00a0ˍnowˍ ∼or∼ taro_yamada" in shown
    assert "*B*" not in card(view(company="A *B* C"), EN).text


def test_very_long_names_leave_room_for_the_buttons() -> None:
    long: dict[str, Any] = {
        name: "株式会社" + name * 400 for name in ("company", "person", "title", "channel", "message")
    }
    shown = card(view(**long, score=1, score_reason="r" * 900), JA)
    assert len(shown.blocks[0]["text"]["text"]) <= 150
    assert len(seen(shown).split("\n")[1]) < 140
    assert "受領する" in buttons(shown)


def fields_of(shown: MqlView, t: Translator) -> str:
    return seen(Message(Mrkdwn(""), show(shown, [], t)["blocks"]))


def test_what_came_in_later_stands_beside_what_the_lead_came_with() -> None:
    later: dict[str, Any] = {"score": 90, "received_score": 10, "channel": "Webinar", "received_channel": None}
    shown = fields_of(view(**later, received_tier="hot"), EN)
    assert "90 now, 10 at receipt" in shown
    assert "Webinar now, not known at receipt" in shown
    assert "none now, hot at receipt" in shown
    assert "現在90点(受付時10点)" in fields_of(view(**later), JA)
    reasoned = fields_of(view(**later, score_reason="価格ページ"), JA)
    assert "現在90点(受付時10点)\n価格ページ" in reasoned
    assert "(価格ページ)" not in reasoned
    assert "at receipt" not in fields_of(view(score=90), EN)


def test_only_what_is_known_takes_a_line() -> None:
    shown = seen(card(view(company="Acme"), EN))
    assert "New MQL: Acme" in shown
    assert "Phone" not in shown
    assert "None" not in shown


@pytest.mark.parametrize(
    ("lead", "title"),
    [
        ({"company": "青空商事"}, "新しいMQL: 青空商事様"),
        ({"person": "山田様"}, "新しいMQL: 山田様"),
        ({"email": "a@b.example"}, "新しいMQL: a@b.example様"),
        ({"phone": "03-1234-5678"}, "新しいMQL: 03-1234-5678様"),
        ({"company": " \u200b"}, "新しいMQL: 氏名のないリード"),
    ],
)
def test_a_lead_is_called_by_what_is_known(lead: dict[str, Any], title: str) -> None:
    assert title in seen(card(view(**lead), JA)).split("\n")


def test_a_score_of_zero_is_a_score() -> None:
    assert "0点" in seen(card(view(company="Acme", score=0), JA))


def test_a_long_message_is_shortened_and_shown_literally() -> None:
    shown = card(view(message=HOSTILE), JA).blocks[1]["text"]["text"]
    assert shown.startswith("💬\u00a0&lt;!channel&gt; &lt;@U0EVIL&gt;")
    assert shown.endswith("…")
    assert len(shown) <= 200


BUTTONS = {
    Status.UNASSIGNED: ["Accept", "Choose an owner", "Details", "Open in CRM"],
    Status.ASSIGNED: ["Accept", "Contacted", "Details", "Open in CRM"],
    Status.ACCEPTED: ["Contacted", "Report outcome", "Details", "Open in CRM"],
    Status.CONTACTED: ["Report outcome", "Details", "Open in CRM"],
    Status.QUALIFIED: ["Correct", "Details"],
    Status.DISQUALIFIED: ["Correct", "Details"],
    Status.RECYCLED: ["Correct", "Details"],
    Status.WITHDRAWN: ["Details"],
    Status.UNKNOWN: ["Details"],
}
MENUS = {
    Status.ASSIGNED: ["Contacted, with how", "Reassign", "Not for me", "Pause the clock", "Why me?"],
    Status.ACCEPTED: ["Contacted, with how", "Reassign", "Pause the clock", "Why me?"],
    Status.CONTACTED: ["Reassign", "Pause the clock", "Why me?"],
}


@pytest.mark.parametrize("status", Status)
def test_a_card_offers_what_can_be_done_next(status: Status) -> None:
    shown = card(view(status), EN)
    assert buttons(shown) == BUTTONS[status]
    assert menu(shown) == MENUS.get(status, [])


@pytest.mark.parametrize("status", [s for s in Status if s in BUTTONS and "Correct" not in BUTTONS[s]])
def test_the_next_step_stands_out_and_nothing_else_does(status: Status) -> None:
    styled = [button["text"]["text"] for button in elements(card(view(status), EN)) if button.get("style") == "primary"]
    assert styled == [word for word in BUTTONS[status][:1] if word != "Details"]


def test_every_button_carries_the_mql() -> None:
    for status in Status:
        for element in elements(card(view(status), EN)):
            values = [option["value"] for option in element.get("options", [])] or [element["value"]]
            assert all(value.split(":")[-1] == "7" for value in values)


def test_a_button_read_aloud_says_which_mql_it_is_for() -> None:
    assert elements(card(view(), JA))[0]["accessibility_label"] == "受領する #12"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://crm", "https://", "https://a b", "https://x|y", None])
def test_a_link_that_is_no_web_address_is_not_offered(url: str | None) -> None:
    assert "Open in CRM" not in buttons(card(view(**(FULL | {"crm_url": url})), EN))


@pytest.mark.parametrize("status", [Status.CONTACTED, Status.QUALIFIED])
def test_after_a_bare_press_and_only_then_the_card_asks_how(status: Status) -> None:
    for evidence in Evidence:
        shown = card(view(status, **(FULL | {"contact_evidence": evidence})), EN)
        assert ("Record how" in buttons(shown)) == (evidence == Evidence.BUTTON)
        assert "Contacted, with how" not in menu(shown)


def test_an_overdue_card_says_so() -> None:
    assert "🔴 *期限超過* · 受領待ち" in seen(card(LATE, JA, NOW))
    assert "期限超過" not in seen(card(LATE, JA, NOW - timedelta(hours=4)))


def test_the_progress_shows_how_far_it_has_come() -> None:
    assert "✅ 受信 → ⬜ 受領 → ⬜ 連絡 → ⬜ 結果" in fields_of(view(), JA)
    assert "✅ Received → ✅ Accepted → ✅ Contacted → ⬜ Outcome" in fields_of(view(Status.CONTACTED), EN)


def test_what_was_just_done_can_be_undone_on_the_card_and_in_the_direct_message() -> None:
    for shown in (card(undoable(view(Status.ACCEPTED)), JA), assignment(undoable(view(Status.ACCEPTED)), JA, "U1")):
        (undo,) = [element for element in elements(shown) if element["action_id"] == "act_undo"]
        assert (undo["text"]["text"], undo["value"]) == ("元に戻す", "5")
    assert "元に戻す" not in buttons(card(view(Status.ACCEPTED), JA))


def test_a_promised_day_stands_on_the_card_in_the_place_of_the_menu_of_days() -> None:
    days = [
        element for element in elements(card(view(Status.CONTACTED), JA)) if element["action_id"] == "next_touch_day"
    ]
    (chosen,) = days
    offered = [option["text"]["text"] for option in chosen["options"]]
    assert offered == ["次の営業日", "月曜(休みなら翌営業日)", "1週間後", "日付を選ぶ…"]
    shown = card(promised(view(Status.CONTACTED)), JA)
    assert "次の連絡: 11/26(木)" in seen(shown)
    assert "next_touch_day" not in [element["action_id"] for element in elements(shown)]
    assert "次の連絡日を決める" in menu(shown)


def test_after_acceptance_the_outcome_is_what_is_due() -> None:
    shown = seen(card(view(Status.ACCEPTED), JA))
    assert "結果報告の期限: 11/28(土) 12:00\n(\n)" in shown
    assert "初回対応の期限" not in shown
    assert "新しいMQL" not in shown


def test_a_card_with_an_outcome_shows_it_and_no_clock() -> None:
    shown = seen(card(view(Status.DISQUALIFIED), JA))
    assert "⚫ *見送り*" in shown
    assert "失注理由: 情報収集段階" in shown
    assert "コメント: Call again in spring" in shown
    assert "期限" not in shown
    assert "見込み金額: ¥5,000,000" in seen(card(view(Status.QUALIFIED), JA))
    assert "次に連絡する日: 2027年2月1日" in seen(card(view(Status.RECYCLED), JA))


def test_an_unassigned_card_names_no_owner() -> None:
    shown = seen(card(view(Status.UNASSIGNED), JA))
    assert "担当未定" in shown
    assert "担当: " not in shown


SENTENCES = [
    (happened(EventType.ASSIGNED, after="佐藤"), "担当は佐藤さんです。よろしくお願いします。"),
    (happened(EventType.ASSIGNED, before="佐藤", after="鈴木"), "担当が佐藤さんから鈴木さんに変わりました。"),
    (happened(EventType.ASSIGNED, "田中", "佐藤", "鈴木"), "田中さんが担当を佐藤さんから鈴木さんに変更しました。"),
    (happened(EventType.ASSIGNED, "田中", None, "鈴木"), "田中さんが鈴木さんを担当に決めました。"),
    (happened(EventType.ASSIGNED, "田中", "佐藤", "田中"), "田中さんが引き継ぎました。"),
    (happened(EventType.ACCEPTED, "佐藤", "assigned", "accepted"), "佐藤さんが受領しました。"),
    (happened(EventType.CONTACTED, "佐藤", "accepted", "contacted"), "佐藤さんが連絡しました。"),
    (happened(EventType.CONTACTED, "佐藤", evidence="call"), "佐藤さんが電話で連絡しました。"),
    (happened(EventType.CONTACTED, "佐藤", evidence="email"), "佐藤さんがメールで連絡しました。"),
    (happened(EventType.CONTACTED, "佐藤", evidence="meeting"), "佐藤さんが面談しました。"),
    (
        happened(EventType.CONTACTED, "佐藤", reason="来週も話します", evidence="note"),
        "佐藤さんが連絡し、メモを残しました。\nメモ: 来週も話します",
    ),
    (
        happened(EventType.EVIDENCE, "佐藤", "button", "call", reason="折り返しあり", evidence="call"),
        "佐藤さんが連絡方法を記録しました: 電話\nメモ: 折り返しあり",
    ),
    (
        happened(EventType.CONTACTED, "佐藤", evidence="crm", reported=True),
        "CRMに佐藤さんの連絡の記録があります: CRMの活動(11/24(火) 12:00)。",
    ),
    (
        happened(EventType.EVIDENCE, None, "button", "call", evidence="call", reported=True),
        "CRMに連絡の記録があります: 電話(11/24(火) 12:00)。",
    ),
    (
        happened(EventType.EVIDENCE, None, "unassigned", evidence="call", reported=True),
        "まだ担当が決まっていないため、初回対応の期限はそのままです。",
    ),
    (
        happened(EventType.DECLINED, "佐藤", "佐藤", reason="今週は手一杯"),
        "佐藤さんは今回の対応が難しいため、別の人にお願いします。\n理由: 今週は手一杯",
    ),
    (happened(EventType.CORRECTED, "佐藤", "recycled", "qualified"), "「育成へ戻す」から「商談化」に修正しました。"),
    (happened(EventType.CORRECTED, "佐藤", "recycled", "recycled"), "報告の内容を修正しました: 育成へ戻す"),
    (happened(EventType.DISPOSED, "佐藤", "contacted", "qualified"), "結果の報告がありました: 商談化"),
    (happened(EventType.UNASSIGNED, before="佐藤"), "マネージャーに担当を決めてもらいます。"),
    (
        happened(EventType.ESCALATED, before="佐藤", to="head", hours=48),
        "48時間が過ぎましたが、まだ初回対応の記録がありません。営業責任者にもお知らせしました。",
    ),
    (happened(EventType.ESCALATED, before="佐藤", to="manager", hours=24), "マネージャーにお知らせしました"),
    (happened(EventType.REMINDED, before="佐藤", clock="feedback"), "佐藤さんに結果報告の期限をお知らせしました。"),
    (happened(EventType.REMINDED, "田中", "佐藤", clock="response"), "田中さんが佐藤さんに声をかけました。"),
    (happened(EventType.BREACHED, before="佐藤", clock="feedback"), "結果報告の期限を過ぎました。"),
]


@pytest.mark.parametrize(("entry", "sentence"), SENTENCES, ids=[sentence for _, sentence in SENTENCES])
def test_the_thread_tells_what_happened(entry: Timeline, sentence: str) -> None:
    assert sentence in seen(note(entry, view(), JA))


def test_a_public_escalation_blames_nobody() -> None:
    shown = note(happened(EventType.ESCALATED, before="佐藤", to="head", hours=48), view(owner="佐藤"), JA)
    assert "佐藤" not in shown.text


def test_a_lead_that_comes_in_again_brings_its_new_words() -> None:
    entry = happened(EventType.RECEIVED_AGAIN, message="Any news? <!channel>")
    shown = note(entry, view(), EN)
    assert "The same lead has come in again." in seen(shown)
    assert shown.blocks[1]["elements"][0]["type"] == "rich_text_quote"


def test_a_note_on_a_lock_screen_says_which_mql_it_is_about() -> None:
    assert note(happened(EventType.ACCEPTED, "Sato"), view(), EN).text == "Taro Yamada (Acme): Sato has accepted it."


def test_the_note_on_an_outcome_gives_its_particulars() -> None:
    entry = happened(EventType.DISPOSED, "Sato", "contacted", "disqualified", feedback=3)
    assert "Reason: Still gathering information" in seen(note(entry, view(Status.DISQUALIFIED), EN))


def test_an_earlier_outcome_does_not_borrow_the_particulars_of_a_later_one() -> None:
    entry = happened(EventType.DISPOSED, "Sato", "contacted", "qualified", feedback=1)
    assert "Reason" not in seen(note(entry, view(Status.DISQUALIFIED), EN))


def test_an_mql_of_a_tier_says_so_among_its_facts() -> None:
    hot = view()
    hot.response.tier = hot.mql.received_tier = "ホット <至急>"
    assert "*ランク*\nホット &lt;至急&gt;" in fields_of(hot, JA)
    assert "*Tier*" in fields_of(hot, EN)
    assert "ランク" not in fields_of(view(), JA)


def test_within_the_grace_a_card_does_not_say_overdue() -> None:
    late = view(due=NOW - timedelta(minutes=10))
    late.response.breach_at = NOW + timedelta(minutes=20)
    assert "期限超過" not in seen(card(late, JA, NOW))
    assert "期限超過" in seen(card(late, JA, NOW + timedelta(minutes=20)))


@pytest.mark.parametrize(
    ("after", "effect", "sentence"),
    [
        (20, None, "初回対応の期限が11/25(水) 12:00から11/25(水) 08:00に変わりました。"),
        (-2, "breached", "11/24(火) 10:00に変わりました。新しい設定では、すでに期限を過ぎています。"),
        (48, "safe", "11/26(木) 12:00に変わりました。期限超過ではなくなりました。"),
        (24, "breached", "(初回対応の期限は11/25(水) 12:00のままです)。新しい設定では、すでに期限を過ぎています。"),
    ],
)
def test_a_note_on_a_moved_deadline_says_what_that_comes_to(after: int, effect: str | None, sentence: str) -> None:
    entry = happened(EventType.DEADLINE_MOVED, clock="response", effect=effect)
    entry.event.before = (NOW + timedelta(hours=24)).isoformat()
    entry.event.after = (NOW + timedelta(hours=after)).isoformat()
    assert note(entry, view(), JA).text.endswith(sentence)
