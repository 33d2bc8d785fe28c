"""A message that is JSON, or a form's encoded body: a tool that has no template posts what it got."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl

from bot.connectors.parser import mrkdwn
from bot.connectors.parser.lines import Pair

MAX_DEPTH = 5
MAX_PAIRS = 300
_ENCODED = re.compile(r"[\w.%\[\]-]{1,80}=[^&=\s]*(?:(?:&amp;|&)[\w.%\[\]-]{1,80}=[^&=\s]*){1,100}")
_BEGINS = re.compile(r"\n[ \t]{0,20}(?:`{1,3}(?:json)?\s{0,20})?[{\[]")
# What these hold under "name" is not the person's name.
_FIRMS = frozenset({"company", "organization", "organisation", "account", "employer"})
_LABELS = ("label", "title", "question", "name", "key", "field")
_VALUES = ("value", "answer", "answers", "text", "response")


def pairs(raw: str) -> list[Pair]:
    """Return the fields of an object, or of several in a list; none where the text is neither."""
    bare = raw.strip().strip("`").removeprefix("json").strip()
    if _ENCODED.fullmatch(bare):
        return [Pair(name, value) for name, value in parse_qsl(mrkdwn.unescaped(bare))]
    if not bare.startswith(("{", "[")):
        return []
    try:
        value = json.loads(bare, strict=False)
    except (ValueError, RecursionError):
        return []
    collected: list[Pair] = []
    for pair in _members("", value, 0):
        if len(collected) == MAX_PAIRS:
            break
        collected.append(pair)
    return collected


def begins(raw: str) -> int | None:
    """Return where JSON begins below a headline, fenced or not; None where it does not."""
    match = _BEGINS.search(raw)
    return match.end() - 1 if match else None


def _members(name: str, value: object, depth: int) -> Iterator[Pair]:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, dict):
        yield from _object(name, value, depth)
    elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        for each in value:
            yield from _members(name, each, depth + 1)
    elif name and value is not None and not isinstance(value, bool):
        shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        yield Pair(name, shown)


def _object(name: str, value: dict[str, object], depth: int) -> Iterator[Pair]:
    label = next((value[each] for each in _LABELS if isinstance(value.get(each), str)), None)
    answer = next((value[each] for each in _VALUES if each in value), None)
    if answer is not None and (label or name) and len(value) <= 6:
        yield from _members(str(label or name), answer, depth + 1)
        return
    for key, inner in value.items():
        whole = f"{name} {key}" if name.casefold() in _FIRMS and key.casefold() == "name" else key
        yield from _members(whole, inner, depth + 1)
