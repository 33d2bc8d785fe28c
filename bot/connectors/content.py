"""Everything that a message or a delivery says, by label: kept for whoever decides about it, and read again by what
they teach."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast, get_args

from bot.connectors.parser import labels, layout, mrkdwn, text, values
from bot.connectors.parser.draft import Draft
from bot.connectors.parser.line import label_text
from bot.connectors.parser.lines import Pair
from bot.connectors.parser.ours import NOBODY, Ours
from bot.core.mql.lead import Lead

FREE_TEXT = "Message"
"""The label of what stands at no label."""
_LABELS = {
    "company": "Company",
    "person": "Name",
    "title": "Title",
    "email": "Email",
    "phone": "Phone",
    "score": "Score",
}
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


def with_lead(content: Mapping[str, str], lead: Lead, ours: Ours) -> dict[str, str]:
    """Return the content with what was read of the lead beside its labels, first: in words, in a signature. So a form
    that is filled from it shows all that was read."""
    known = parts(content, {}, ours)
    beside = {
        label: str(getattr(lead, name))
        for name, label in _LABELS.items()
        if getattr(lead, name) is not None and getattr(lead, name) != getattr(known, name)
    }
    kept = dict(beside)
    for label, value in content.items():
        kept[_free(label, kept)] = value
    return kept


def headline(message: Mapping[str, object]) -> str | None:
    """Return the first line of a Slack message, before any field, up to a link or a colon in it: what messages of one
    sort have in common. None where it begins with a field."""
    for head in layout.read(message).heads:
        shown = text.line(mrkdwn.plain(re.split("[<:：]", head)[0])).strip(" *_~`【】[]")
        if any(c.isalpha() for c in shown):
            return text.cut(shown, MAX_HEADLINE)
    return None


def known_fields(taught: Mapping[str, str]) -> Mapping[str, labels.Field]:
    """Return what was taught without what names no field of this version."""
    known = {label: field for label, field in taught.items() if field in get_args(labels.Field)}
    return cast("Mapping[str, labels.Field]", known)


def draft(content: Mapping[str, str], taught: Mapping[str, str], ours: Ours) -> Draft:
    """Read what was kept. `taught`: the field of a label, as a person has said; before what is generally known. `ours`
    are never the lead."""
    reading = Draft(known_fields(taught))
    for label, value in content.items():
        reading.take(Pair(label, mrkdwn.literal(value.replace("&", "&amp;"))))
    reading.join_names()
    reading.settle_guesses()
    reading.settle_weak(ours)
    reading.put_ours_aside(ours)
    return reading


def lead(content: Mapping[str, str], taught: Mapping[str, str], ours: Ours = NOBODY) -> Lead | None:
    """Return the lead in what was kept; None where it names nobody."""
    return draft(content, taught, ours).lead()


def parts(content: Mapping[str, str], taught: Mapping[str, str], ours: Ours = NOBODY) -> Lead:
    """Return everything that was read, whether it names somebody or not: for a form."""
    return draft(content, taught, ours).valid() or Lead()
