"""A message that is JSON: a tool that has no template posts what it got."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot.connectors.parser.lines import Pair

MAX_DEPTH = 5
MAX_PAIRS = 300
_LABELS = ("label", "title", "question", "name", "key", "field")
_VALUES = ("value", "answer", "answers", "text", "response")


def pairs(raw: str) -> list[Pair]:
    """Return the fields of an object, or of several in a list; none where the text is no JSON."""
    bare = raw.strip().strip("`").removeprefix("json").strip()
    if not bare.startswith(("{", "[")):
        return []
    try:
        value = json.loads(bare, strict=False)
    except (ValueError, RecursionError):
        return []
    found: list[Pair] = []
    for pair in _members("", value, 0):
        if len(found) == MAX_PAIRS:
            break
        found.append(pair)
    return found


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
        yield from _members(key, inner, depth + 1)
