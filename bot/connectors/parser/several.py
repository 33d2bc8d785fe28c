"""Several leads in one message: where each of them begins."""

from __future__ import annotations

from collections.abc import Sequence

from bot.connectors.parser import labels, mrkdwn, values
from bot.connectors.parser.label_forms import key
from bot.connectors.parser.lines import Pair

MOST = 50
_NAMING = frozenset(["company", "person", "given_name", "family_name", "email"])


def are_several(pairs: Sequence[Pair]) -> bool:
    """Return whether the fields speak of more than one person: two addresses under the same label, or two names and
    two companies."""
    if len(_values(pairs, "email")) > 1:
        return True
    return len(_values(pairs, "person")) > 1 and len(_values(pairs, "company")) > 1


def starts(pairs: Sequence[Pair]) -> list[int] | None:
    """Return where each lead begins, or None where that is not certain: each begins with the same label, and has an
    address, or a name and a company."""
    named = [(number, labels.field_of(pair.label), key(pair.label)) for number, pair in enumerate(pairs)]
    first = next((each for each in named if each[1] in _NAMING), None)
    begins = [number for number, field, label in named if first and (field, label) == first[1:]]
    groups = [pairs[begin:end] for begin, end in zip(begins, [*begins[1:], len(pairs)], strict=True)]
    if not 1 < len(begins) <= MOST or not all(map(_names_one, groups)):
        return None
    return begins


def _names_one(group: Sequence[Pair]) -> bool:
    counts = {field: len(_values(group, field)) for field in ("email", "person", "company")}
    return max(counts.values()) == 1 and (counts["email"] == 1 or counts["person"] == counts["company"] == 1)


def _values(pairs: Sequence[Pair], field: str) -> set[str]:
    """Return the different values of a field; under the label that comes first, for others may be remarks."""
    own = [pair for pair in pairs if labels.field_of(pair.label) == field]
    same = [pair for pair in own if key(pair.label) == key(own[0].label)]
    shown = [_address(pair.value) if field == "email" else values.line(pair.value).casefold() for pair in same]
    return {each for each in shown if not values.is_absent(each)}


def _address(raw: str) -> str:
    found = mrkdwn.addresses(raw)
    return found[0].lower() if found else values.line(raw).lower()
