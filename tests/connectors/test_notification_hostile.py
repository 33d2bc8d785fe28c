"""What a public form can put into a notification, and what no message may do to the reader."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.connectors import notification
from bot.connectors.notification import Reading, Unreadable
from bot.connectors.parser import headlines, labels
from bot.connectors.parser.values import is_absent
from bot.connectors.sources.contract import NotALead
from bot.core.mql.lead import Lead
from tests.reading import of_known_layout


def lead(text: str = "", **message: object) -> Lead:
    result = of_known_layout({"text": text, **message})
    assert isinstance(result, list), result
    (only,) = result
    return only


def test_escapes_are_undone_exactly_once() -> None:
    read = lead("Company: A &amp;amp; B &amp;lt;b&amp;gt;\nMessage: &lt;script&gt; &amp;&lt;&gt;")
    assert (read.company, read.message) == ("A &amp; B &lt;b&gt;", "<script> &<>")


def test_a_mention_typed_into_a_form_stays_text() -> None:
    assert lead("Company: &lt;!channel&gt;\nName: &lt;@U1&gt;").company == "<!channel>"


def test_a_mention_that_the_tool_let_through_becomes_plain_words() -> None:
    read = lead("Company: <!channel> Acme\nName: <@U1|jane>\nTitle: <#C1|general> <!subteam^S1|@sales> <!here>")
    assert (read.company, read.person, read.title) == ("@channel Acme", "@jane", "#general @sales @here")


def test_a_date_is_read_by_its_fallback() -> None:
    assert lead("Company: Acme\nRenewal: <!date^1700000000^{date}|2023-11-14>").attributes == {"Renewal": "2023-11-14"}


def test_a_disguised_link_shows_its_words_and_opens_nothing() -> None:
    read = lead("Company: <https://evil.example|Acme>\nMessage: <https://evil.example|View in CRM>")
    assert (read.company, read.message, read.crm_url) == ("Acme", "View in CRM", None)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "https://", "http://[::1"])
def test_a_button_or_record_link_opens_only_web_addresses(url: str) -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": "Open"}, "url": url}
    read = lead("Company: Acme\nRecord link: " + url, attachments=[{"title_link": url, "actions": [button]}])
    assert read.crm_url is None
    assert read.attributes == {"Record link": url}


def test_a_message_cannot_overwrite_a_field_that_stands_before_it() -> None:
    read = lead("*Score:* 10\n*Company:* Acme\n*Message:* hi\nScore: 100\n*Score:* 100\n*Company:* Other")
    assert (read.score, read.company) == (10, "Acme")
    assert read.attributes == {"Score": "100", "Company": "Other"}


def test_colons_inside_a_value_do_not_end_its_label() -> None:
    read = lead("Company: Acme\nMessage: use std::vector :: today\nand a::b: c\nWebsite: http://[2001::1]/")
    assert read.message == "use std::vector :: today\nand a::b: c"
    assert read.attributes == {"Website": "http://[2001::1]/"}


def test_right_to_left_names_and_emoji_are_kept_and_overrides_are_not() -> None:
    read = lead("Company: شركة المثال 🏢\nName: \u202eליאור\u202c 👩‍💻")
    assert (read.company, read.person) == ("شركة المثال 🏢", "ליאור 👩‍💻")


def test_control_characters_and_broken_characters_do_not_survive() -> None:
    read = lead(
        "Company: A\x00c\x1bme \ud800", attachments=[{"fields": [{"title": "B\udfff", "value": "\x07 \udc00"}]}]
    )
    assert (read.company, read.attributes) == ("Acme \ufffd", {"B\ufffd": "\ufffd"})
    read.model_dump_json().encode()


@pytest.mark.thorough
@pytest.mark.parametrize(
    "line",
    [
        "*" * 40_000,
        "a" * 40_000,
        "<" * 40_000,
        ":a" * 20_000,
        "a@" * 20_000,
        "a.b" * 13_000 + "@",
        "* " * 20_000,
        ">&gt;" * 8_000,
        "- " * 20_000,
        "【" * 40_000,
        "(" * 40_000,
        "_ " * 20_000,
        " " * 40_000 + ":",
        "Name: " + "a b " * 10_000,
        "はじめまして。株式会社青葉の山本と申します。\n" + "----\n" * 8_000,
        "Message: hi\n" + "a: b\n" * 8_000,
        "&lt;/td&gt;&lt;td " * 2_000,
        "company:\n name:\n" * 2_500,
        "|" * 40_000,
        "\n".join(["Name: x"] * 5_000),
        "\n" * 40_000,
        "🎉" * 40_000,
        "\u0301" * 40_000,
        "Score: " + "1," * 20_000,
        "0312345678(" + "a" * 40_000,
        "Name: 佐藤" + " " * 39_000 + "山",
        "Name: 佐藤(" + " " * 39_000 + "山",
        "Score: 82" + " " * 39_000 + "1",
        "0312345678" + " " * 39_000 + "1",
    ],
)
def test_no_line_takes_long(line: str) -> None:
    started = time.thread_time()
    for text in (line, f"Company: {line}", f"Company: Acme\nPhone: {line}", f"*Message*: x\n{line}"):
        notification.read({"text": text})
    # Seconds of the processor; what grows with the square of its length takes minutes.
    assert time.thread_time() - started < 10


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("1) <mailto:a@acme.example|Ann>, Acme Inc\n2) <mailto:b@beta.example|Bo>, Beta Inc", "several_emails"),
        ("a, b\rc\nd, e", "no_fields"),
    ],
)
def test_a_list_or_a_table_that_is_none_is_read_as_any_words(written: str, reason: str) -> None:
    assert notification.read({"text": written}) == notification.Unreadable(reason)  # type: ignore[arg-type]


def test_deep_nesting_is_passed_over() -> None:
    element: dict[str, object] = {"type": "text", "text": "Company: Acme"}
    for _ in range(5_000):
        element = {"type": "rich_text_section", "elements": [element]}
    assert notification.read({"blocks": [{"type": "rich_text", "elements": [element]}]}) == Unreadable("empty")


def test_more_blocks_and_attachments_than_slack_allows_are_passed_over() -> None:
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "Seats: 20"}}
    read = lead("", blocks=[block] * 10_000, attachments=[{"text": "Company: Acme"}] * 10_000)
    assert read.company == "Acme"
    assert len(read.attributes) == 50


LABELS = [
    each.strip() for table in labels.LABELS.values() for each in table.replace("\n", ",").split(",") if each.strip()
]
TEXTS = st.one_of(
    st.text(alphabet=st.characters()),
    st.text(alphabet="*_<>|:：&;@.-/ \n\t`=【】■Nameメール82点", max_size=80),
    st.lists(
        st.builds(
            "{}{}{}".format, st.sampled_from(LABELS), st.sampled_from([": ", "：", " :: ", " - ", "\n"]), st.text()
        )
    ).map("\n".join),
)
KEYS = st.sampled_from(
    [
        "text",
        "type",
        "blocks",
        "attachments",
        "fields",
        "title",
        "value",
        "title_link",
        "elements",
        "url",
        "style",
        "rows",
        "pretext",
        "fallback",
        "accessory",
        "actions",
        "bold",
        "from_url",
        "user_id",
    ]
)
TYPES = st.sampled_from(
    [
        "section",
        "header",
        "context",
        "actions",
        "rich_text",
        "rich_text_section",
        "rich_text_list",
        "table",
        "markdown",
        "mrkdwn",
        "plain_text",
        "raw_text",
        "text",
        "link",
        "user",
        "button",
        "date",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | TYPES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=6),
    max_leaves=25,
)


def _is_sound(result: Reading) -> None:
    if isinstance(result, NotALead):
        assert result.reason in headlines.REASONS
        return
    if isinstance(result, Unreadable):
        assert len(result.found) <= notification.MAX_FOUND
        "".join(result.found).encode()
        return
    assert result
    for each in result:
        assert each.company or each.person or each.email
        assert Lead.model_validate_json(each.model_dump_json()) == each


@settings(deadline=None)
@given(st.dictionaries(KEYS | st.text(max_size=5), JSON, max_size=6))
def test_no_message_raises(message: dict[str, object]) -> None:
    _is_sound(notification.read(message))


@settings(deadline=None)
@given(TEXTS)
def test_no_text_raises_wherever_it_stands(text: str) -> None:
    _is_sound(notification.read({"text": text}))
    _is_sound(notification.read({"attachments": [{"text": text, "fields": [{"title": text, "value": text}]}]}))
    section = {
        "type": "section",
        "text": {"type": "mrkdwn", "text": text},
        "fields": [{"type": "mrkdwn", "text": text}] * 2,
    }
    styled = {"type": "rich_text", "elements": [{"type": "text", "text": text, "style": {"bold": True}}]}
    _is_sound(notification.read({"blocks": [section, styled, {"type": "markdown", "text": text}]}))


@settings(deadline=None)
@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=150))
def test_a_company_of_any_letters_comes_back_from_the_form_it_was_written_in(company: str) -> None:
    escaped = company.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    result = notification.read(
        {"attachments": [{"fields": [{"title": "Company", "value": escaped}, {"title": "Name", "value": "J"}]}]}
    )
    assert isinstance(result, list)
    (read,) = result
    letters = [c for c in company if c.isalnum()]
    if len(letters) == len(company) and not is_absent(company):
        assert read.company == unicodedata.normalize("NFC", company).removesuffix("様").removesuffix("御中")
