"""From a row of somebody's table to a lead, or to what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import JsonValue, ValidationError

from bot.connectors.parser import labels, text
from bot.connectors.tables import cells
from bot.connectors.tables.cells import Unclear
from bot.connectors.tables.columns import Column, Proposal
from bot.core.mql.lead import Lead
from storage import identity

MOST_ATTRIBUTES = 50
_LONGEST_VALUE = 200
_TEXTS = (
    Column.COMPANY,
    Column.TITLE,
    Column.CHANNEL,
    Column.CAMPAIGN,
    Column.FORM,
    Column.SCORE_REASON,
    Column.CRM_URL,
)
_READERS: dict[Column, Callable[[str], object]] = {
    **dict.fromkeys(_TEXTS, text.line),
    Column.EXTERNAL_ID: cells.identifier,
    Column.PHONE: lambda cell: text.line(cells.identifier(cell)),
    Column.EMAIL: lambda cell: identity.address(text.compatible(cell)),
    Column.SCORE: cells.whole,
    Column.MESSAGE: text.paragraphs,
}
_WRONG = {
    "email": "email",
    "crm_url": "url",
    "score": "score",
}


def lead_of(proposal: Proposal, row: Sequence[str], *, nameless: bool = False) -> Lead:
    """Return the lead of a row. `nameless`: it may name nobody, because they were erased. Raises Unclear."""
    fields: dict[str, object] = {}
    for column, read in _READERS.items():
        if given := proposal.cell(column, row):
            fields[column.value] = read(given)
    if person := _person(proposal, row):
        fields["person"] = person
    if not nameless and not fields.keys() & {"company", "person", "email", "external_id"}:
        raise Unclear("nobody", "")
    try:
        return Lead.model_validate(fields | {"attributes": _kept(proposal, row)})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0])
        word = "too_long" if first["type"] == "string_too_long" else _WRONG.get(name, "bad_value")
        raise Unclear(word, str(fields.get(name, name))) from error


def _person(proposal: Proposal, row: Sequence[str]) -> str:
    """Return the name, put together where it stands in two columns: the family name first where it is Japanese."""
    if whole := proposal.cell(Column.PERSON, row):
        return text.line(whole)
    family, given = proposal.cell(Column.FAMILY_NAME, row), proposal.cell(Column.GIVEN_NAME, row)
    parts = (family, given) if labels.is_japanese(family + given) else (given, family)
    return text.line(" ".join(part for part in parts if part))


def _kept(proposal: Proposal, row: Sequence[str]) -> dict[str, JsonValue]:
    pairs = ((text.line(proposal.columns[place])[:_LONGEST_VALUE], row[place]) for place in proposal.kept)
    filled = {name: text.line(value)[:_LONGEST_VALUE] for name, value in pairs if value.strip()}
    return dict(list(filled.items())[:MOST_ATTRIBUTES])
