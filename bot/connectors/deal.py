"""The deal webhook: what came of an opportunity, as the CRM knows it, as a JSON object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from bot.connectors import lead_reference
from bot.connectors.lead_reference import FIELDS, not_one_of
from bot.connectors.parser import text
from bot.connectors.problems import FieldProblem, problem
from bot.core.mql.deals import AMOUNT_MOST, Deal, Lead, Told
from storage.vocabulary import DealOutcome

OPEN = "open"
OUTCOMES = (*DealOutcome, OPEN)


def read(body: bytes) -> Told | list[FieldProblem]:
    """Return the outcome in the body of a request, or everything that is wrong with it, in one go. Never raises."""
    fields = lead_reference.fields(body, "outcome", _take, _needed)
    return fields if isinstance(fields, list) else _told(fields)


def _needed(fields: Mapping[str, Any]) -> tuple[str, ...]:
    more = {DealOutcome.WON: ("on", "amount"), DealOutcome.LOST: ("on",)}
    return ("outcome", *more.get(fields.get("outcome", OPEN), ()))


def _told(fields: dict[str, Any]) -> Told:
    outcome, on, amount = (fields.pop(name, None) for name in ("outcome", "on", "amount"))
    return Told(Lead(**fields), None if outcome == OPEN else Deal(outcome=outcome, on=on, amount=amount))


def _take(name: str, value: object) -> object:
    numbers = {"number": "a number such as 12", "amount": "a whole number such as 5000000"}
    return lead_reference.taken(name, value, _FIELDS, "an outcome", numbers)


def _outcome(name: str, given: str) -> str | FieldProblem:
    word = text.compatible(given).lower()
    if word == OPEN:
        return OPEN
    return DealOutcome(word) if word in OUTCOMES else not_one_of(name, OUTCOMES)


def _on(name: str, given: str) -> date | FieldProblem:
    try:
        return date.fromisoformat(text.line(given))
    except ValueError:
        return problem("not_a_day", name)


def _amount(name: str, given: str) -> int | FieldProblem:
    digits = text.compatible(given)
    if not digits.isascii() or not digits.isdecimal():
        return problem("not_an_amount", name)
    short = len(digits) < len(str(AMOUNT_MOST))
    return int(digits) if short else problem("out_of_range", name, limit=AMOUNT_MOST - 1)


_FIELDS: dict[str, Callable[[str, str], object]] = {**FIELDS, "outcome": _outcome, "on": _on, "amount": _amount}
