"""What the reader only guessed in its reading, and the layout by which a person who confirms it is remembered.

A reading is certain where each field stands at a label that is known or taught, and the form itself says where the
message ends. Everything else is a judgement: often right, but nobody would see where it is not.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.connectors.parser import doubt_words, labels, mrkdwn, people, text, values
from bot.connectors.parser.draft import Draft
from bot.connectors.parser.label_forms import key
from bot.connectors.parser.line import Style, label_text, labelled
from bot.connectors.parser.lines import Pair
from bot.connectors.parser.page import Page
from bot.core.mql.notice_layout import Layout

Kind = Literal["label", "unlabelled", "message_end", "stray", "unknown"]

_WITHOUT_LABEL = frozenset({"crm_url", "external_id", "record_ids"})
"""These are read from links, by the host."""
_LONGEST = 4_000
_MOST = 100
_SHOWN = 60
_FIGURE = re.compile(r"[\W\d_]*(?:[a-zA-Z]{0,3}|[年月日時分円万台名件人]+)[\W\d_]*")
_ANSWER = re.compile(
    r"(?:yes|no|true|false|on|off|はい|いいえ|あり|なし|有|無|同意.{0,6}|未定|new|open)\W*", re.IGNORECASE
)


@dataclass(frozen=True)
class Guess:
    """A piece of a reading that is a judgement."""

    kind: Kind
    """`label`: the label of a field is not known; `unlabelled`: a field has no label; `message_end`: nothing marks the
    end of the message; `stray`: a line belongs to no field; `unknown`: no message was read, and an unknown label may be
    its."""
    field: str = "message"
    """The lead's field in question."""
    about: str = ""
    """The label, or the beginning of the line, as a reader sees it; empty where there is none."""


def guesses(page: Page, draft: Draft) -> Iterator[Guess]:
    """Yield what was guessed; what may do most harm first."""
    yield from _fields(page, draft)
    yield from _message_end(page, draft)
    yield from _stray(page)
    yield from _unknown(page, draft)


def layout_of(page: Page, unsure: list[str]) -> Layout:
    """Return the layout of a message of which this is unsure."""
    shown = [f"label {key(label_text(pair.label))}" for pair in page.pairs[:_MOST]]
    if not page.names_fields:
        shown += [f"line {_sort(each)}" for each in page.stray[:_MOST] if each.strip()]
    parts = tuple(hashlib.sha256(each.encode()).hexdigest()[:12] for each in shown)
    return Layout(parts, tuple(sorted(set(unsure))))


def _sort(raw: str) -> str:
    """Return of what sort a line without a label is."""
    shown = values.line(raw[:_LONGEST])
    marks = [
        name
        for name, holds in (
            ("address", bool(mrkdwn.addresses(shown))),
            ("number", people.has_number(shown)),
            ("sentence", bool(doubt_words.SENTENCE.search(shown))),
        )
        if holds
    ]
    return " ".join(marks)


def _fields(page: Page, draft: Draft) -> Iterator[Guess]:
    """Yield the fields that stand at no label of their own."""
    given = {pair.label for pair in page.pairs}
    for name in draft.fields:
        label = draft.labels.get(name)
        if name in _WITHOUT_LABEL or label is None:
            continue
        if (name == "title" and label in given and draft.field_of(label) not in {"title", "attribute"}) or (
            name not in draft.sure and label in given
        ):
            yield Guess("label", name, _shown(label))
        elif name not in draft.sure:
            yield Guess("unlabelled", name)
    if "score" not in draft.sure and "score" in draft.fields and "score" not in draft.labels:
        yield Guess("unlabelled", "score")


def _message_end(page: Page, draft: Draft) -> Iterator[Guess]:
    """Yield the message where it has several lines, and it is a judgement which of them the person wrote."""
    message = str(draft.fields.get("message", ""))
    if "\n" not in message or "message" not in draft.sure:
        return
    lines = [each for each in message.split("\n")[1:_MOST] if each.strip()]
    looks_like_field = any(
        (line := labelled(each[:_LONGEST])) and line.style <= Style.COLON and line.value for each in lines
    )
    own = next((pair for pair in page.pairs if values.paragraphs(pair.value)[:_SHOWN] == message[:_SHOWN]), None)
    if own is not None and own.is_closed:
        return
    if looks_like_field or ("\n\n" in message and own is page.pairs[-1]):
        yield Guess("message_end", "message", _shown(draft.labels["message"]))


def _stray(page: Page) -> Iterator[Guess]:
    """Yield the line that belongs to no field, and that is neither a headline nor a tool's own words."""
    if not page.names_fields:
        return
    heads = {values.line(head) for head in page.heads}
    for raw in page.stray[:_MOST]:
        shown = values.line(raw[:_LONGEST])
        is_words = any(c.isalpha() for c in shown) and shown not in heads
        if is_words and not (doubt_words.NARRATED.search(shown) or doubt_words.HAPPENED.search(shown)):
            yield Guess("stray", "message", text.cut(shown, _SHOWN))
            return


def _unknown(page: Page, draft: Draft) -> Iterator[Guess]:
    """Yield the unknown label at which words stand, where no message was read."""
    if "message" in draft.fields or not page.names_fields:
        return
    for pair in page.pairs[:_MOST]:
        if _may_be_message(page, draft, pair):
            yield Guess("unknown", "message", _shown(pair.label))
            return


def _may_be_message(page: Page, draft: Draft, pair: Pair) -> bool:
    shown = values.line(pair.value[:_LONGEST])
    is_known = draft.field_of(pair.label) is not None or labels.weak_of(pair.label) is not None
    is_aside = doubt_words.OF_A_TOOL.search(pair.label) or doubt_words.OF_SOMETHING_ELSE.search(pair.label)
    is_closed = _FIGURE.fullmatch(shown) or _ANSWER.fullmatch(shown) or mrkdwn.links(pair.value)
    if is_known or is_aside or is_closed or mrkdwn.addresses(shown) or values.is_absent(shown):
        return False
    first = key(values.line(page.heads[0])) if page.heads else ""
    return not first.startswith(key(pair.label))  # A tool's headline with a colon in it is no label.


def _shown(label: str) -> str:
    return text.cut(label_text(label) or text.line(label), _SHOWN)
