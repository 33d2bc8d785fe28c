"""Which field of a lead each value of a delivery is: what a person said, else what its name and its look propose."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from bot.connectors import names
from bot.connectors.parser import labels, mrkdwn, text
from storage import legal_forms

Field = names.Target | Literal["drop"]
FIELDS: tuple[Field, ...] = tuple(
    field
    for part in (labels.Field, Literal["sent_at"], Literal["drop"])
    for field in get_args(part)
    if field != "owner"
)
"""What a mapping may name: a field of the lead, first or last name, `sent_at`, `attribute` (kept beside the fields) or
`drop` (not kept at all)."""

CERTAIN = 1.0
SURE = 0.7
"""From here on a reading takes a proposal; below, only a person does."""

_BY_NAME = 0.95
_WORDED = {"company", "person", "given_name", "family_name", "title", "email", "phone", "external_id"}
_ODD = 0.75
_PHONE = re.compile(r"\+?[\d()（）\-‐-―−ー. ]{9,20}")
_LONGEST_COMPANY = 60


@dataclass(frozen=True)
class Proposal:
    """What one value may be, and how sure that is: 0 to 1, and 1 where a person or the tool's own form says so."""

    path: str
    value: str
    field: Field
    confidence: float


def propose(
    values: Mapping[str, str], mapping: Mapping[str, str] | None = None, presets: Mapping[str, str] | None = None
) -> list[Proposal]:
    """Return a proposal for each value, in order. `mapping`: what a person corrected, by path, which wins; `presets`:
    what the kind of the source knows. A field of `mapping` that is none counts as `attribute`."""
    known = {path: _known(field) for path, field in {**(presets or {}), **(mapping or {})}.items()}
    proposals = [
        Proposal(path, value, known[path], CERTAIN) if path in known else _by_name(path, value)
        for path, value in values.items()
    ]
    taken = {each.field for each in proposals if each.confidence >= SURE}
    return [_by_look(each, taken) if each.confidence == 0 else each for each in _one_address(proposals, taken)]


def _known(field: str) -> Field:
    return field if field in {*FIELDS, "owner"} else "attribute"


def _by_name(path: str, value: str) -> Proposal:
    field = names.field_of(path)
    if field in _WORDED and value.casefold() in {"true", "false"}:
        field = "attribute"  # `is-contact: true` says what somebody is, and not who
    if field is None or field in {"attribute", "owner"}:
        return Proposal(path, value, field or "attribute", _BY_NAME if field else 0)
    return Proposal(path, value, field, _BY_NAME if _looks(field, value) else _ODD)


def _looks(field: Field, value: str) -> bool:
    if field == "email":
        return bool(mrkdwn.addresses(value))
    return _PHONE.fullmatch(text.compatible(value)) is not None if field == "phone" else True


def _one_address(proposals: list[Proposal], taken: set[Field]) -> list[Proposal]:
    """Take the only address under unknown names as the lead's; of several nobody can tell which is."""
    nameless = [each for each in proposals if each.confidence == 0 and _is_address(each.value)]
    if "email" in taken or len({text.compatible(each.value).lower() for each in nameless}) != 1:
        return proposals
    first = nameless[0]
    return [Proposal(each.path, each.value, "email", SURE) if each is first else each for each in proposals]


def _by_look(proposal: Proposal, taken: set[Field]) -> Proposal:
    value = text.compatible(proposal.value)
    if "phone" not in taken and _PHONE.fullmatch(value) and 9 <= sum(c.isdigit() for c in value) <= 15:
        # A number without any sign in it may count something.
        return Proposal(
            proposal.path, proposal.value, "phone", 0.6 if not value.isdecimal() or value[0] == "0" else 0.3
        )
    if "company" not in taken and len(value) <= _LONGEST_COMPANY and legal_forms.stands_in(value):
        return Proposal(proposal.path, proposal.value, "company", 0.6)
    if "email" not in taken and _is_address(value):
        return Proposal(proposal.path, proposal.value, "email", 0.4)
    return proposal


def _is_address(value: str) -> bool:
    bare = text.compatible(value)
    return mrkdwn.addresses(bare) == [bare]
