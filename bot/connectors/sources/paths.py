"""A body as paths and values: what a person sees of a delivery, and what a mapping names.

Keys are joined by dots, items of a list have their number in brackets: `items[0].name`. Where each item of a list
brings its own label, as the answers of a form do, the label stands there: `answers[会社名]`. So a path outlives another
order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.connectors.parser import labels, text
from bot.connectors.sources.payload import Tree, free

MAX_PATHS = 1_000
MAX_VALUE = 5_000
_MAX_LABEL = 200

_LABELS = ("label", "question", "title", "column_id", "column_name", "name", "key")
_VALUES = ("value", "answer", "string_value", "values", "text")
# What may stand beside the value of a field without being one.
_BESIDE = {
    *(
        "type",
        "label",
        "title",
        "name",
        "id",
        "key",
        "ref",
        "isHidden",
        "is_hidden",
        "versions",
        "timestamp",
        "options",
    ),
    *("source", "source-id", "source-type", "source-label", "sourceId", "updated-by-user-id", "position", "required"),
}
_PAIR = 2
"""So many members has an answer that brings nothing but its label, whatever the tool calls it."""
_SILENT = {"value", "values", "text", "answer", "string_value"}
_STEPS = re.compile(r"\[([^\[\]]*)\]|\.(?=\S)")


def flat(tree: Tree) -> dict[str, str]:
    """Return every value of a body by its path, in order; at most MAX_PATHS, of MAX_VALUE characters each. What is
    empty is left out."""
    values: dict[str, str] = {}
    for path, value in _walk(tree, ""):
        if len(values) == MAX_PATHS:
            break
        shown = text.paragraphs(value)
        if not text.is_blank(shown):
            values[free(text.line(path), values)] = text.cut(shown, MAX_VALUE)
    return values


def steps(path: str) -> list[str]:
    """Return the names that a path goes by, without numbers and without words such as `value`, which say nothing."""
    parts = [each for each in _STEPS.split(path) if each]
    telling = [each for each in parts if not each.isdecimal() and each not in _SILENT]
    return telling or parts[-1:] or [path]


def _walk(tree: Tree, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(tree, str):
        yield path, tree
    elif isinstance(tree, dict):
        for key, value in _members(tree):
            yield from _walk(value, f"{path}.{key}" if path else key)
    elif isinstance(tree, list):
        yield from _items(tree, path)


def _members(tree: dict[str, Tree]) -> Iterator[tuple[str, Tree]]:
    """Yield the members of an object; of a field with its value the value alone."""
    is_field = "value" in tree and not tree.keys() - {"value"} - _BESIDE
    return ((key, value) for key, value in tree.items() if not is_field or key == "value")


def _items(items: Sequence[Tree], path: str) -> Iterator[tuple[str, str]]:
    words = [each for each in items if isinstance(each, str)]
    if words and len(words) == len(items):
        yield path, joined(words)
        return
    for number, item in enumerate(items):
        answer = labelled(item)
        if answer:
            yield from _walk(answer[1], f"{path}[{answer[0]}]")
        else:
            yield from _walk(item, f"{path}[{number}]")


def labelled(item: Tree) -> tuple[str, Tree] | None:
    """Return the label and the value of an item that brings both, as an answer of a form; else None."""
    if not isinstance(item, dict):
        return None
    label = next((each for name in _LABELS if isinstance(each := item.get(name), str) and each.strip()), None)
    value = next((name for name in _VALUES if name in item), None)
    if label is None and value is not None and len(item) == _PAIR:
        label = next((each for name, each in item.items() if name != value and isinstance(each, str)), None)
    if label is None or value is None:
        return None
    return text.cut(text.line(label).replace("[", "(").replace("]", ")"), _MAX_LABEL), item[value]


def joined(words: Sequence[str]) -> str:
    """Return several choices as one text."""
    return ("、" if any(labels.is_japanese(each) for each in words) else ", ").join(words)
