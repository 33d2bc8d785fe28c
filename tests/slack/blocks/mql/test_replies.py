from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.base.results import Refusal
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.mql import replies
from bot.slack.listeners.commands import help_lines
from storage.vocabulary import Status
from tests.slack.blocks.samples import EN, JA, LATE, NOW, buttons, seen, view


@pytest.mark.parametrize(
    ("key", "values", "ja", "en"),
    [
        (
            "already_accepted",
            {"by": "佐藤"},
            "この件はすでに佐藤さんが受領しています。ありがとうございます。",
            "佐藤 has already accepted this one. Thank you.",
        ),
        (
            "not_allowed",
            {},
            "この操作ができるのは、担当者・マネージャー・営業責任者・管理者です。",
            "Only the owner, a manager, a head of sales or an admin can do this.",
        ),
        ("not_found", {"number": 12}, "MQL #12は見つかりませんでした。", "There is no MQL #12."),
        ("reminded", {"rep": "佐藤"}, "佐藤さんに声をかけました。", "佐藤 has been reminded."),
    ],
)
def test_an_explanation_is_kind_and_says_what_is_the_case(
    key: str, values: dict[str, object], ja: str, en: str
) -> None:
    assert ja in replies.stored(f"reply.{key}", JA, **values).text
    assert en in replies.stored(f"reply.{key}", EN, **values).text


def test_values_that_a_sentence_does_not_name_do_no_harm() -> None:
    reply = replies.private(Refusal.NOT_ALLOWED, EN, by="", rep="", number=0)
    assert reply.text == "Only the owner, a manager, a head of sales or an admin can do this."


def test_a_name_in_an_explanation_is_escaped() -> None:
    assert "&lt;!here&gt;" in replies.private(Reply.REMINDED, EN, rep="<!here>").text


def test_the_help_names_every_command() -> None:
    for t in (JA, EN):
        shown = seen(replies.help_text(help_lines(), t))
        for command in ("new", "list", "show 12", "away", "away 12/5-12/9", "back", "report", "help"):
            assert f"`/mql {command}`" in shown
        assert "`/mql-feedback`" in shown
        assert "`/mql-feedback 12`" in shown


def test_my_list_shows_each_open_mql_with_its_deadline_and_a_way_to_the_rest() -> None:
    shown = replies.mql_list([view(), view(Status.CONTACTED)], JA, NOW)
    assert "対応中のMQLは2件です。" in seen(shown)
    assert "初回対応の期限: 11/25(水) 07:00" in seen(shown)
    assert buttons(shown) == ["詳細", "詳細"]


def test_one_open_mql_is_not_said_in_the_plural() -> None:
    assert "You have 1 open MQL." in seen(replies.mql_list([view()], EN))


def test_a_long_list_says_how_many_more_there_are() -> None:
    shown = seen(replies.mql_list([view()] * 43, EN))
    assert f"And {43 - shown.count('Details')} more." in shown
    assert shown.count("Details") >= 30


def test_an_empty_list_says_so() -> None:
    assert replies.mql_list([], JA).text == "ご自身が担当している対応中のMQLはありません。"
    assert replies.mql_list([], EN).text == "You have no open MQLs of your own."


def test_what_is_due_soon_is_marked_in_a_list() -> None:
    soon = view(due=NOW + timedelta(minutes=30))
    assert "⏳ 初回対応の期限: 11/24(火) 12:30" in seen(replies.mql_list([soon], JA, NOW))
    assert "⏳" not in seen(replies.mql_list([view()], JA, NOW))
    assert "⏳" not in seen(replies.mql_list([LATE], JA, NOW))
    assert "🔴" in seen(replies.mql_list([LATE], JA, NOW))
