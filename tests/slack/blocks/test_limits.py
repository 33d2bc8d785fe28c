"""Whatever a lead writes about itself, Slack takes the message and nobody is pinged."""

from __future__ import annotations

import ast
import inspect
import json
import pkgutil
import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from bot import i18n
from bot.i18n import Translator
from bot.slack import blocks
from bot.slack.blocks.base import budget, text
from bot.slack.blocks.base.kit import Block, Message
from bot.slack.blocks.base.shortened import shortened
from bot.slack.blocks.mql import cards
from playground.blocks import problems, view_problems, view_too_large
from tests.slack.blocks import (
    definitions,
    everything,
    meetings,
    routing_samples,
    samples,
    setup_samples,
    upload_samples,
)
from tests.slack.blocks.everything import FEW, LANGUAGES, MOST, WHOLE, Sample, messages, views

JA, EN = LANGUAGES
looks = pytest.mark.parametrize(
    ("t", "sample"),
    [
        pytest.param(JA, FEW, id="ja"),
        pytest.param(EN, FEW, id="en"),
        pytest.param(JA, MOST, id="ja, most", marks=pytest.mark.thorough),
        pytest.param(JA, WHOLE, id="ja, whole", marks=pytest.mark.thorough),
        pytest.param(EN, WHOLE, id="en, whole", marks=pytest.mark.thorough),
    ],
)

# What of ours may stand between < and >: mentions, and links that lead where we chose.
OURS = re.compile(
    r"<@U1>|<#C9>|<https://acme\.slack\.com/[^<>|]*\|[^<>]*>|<https://app\.hubspot\.com/contacts/1/record/0-1/7\|7>"
    r"|<mailto:(\S+@acme\.example)\|\1>|<tel:\+81312345678\|[^<>]*>"
)


def mrkdwn_in(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for inner in node:
            yield from mrkdwn_in(inner)
    elif isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            yield node
        for inner in node.values():
            yield from mrkdwn_in(inner)


def complaints(text: str) -> list[str]:
    left = OURS.sub("", text)
    broken_escapes = re.findall(r"&(?!amp;|lt;|gt;).{0,5}", left)
    return [*re.findall(r"<[^>]*>?", left), *(f"a broken escape {match}" for match in broken_escapes)]


def plain_in(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for inner in node:
            yield from plain_in(inner)
    elif isinstance(node, dict):
        if node.get("type") == "plain_text":
            yield node["text"]
        for inner in node.values():
            yield from plain_in(inner)


def pings_nobody_and_links_nowhere(blocks: list[Block]) -> Iterator[str]:
    for mrkdwn in mrkdwn_in(blocks):
        yield from complaints(mrkdwn["text"])


def no_mark_of_mrkdwn_stands_where_slack_shows_it_as_it_is(blocks: list[Block]) -> Iterator[str]:
    yield from (text for text in plain_in(blocks) if "`/mql" in text)


def slack_makes_no_links_of_its_own(blocks: list[Block]) -> Iterator[str]:
    yield from (text["text"] for text in mrkdwn_in(blocks) if text["verbatim"] is not True)


def can_be_sent_as_utf_8(blocks: list[Block]) -> Iterator[str]:
    try:
        json.dumps(blocks, ensure_ascii=False).encode()
    except UnicodeEncodeError as problem:
        yield str(problem)


def only_web_addresses_can_be_opened(blocks: list[Block]) -> Iterator[str]:
    if "javascript:" in json.dumps(blocks):
        yield "javascript:"


def nothing_directs_the_reader_the_wrong_way_round(blocks: list[Block]) -> Iterator[str]:
    if "\\u202e" in json.dumps(blocks):
        yield "U+202E"


RULES_OF_BLOCKS = (
    pings_nobody_and_links_nowhere,
    no_mark_of_mrkdwn_stands_where_slack_shows_it_as_it_is,
    slack_makes_no_links_of_its_own,
    can_be_sent_as_utf_8,
    only_web_addresses_can_be_opened,
)


def slack_takes_the_message(message: Message, t: Translator) -> Iterator[str]:
    yield from problems(message.blocks, "message")


def it_keeps_to_the_budget_of_a_whole_message(message: Message, t: Translator) -> Iterator[str]:
    if not budget.fits(message.blocks):
        yield "too much"


def what_is_shortened_is_half_of_a_message_with_its_buttons(message: Message, t: Translator) -> Iterator[str]:
    short = shortened(message, t)
    yield from problems(short.blocks, "message")
    if not budget.fits(short.blocks, 0.5):
        yield "more than half"
    if short.blocks[-1]["elements"][0]["text"] != t("short.note"):
        yield "it does not say so"
    rows = [block for block in message.blocks[:49] if block["type"] == "actions"]
    if [block for block in short.blocks if block["type"] == "actions"] != rows and budget.fits(rows, 0.45):
        yield "a button is missing"


def a_lock_screen_shows_something_short(message: Message, t: Translator) -> Iterator[str]:
    if not 5 <= len(message.text) <= 1000:
        yield f"{len(message.text)} characters"
    yield from complaints(message.text)
    message.text.encode()


RULES_OF_MESSAGES = (
    slack_takes_the_message,
    it_keeps_to_the_budget_of_a_whole_message,
    what_is_shortened_is_half_of_a_message_with_its_buttons,
    a_lock_screen_shows_something_short,
)


class Unseen:
    """Blocks that were not held to the rules before: the same buttons and lines stand in hundreds of messages."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def among(self, blocks: list[Block]) -> list[Block]:
        as_json = {json.dumps(block, ensure_ascii=False): block for block in blocks}
        unseen = [block for text, block in as_json.items() if text not in self._seen]
        self._seen.update(as_json)
        return unseen


def broken(sample: Sample, t: Translator) -> Iterator[str]:
    """Tell which message or view breaks which rule."""
    in_messages, in_views = Unseen(), Unseen()
    for name, message in messages(t, sample):
        for rule in RULES_OF_MESSAGES:
            yield from (f"{name}: {rule.__name__}: {problem}" for problem in rule(message, t))
        blocks = in_messages.among(message.blocks)
        for of_blocks in (*RULES_OF_BLOCKS, nothing_directs_the_reader_the_wrong_way_round):
            yield from (f"{name}: {of_blocks.__name__}: {problem}" for problem in of_blocks(blocks))
    for name, view in views(t, sample):
        yield from (f"{name}: {view_problem}" for view_problem in view_problems(view))
        if view_too_large(view):
            yield f"{name}: too large"
        blocks = in_views.among([{**view, "blocks": []}, *view["blocks"]])
        for of_blocks in RULES_OF_BLOCKS:
            yield from (f"{name}: {of_blocks.__name__}: {problem}" for problem in of_blocks(blocks))


@pytest.fixture
def _each_text_is_cut_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hostile texts stand in thousands of messages: to cut them anew took a third of the time."""
    for name in ("clean", "_clip", "line", "escape"):
        monkeypatch.setattr(text, name, cache(getattr(text, name)))
    monkeypatch.setattr(i18n, "escape", cache(i18n.escape))


@looks
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("_each_text_is_cut_once")
def test_every_message_and_every_view_keeps_every_rule(t: Translator, sample: Sample) -> None:
    """One test of all rules, for to draw everything is what is dear."""
    assert list(broken(sample, t)) == []


def test_a_web_address_can_be_opened() -> None:
    assert "https://crm.example/12" in json.dumps(cards.card(samples.view(), JA, samples.NOW).blocks)


# They know no noun: every builder is made of them. The screens of the settings are drawn by their stories.
PARTS = (
    "bot.slack.blocks.base.forms",
    "bot.slack.blocks.base.kit",
    "bot.slack.blocks.base.shortened",
    "bot.slack.blocks.settings.pages",
)


def builders() -> Iterator[Callable[..., object]]:
    """Every function that returns a message or a form."""
    for walk_package in pkgutil.walk_packages(blocks.__path__, f"{blocks.__name__}."):
        for name, function in inspect.getmembers(import_module(walk_package.name), inspect.isfunction):
            returns = str(inspect.get_annotations(function).get("return", ""))
            public = not name.startswith("_") and function.__module__ not in PARTS
            if public and re.search(r"\b(Message|View)\b", returns):
                yield function


def shown(module: ModuleType) -> Iterator[object]:
    """What a module of samples asks the modules of blocks for."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            part = getattr(getattr(module, node.value.id, None), node.attr, None)
            if inspect.isfunction(part):
                yield part


def test_every_builder_is_among_those_whose_looks_are_tested() -> None:
    modules = (everything, meetings, definitions, upload_samples, routing_samples, setup_samples)
    known = {function for module in modules for function in shown(module)}
    assert {f"{function.__module__}.{function.__name__}" for function in builders() if function not in known} == set()
