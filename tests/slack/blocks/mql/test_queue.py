"""What the queue shows: why, what was read, and what can be done about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.connectors.content import FREE_TEXT
from bot.i18n import Translator
from bot.slack.blocks.base import ids
from bot.slack.blocks.mql import queue, senders
from storage.vocabulary import Locale, UnreadableState
from tests.slack.blocks.samples import elements, queue_entry, seen, sender_rule, unreadable

JA, EN = (Translator(locale, "Asia/Tokyo") for locale in (Locale.JA, Locale.EN))


def test_an_entry_is_explained_with_what_was_read_and_can_be_dealt_with() -> None:
    content = {"予算": "300万円", FREE_TEXT: "よろしくお願いします", "電話": ""}
    shown = queue.note(queue_entry("HubSpot", reason="several_emails", content=content), JA)
    assert "メールアドレスが複数あり" in shown.text
    assert "• 予算: 300万円\n• よろしくお願いします\n• 電話" in seen(shown)
    pressed = [(element["action_id"], element["value"]) for element in elements(shown)]
    assert pressed == [(ids.ENTER_UNREADABLE, "4"), (ids.DISMISS_UNREADABLE, "4"), (ids.TEACH, "4")]


def test_a_message_without_labels_and_a_delivery_offer_nothing_to_teach() -> None:
    for values in ({"content": {FREE_TEXT: "Hello"}}, {"sender": None}):
        assert ids.TEACH not in [element["action_id"] for element in elements(queue.note(queue_entry(**values), EN))]


def test_a_reason_that_the_catalogue_lacks_is_shown_as_it_is_and_escaped() -> None:
    shown = queue.note(queue_entry(reason="Too <b>odd"), EN).text
    assert "Too &lt;b&gt;odd" in shown
    assert "Too <b>odd" not in shown


@pytest.mark.parametrize(
    ("state", "by", "sentence"),
    [
        (UnreadableState.ENTERED, "鈴木", "鈴木さんがMQL #12として登録しました。"),
        (UnreadableState.ENTERED, None, "送信元が内容を書き足したため、MQL #12として登録しました。"),
        (UnreadableState.DISMISSED, "鈴木", "鈴木さんが「MQLではない」と判断しました。"),
        (UnreadableState.SET_ASIDE, None, "取り置きました。商談・受注のお知らせです。"),
        (UnreadableState.DELETED, None, "送信元がこのメッセージを削除したため"),
    ],
)
def test_what_has_been_dealt_with_says_how_and_by_whom(state: UnreadableState, by: str | None, sentence: str) -> None:
    entry = replace(queue_entry(state=state, reason="deal"), by=by)
    shown = queue.note(entry, JA)
    assert sentence in shown.text
    offered = [element["action_id"] for element in elements(shown)]
    learnable = state in (UnreadableState.DISMISSED, UnreadableState.SET_ASIDE)
    assert (ids.ENTER_UNREADABLE in offered) == (state != UnreadableState.ENTERED)
    assert (ids.NEVER_APP in offered, ids.NEVER_HEADLINE in offered) == (learnable, learnable)


def test_what_is_learnt_is_said_and_offered_no_more() -> None:
    entry = queue_entry("Task reminder 12", state=UnreadableState.SET_ASIDE)
    shown = queue.note(replace(entry, rules=(sender_rule("TASK reminder 13"),)), EN)
    assert "Messages headed “TASK reminder 13” will not become MQLs" in shown.text
    assert [element["action_id"] for element in elements(shown)] == [ids.ENTER_UNREADABLE]
    other = queue.note(replace(entry, rules=(sender_rule("Another"),)), EN)
    assert ids.NEVER_HEADLINE in [element["action_id"] for element in elements(other)]


def test_a_list_strikes_what_is_dealt_with_and_says_when_nothing_is_left() -> None:
    done = queue_entry("HubSpot", state=UnreadableState.DISMISSED)
    shown = queue.waiting([queue_entry("Zapier"), done], EN)
    assert "1 thing waits for you to decide" in shown.text
    assert "~HubSpot · " in seen(shown)
    assert [element["action_id"] for element in elements(shown)].count(ids.ENTER_UNREADABLE) == 1
    assert EN("queue.nothing_left") in queue.waiting([done], EN).text


def test_a_label_that_a_form_cannot_carry_whole_is_not_offered() -> None:
    entry = unreadable(content={"会社": "青葉", "x" * 201: "y", " odd ": "z", FREE_TEXT: "w"})
    blocks = senders.teach_form(entry, [entry], {"会社": "person"}, JA, from_home=False)["blocks"]
    (offered,) = [block for block in blocks if block["type"] == "input"]
    assert (offered["block_id"], offered["element"]["initial_option"]["value"]) == ("label_field:会社", "person")
