"""Whatever a lead writes about itself, Slack takes the message and nobody is pinged."""

from __future__ import annotations

import ast
import inspect
import json
import pkgutil
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from bot.i18n import Translator
from bot.slack import blocks
from bot.slack.blocks import budget
from bot.slack.blocks.kit import Message
from bot.slack.blocks.shortened import shortened
from playground.blocks import problems, view_problems, view_too_large
from tests.slack.blocks import definitions, everything, meetings, routing_samples, setup_samples, upload_samples
from tests.slack.blocks.everything import LANGUAGES, messages, views

JA, EN = LANGUAGES
languages = pytest.mark.parametrize(
    ("t", "whole"),
    [
        pytest.param(JA, True, id="ja"),
        pytest.param(EN, False, id="en"),
        pytest.param(EN, True, id="en, whole", marks=pytest.mark.thorough),
    ],
)

# What of ours may stand between < and >: mentions, and links that lead where we chose.
OURS = re.compile(
    r"<@U1>|<#C9>|<https://acme\.slack\.com/[^<>|]*\|[^<>]*>|<https://app\.hubspot\.com/contacts/1/record/0-1/7\|7>"
    r"|<mailto:(\S+@acme\.example)\|\1>|<tel:\+81312345678\|[^<>]*>"
)


def mrkdwn_in(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for one in node:
            yield from mrkdwn_in(one)
    elif isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            yield node
        for one in node.values():
            yield from mrkdwn_in(one)


def complaints(name: str, text: str) -> list[str]:
    left = OURS.sub("", text)
    found = [f"{name}: {match}" for match in re.findall(r"<[^>]*>?", left)]
    return found + [f"{name}: a broken escape {match}" for match in re.findall(r"&(?!amp;|lt;|gt;).{0,5}", left)]


@languages
def test_slack_takes_every_message(t: Translator, whole: bool) -> None:
    broken = [f"{name}: {one}" for name, message in messages(t, whole) for one in problems(message.blocks, "message")]
    assert broken == []


@languages
def test_slack_takes_every_view(t: Translator, whole: bool) -> None:
    broken = [f"{name}: {one}" for name, view in views(t, whole) for one in view_problems(view)]
    assert broken == []
    assert [name for name, view in views(t, whole) if view_too_large(view)] == []


@languages
def test_every_message_keeps_to_the_budget_of_a_whole_message(t: Translator, whole: bool) -> None:
    assert [name for name, message in messages(t, whole) if not budget.fits(message.blocks)] == []


@languages
def test_what_is_shortened_is_half_of_a_message_that_slack_takes_with_its_buttons(t: Translator, whole: bool) -> None:
    for name, message in messages(t, whole):
        short = shortened(message, t)
        assert problems(short.blocks, "message") == [], name
        assert budget.fits(short.blocks, 0.5), name
        assert short.blocks[-1]["elements"][0]["text"] == t("short.note")
        rows = [block for block in message.blocks[:49] if block["type"] == "actions"]
        assert [block for block in short.blocks if block["type"] == "actions"] == rows or not budget.fits(rows, 0.45)


@languages
def test_what_a_lock_screen_shows_is_short_and_never_empty(t: Translator, whole: bool) -> None:
    for name, message in messages(t, whole):
        assert 5 <= len(message.text) <= 1000, name


@languages
def test_outside_text_pings_nobody_and_links_nowhere(t: Translator, whole: bool) -> None:
    found = []
    for name, message in messages(t, whole):
        found += complaints(name, message.text)
        for one in mrkdwn_in(message.blocks):
            found += complaints(name, one["text"])
    for name, view in views(t, whole):
        for one in mrkdwn_in(view):
            found += complaints(name, one["text"])
    assert found == []


def plain_in(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for one in node:
            yield from plain_in(one)
    elif isinstance(node, dict):
        if node.get("type") == "plain_text":
            yield node["text"]
        for one in node.values():
            yield from plain_in(one)


@languages
def test_no_mark_of_mrkdwn_stands_where_slack_shows_it_as_it_is(t: Translator, whole: bool) -> None:
    shown = [(name, message.blocks) for name, message in messages(t, whole)]
    shown += [(name, [view]) for name, view in views(t, whole)]
    found = {f"{name}: {text}" for name, blocks in shown for text in plain_in(blocks) if "`/mql" in text}
    assert found == set()


@languages
def test_slack_makes_no_links_of_its_own(t: Translator, whole: bool) -> None:
    shown: list[Message | dict[str, Any]] = [message for _, message in messages(t, whole)]
    shown += [view for _, view in views(t, whole)]
    for one in shown:
        blocks = one.blocks if isinstance(one, Message) else one["blocks"]
        assert all(text["verbatim"] is True for text in mrkdwn_in(blocks))


@languages
def test_everything_can_be_sent_as_utf_8(t: Translator, whole: bool) -> None:
    for _, message in messages(t, whole):
        json.dumps([message.text, message.blocks], ensure_ascii=False).encode()
    for _, view in views(t, whole):
        json.dumps(view, ensure_ascii=False).encode()


@languages
def test_only_web_addresses_can_be_opened(t: Translator, whole: bool) -> None:
    text = json.dumps([message.blocks for _, message in messages(t, whole)])
    assert "javascript:" not in text
    assert "https://crm.example/12" in text


@languages
def test_nothing_directs_the_reader_the_wrong_way_round(t: Translator, whole: bool) -> None:
    for name, message in messages(t, whole):
        assert "\u202e" not in json.dumps(message.blocks, ensure_ascii=False), name


# They know no noun: every builder is made of them.
PARTS = ("bot.slack.blocks.forms", "bot.slack.blocks.kit", "bot.slack.blocks.shortened")


def builders() -> Iterator[Callable[..., object]]:
    """Every function that returns a message or a form."""
    for found in pkgutil.iter_modules(blocks.__path__, f"{blocks.__name__}."):
        for name, function in inspect.getmembers(import_module(found.name), inspect.isfunction):
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
    samples = (everything, meetings, definitions, upload_samples, routing_samples, setup_samples)
    known = {function for module in samples for function in shown(module)}
    assert {f"{function.__module__}.{function.__name__}" for function in builders() if function not in known} == set()
