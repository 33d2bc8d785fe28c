"""What a step of Workflow Builder is given: a lead, or what became of an MQL. Pure.

A step is filled from the answers of a form, so that nothing in it is refused for its content: what fits no field is
kept beside the lead.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.connectors.parser import labels
from bot.connectors.parser.draft import Draft
from bot.connectors.parser.lines import Pair
from bot.core.base import amounts
from bot.core.mql.lead import Lead

# Inputs of `register_mql` in manifest.yml, and the label by which the parser knows the field.
FIELDS: Mapping[str, str] = {
    "company": "Company",
    "person": "Name",
    "title": "Job title",
    "email": "Email",
    "phone": "Phone",
    "channel": "Channel",
    "campaign": "Campaign",
    "form": "Form",
    "score": "Score",
    "score_reason": "Score reason",
    "message": "Message",
    "crm_url": "CRM URL",
}
if strange := {name for name, label in FIELDS.items() if labels.field_of(label) != name}:
    raise LookupError(f"the parser knows no such labels: {sorted(strange)}")


def lead(inputs: Mapping[str, object]) -> Lead | None:
    """Return the lead of a step's inputs; None where it names neither a company, a person nor an address."""
    draft = Draft()
    for name, label in FIELDS.items():
        if text := written(inputs.get(name)):
            draft.take(Pair(label, text))
    draft.settle_email([])
    return draft.lead()


def written(value: object) -> str:
    """Return what an input says as text; "" for what is missing. A number comes as one, or as text."""
    if value is None or isinstance(value, bool | dict | list):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).replace("\x00", "").strip()


def whole(value: object) -> int | None:
    """Return an input as a whole number of 0 or more: 12, "12", "#12", "１２"; None for anything else."""
    return amounts.money(written(value).removeprefix("#"))


def day(value: object) -> date | None:
    """Return an input as a day, as Workflow Builder writes it (2026-12-04); None for anything else."""
    try:
        return date.fromisoformat(written(value))
    except ValueError:
        return None
