"""Everything that a message or a delivery says, by label: kept for whoever decides about it, and read again by what
they teach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from bot.connectors.parser import blocks, labels, layout, mrkdwn, text, values
from bot.connectors.parser.draft import Draft
from bot.connectors.parser.line import label_text
from bot.connectors.parser.lines import Pair
from bot.core.mql.lead import Lead

FREE_TEXT = "Message"
"""The label of what stands at no label."""
LONGEST_LABEL = 200
LONGEST = 5_000
MAX_HEADLINE = 100


def of_message(message: Mapping[str, object]) -> dict[str, str]:
    """Return what stands at each label of a Slack message, as a reader sees it; the second of two like labels has a
    number."""
    page = layout.read(message)
    kept: dict[str, str] = {}
    stray = "\n".join(each for each in page.stray if each.strip())
    for pair in [*page.pairs, *([Pair(FREE_TEXT, stray)] if stray else [])]:
        shown = text.cut(values.paragraphs(pair.value), LONGEST)
        label = text.cut(label_text(pair.label) or text.line(pair.label), LONGEST_LABEL - 6)
        if label and not values.is_absent(shown):
            kept[_free(label, kept)] = shown
    return kept


def _free(label: str, taken: Mapping[str, str]) -> str:
    number, key = 1, label
    while key in taken:
        number += 1
        key = f"{label} ({number})"
    return key


def headline(message: Mapping[str, object]) -> str | None:
    """Return the first line of a Slack message up to a link or a label in it: what messages of one sort have in
    common."""
    for raw in _texts(message):
        for each in raw.split("\n"):
            shown = text.line(mrkdwn.plain(each.split("<")[0].split(":")[0].split("：")[0])).strip(" *_~`【】[]")
            if any(c.isalpha() for c in shown):
                return text.cut(shown, MAX_HEADLINE)
    return None


def _texts(message: Mapping[str, object]) -> list[str]:
    found = [blocks.string(message, "text")]
    for block in blocks.items(message.get("blocks"), 5):
        part = block.get("text") if isinstance(block, Mapping) else None
        found.append(blocks.string(part, "text") if isinstance(part, Mapping) else "")
    for attachment in blocks.items(message.get("attachments"), 1):
        if isinstance(attachment, Mapping):
            found += [blocks.string(attachment, key) for key in ("pretext", "title", "text", "fallback")]
    return found


def draft(content: Mapping[str, str], taught: Mapping[str, str]) -> Draft:
    """Read what was kept. `taught`: the field of a label, as a person has said; before what is generally known."""
    known = {label: field for label, field in taught.items() if field in get_args(labels.Field)}
    reading = Draft(known)
    for label, value in content.items():
        reading.take(Pair(label, mrkdwn.literal(value.replace("&", "&amp;"))))
    reading.join_names()
    return reading


def lead(content: Mapping[str, str], taught: Mapping[str, str]) -> Lead | None:
    """Return the lead in what was kept; None where it names nobody."""
    return draft(content, taught).lead()


def parts(content: Mapping[str, str], taught: Mapping[str, str]) -> Lead:
    """Return everything that was read, whether it names somebody or not: for a form."""
    return draft(content, taught).valid() or Lead()
