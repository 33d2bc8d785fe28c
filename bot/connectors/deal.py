"""The deal webhook: what came of an opportunity, as the CRM knows it, as a JSON object."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from bot.connectors.naming import FIELDS, NAMING, not_one_of
from bot.connectors.problems import FieldProblem, problem
from bot.connectors.reading import text
from bot.connectors.reading.body import Unusable, parse, shown
from bot.connectors.reading.fields import bounded, is_absent, unknown
from bot.core.deals import AMOUNT_MOST, Deal, Lead, Told
from storage.vocabulary import DealOutcome

OPEN = "open"
OUTCOMES = (*DealOutcome, OPEN)


def read(body: bytes) -> Told | list[FieldProblem]:
    """The outcome in the body of a request, or everything that is wrong with it, in one go. Never raises."""
    sent = parse(body)
    if isinstance(sent, FieldProblem):
        return [sent]
    fields: dict[str, Any] = {}
    problems = [problem("duplicate_key", shown(key)) for key in sent.repeated]
    for name, value in sent.items():
        taken = None if is_absent(value) else _take(name, value)
        if isinstance(taken, FieldProblem):
            problems.append(taken)
        elif taken is not None:
            fields[name] = taken
    problems += [problem("not_given", name) for name in _needed(fields) if is_absent(sent.get(name))]
    if all(is_absent(sent.get(name)) for name in NAMING):
        problems.append(problem("nobody", message="The outcome names no lead. Send number, external_id or email."))
    return bounded(problems) if problems else _told(fields)


def _needed(fields: dict[str, Any]) -> tuple[str, ...]:
    more = {DealOutcome.WON: ("on", "amount"), DealOutcome.LOST: ("on",)}
    return ("outcome", *more.get(fields.get("outcome", OPEN), ()))


def _told(fields: dict[str, Any]) -> Told:
    outcome, on, amount = (fields.pop(name, None) for name in ("outcome", "on", "amount"))
    return Told(Lead(**fields), None if outcome == OPEN else Deal(outcome=outcome, on=on, amount=amount))


def _take(name: str, value: object) -> object:
    """One value as the outcome holds it, or what is wrong with it."""
    if name not in _FIELDS:
        return unknown(name, _FIELDS, "an outcome", "Leave other values out.")
    if name in ("number", "external_id", "amount") and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, Unusable) or not isinstance(value, str):
        expected = "a whole number such as 5000000" if name == "amount" else "a text"
        return problem("wrong_type", name, message=f"{name} has the wrong type. Send {expected}.")
    if text.has_lone_surrogate(value):
        return problem("not_unicode", name)
    return _FIELDS[name](name, value)


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
        return problem("not_a_whole_number", name)
    short = len(digits) < len(str(AMOUNT_MOST))
    return int(digits) if short else problem("out_of_range", name, limit=AMOUNT_MOST - 1)


_FIELDS: dict[str, Callable[[str, str], object]] = {**FIELDS, "outcome": _outcome, "on": _on, "amount": _amount}
