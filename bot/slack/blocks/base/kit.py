"""The bricks of every message and view. Each keeps Slack's limits, so a builder cannot be broken by what it shows.

Limits: Slack documentation, Block Kit reference. mrkdwn is sent with `verbatim`, so that Slack links no address and
no channel name by itself; mentions and links that we write keep working.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import budget
from bot.slack.blocks.base.text import clip, clip_md

Block = dict[str, Any]
Element = dict[str, Any]
View = dict[str, Any]
Item = TypeVar("Item")

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
SECTION = 3000
FIELD = 2000
CONTEXT = 2000
FALLBACK = 1000
CELL = 60  # ours: 100 rows of 20 must stay readable
SHORT = 7  # characters of a cell: a column with nothing longer is not broken, so that ≥ stays beside its 90%


@dataclass(frozen=True)
class Message:
    """What Slack gets: `text` is what a lock screen shows, as mrkdwn, and `blocks` what the conversation shows."""

    text: Mrkdwn
    blocks: list[Block]


def message(text: Mrkdwn, blocks: Sequence[Block]) -> Message:
    """Return a message within the limits of both."""
    return Message(clip_md(text, FALLBACK), list(blocks[:MESSAGE_BLOCKS]))


def sentence(text: Mrkdwn) -> Message:
    """Return a message that is one text and nothing else."""
    return message(text, [section(text)])


def lines(parts: Iterable[str | None]) -> Mrkdwn:
    """Mrkdwn lines below each other; what is missing takes no line."""
    return Mrkdwn("\n".join(part for part in parts if part))


def plain(text: str, limit: int) -> Element:
    """Return a plain_text object: nothing in it is formatted, so nothing is escaped."""
    return {"type": "plain_text", "text": clip(text, limit) or "—"}


def mrkdwn(text: Mrkdwn, limit: int) -> Element:
    """Return a mrkdwn object."""
    return {"type": "mrkdwn", "text": clip_md(text, limit) or "—", "verbatim": True}


def header(text: str) -> Block:
    """Return a title."""
    return {"type": "header", "text": plain(text, 150)}


def divider() -> Block:
    """Return a thin line."""
    return {"type": "divider"}


def section(text: Mrkdwn, accessory: Element | None = None) -> Block:
    """Return a paragraph, with at most one element beside it."""
    block: Block = {"type": "section", "text": mrkdwn(text, SECTION)}
    return block if accessory is None else {**block, "accessory": accessory}


def bulleted(title: str, items: Sequence[str]) -> list[Block]:
    """Plain text lines below a title, at most ten to a paragraph, and no more than it has room for."""
    if not items:
        return []
    chunks = [[Mrkdwn(f"*{escape(title)}*")]]
    for item in items:
        bullet = Mrkdwn(f"• {escape(item)}")
        if len(chunks[-1]) > 10 or len(lines([*chunks[-1], bullet])) > SECTION:
            chunks.append([])
        chunks[-1].append(bullet)
    return [section(lines(chunk)) for chunk in chunks]


def first_of(
    items: Sequence[Item],
    most: int,
    row: Callable[[Item], Sequence[Block]],
    t: Translator,
    *,
    count: int | None = None,
    more: str = "list.more",
    beside: Sequence[Block] | None = None,
) -> list[Block]:
    """Return the rows of the first items, and a line that says how many more there are. `count`: of all, where `items`
    are only the first of them; `more`: the key of that line; `beside`: what else stands in the message, where it is
    one: then no more rows are taken than it has room for."""
    made = (row(item) for item in items[:most])
    everything = len(items) if count is None else count
    rows = list(made) if beside is None else budget.rows_that_fit(made, [*beside, *and_more(everything, t, more)])
    return [*(block for blocks in rows for block in blocks), *and_more(everything - len(rows), t, more)]


def and_more(left: int, t: Translator, key: str = "list.more") -> list[Block]:
    """Return the line that says how many more there are; none where everything is shown."""
    return [context(t.md(key, count=left))] if left > 0 else []


def fields(texts: Sequence[Mrkdwn]) -> list[Block]:
    """Short facts in two columns, ten to a block; below each other on a phone."""
    chunks = [texts[i : i + 10] for i in range(0, len(texts), 10)]
    return [{"type": "section", "fields": [mrkdwn(text, FIELD) for text in chunk]} for chunk in chunks]


def table(rows: Sequence[Sequence[str | Element]]) -> Block:
    """Literal text in rows and columns, the first column to the left and all others to the right; the first row is the
    heading. A message may have one.

    Every column with more than a word may wrap: on a phone one that may not pushes others out of sight, and the
    table is swiped sideways. No other block holds three columns there: fields have two and stand below each other, and
    code breaks its lines and sets Japanese at another width than digits."""
    cells = [[_cell(cell) for cell in row[:20]] for row in rows[:100]]
    wrapped = [any(len(_shown(cell)) > SHORT for cell in column) for column in zip(*cells, strict=True)]
    settings = [{"align": "right" if place else "left", "is_wrapped": wraps} for place, wraps in enumerate(wrapped)]
    return {"type": "table", "rows": cells, "column_settings": settings}


def _shown(cell: Element) -> str:
    if cell["type"] == "raw_text":
        return str(cell["text"])
    return "".join(part["text"] for line in cell["elements"] for part in line["elements"])


def _cell(cell: str | Element) -> Element:
    return {"type": "raw_text", "text": clip(cell, CELL) or "—"} if isinstance(cell, str) else cell


def heading(text: str) -> Element:
    """Return a cell that stands out, above the rows of a part of a table."""
    return rich_line(rich(clip(text, CELL), "bold"))


def titled(title: str, value: str, *, bold: bool) -> Element:
    """Return a cell of two lines: what it is, and its value below, where two columns would be too many for a phone."""
    first, second = clip(title, CELL), clip(value, CELL)
    return rich_line(rich(f"{first}\n"), rich(second, "bold")) if bold else rich_line(rich(f"{first}\n{second}"))


def context(*texts: Mrkdwn) -> Block:
    """Small print."""
    return {"type": "context", "elements": [mrkdwn(text, CONTEXT) for text in texts[:10]]}


def actions(elements: Sequence[Element]) -> list[Block]:
    """Return a row of buttons; none at all where there is nothing to press, for Slack refuses an empty row."""
    return [{"type": "actions", "elements": list(elements[:25])}] if elements else []


def button(
    text: str, action_id: str, value: object, *, primary: bool = False, url: str | None = None, say: str | None = None
) -> Element:
    """Return a button. `say` is read aloud instead of the text where the text alone would not tell which row it is
    for."""
    element: Element = {"type": "button", "text": plain(text, 75), "action_id": action_id, "value": str(value)}
    if primary:
        element["style"] = "primary"
    if url is not None:
        element["url"] = url
    if say is not None:
        element["accessibility_label"] = clip(say, 75)
    return element


def asking_first(element: Element, question: str, yes: str, no: str) -> Element:
    """Return a button that asks before it acts, for what cannot be taken back."""
    words = {"title": plain(yes, 100), "text": plain(question, 300), "confirm": plain(yes, 30), "deny": plain(no, 30)}
    return {**element, "confirm": {**words, "style": "danger"}}


def option(text: str, value: str, *, description: str | None = None, url: str | None = None) -> Element:
    """One choice of a select, of radio buttons or of an overflow menu."""
    element: Element = {"text": plain(text, 75), "value": value}
    if description:
        element["description"] = plain(description, 75)
    if url is not None:
        element["url"] = url
    return element


def overflow(action_id: str, options: Sequence[Element]) -> Element:
    """Return the ⋯ menu."""
    return {"type": "overflow", "action_id": action_id, "options": list(options[:5])}


def select(action_id: str, options: Sequence[Element], placeholder: str, initial: str | None = None) -> Element:
    """Return a menu of at most 100 options; `initial` is a value and ignored where no option has it."""
    offered = list(options[:100])
    element: Element = {
        "type": "static_select",
        "action_id": action_id,
        "options": offered,
        "placeholder": plain(placeholder, 150),
    }
    chosen = next((choice for choice in offered if choice["value"] == initial), None)
    return element if chosen is None else {**element, "initial_option": chosen}


RichStyle = Literal["bold", "italic"]


def rich(text: str, style: RichStyle | None = None) -> Element:
    """Literal text of a rich_text block: nothing in it is formatted, linked or escaped."""
    element: Element = {"type": "text", "text": text or "—"}
    return element if style is None else {**element, "style": {style: True}}


def countdown(at: datetime, t: Translator) -> Element:
    """Return how far away `at` is, kept current by the reader's own client."""
    return {"type": "date", "timestamp": int(at.timestamp()), "format": "{ago}", "fallback": t.full_day(at)}


def rich_line(*elements: Element) -> Block:
    """One line of rich text."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def quote(text: str, limit: int = SECTION) -> Block:
    """Somebody's own words, set apart and shown literally."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": [rich(clip(text, limit))]}]}


def metadata(**values: int | str | None) -> str:
    """Return a view's private_metadata."""
    return json.dumps({name: value for name, value in values.items() if value is not None})
