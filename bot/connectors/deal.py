"""The deal webhook: what came of an opportunity, as the CRM knows it, as a JSON object.

In the body our deal result is `outcome`: senders rely on that word, which docs/openapi.yaml promises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from bot.connectors import lead_reference
from bot.connectors.lead_reference import FIELDS, not_one_of
from bot.connectors.parser import text
from bot.connectors.problems import FieldProblem, problem
from bot.core.mql.deals import AMOUNT_MOST, Deal, DealReport, Lead
from storage.vocabulary import DealResult

OPEN = "open"
RESULTS = (*DealResult, OPEN)


def read(body: bytes) -> DealReport | list[FieldProblem]:
    """Return the deal result in the body of a request, or everything that is wrong with it, in one go. Never raises."""
    fields = lead_reference.fields(body, "outcome", _take, _needed)
    return fields if isinstance(fields, list) else _report(fields)


def _needed(fields: Mapping[str, Any]) -> tuple[str, ...]:
    more = {DealResult.WON: ("on", "amount"), DealResult.LOST: ("on",)}
    return ("outcome", *more.get(fields.get("outcome", OPEN), ()))


def _report(fields: dict[str, Any]) -> DealReport:
    result, on, amount = (fields.pop(name, None) for name in ("outcome", "on", "amount"))
    return DealReport(Lead(**fields), None if result == OPEN else Deal(result=result, on=on, amount=amount))


def _take(name: str, value: object) -> object:
    numbers = {"number": "a number such as 12", "amount": "a whole number such as 5000000"}
    return lead_reference.taken(name, value, _FIELDS, "an outcome", numbers)


def _result(name: str, given: str) -> str | FieldProblem:
    word = text.compatible(given).lower()
    if word == OPEN:
        return OPEN
    return DealResult(word) if word in RESULTS else not_one_of(name, RESULTS)


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


_FIELDS: dict[str, Callable[[str, str], object]] = {**FIELDS, "outcome": _result, "on": _on, "amount": _amount}
