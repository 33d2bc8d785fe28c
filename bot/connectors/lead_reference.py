"""How a CRM names a lead that came in before: by number, external id or e-mail address."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from pydantic import ConfigDict, EmailStr, TypeAdapter, ValidationError

from bot.connectors.parser import text
from bot.connectors.parser.body import Unusable, parse, shown
from bot.connectors.parser.fields import bounded, is_absent, unknown
from bot.connectors.problems import FieldProblem, problem
from storage import identity
from storage.vocabulary import Source

MAX_NUMBER = 999_999_999
MAX_ID = 200
NAMING = ("number", "external_id", "email")
Take = Callable[[str, object], object]
_ADDRESS: TypeAdapter[str] = TypeAdapter(EmailStr, config=ConfigDict(defer_build=True))


def number(name: str, given: str) -> int | FieldProblem:
    """Return the number of an MQL: digits, also after a #, up to MAX_NUMBER."""
    digits = text.compatible(given).lstrip("#")
    if not digits.isascii() or not digits.isdecimal():
        return problem("not_a_number", name, message=f"{name} is not the number of an MQL. Send one such as 12.")
    return int(digits) if len(digits) <= len(str(MAX_NUMBER)) else problem("out_of_range", name, limit=MAX_NUMBER)


def external_id(name: str, given: str) -> str | FieldProblem:
    """Return the id by which the sending tool knows the lead, up to MAX_ID characters."""
    known_id = text.line(given)  # as the lead's webhook stores it
    return known_id if len(known_id) <= MAX_ID else problem("too_long", name, limit=MAX_ID)


def email(name: str, given: str) -> str | FieldProblem:
    """Return an e-mail address, as intake stores it."""
    try:
        return identity.address(_ADDRESS.validate_python(text.compatible(given)))
    except ValidationError:
        return problem("not_an_email", name)


def source(name: str, given: str) -> Source | FieldProblem:
    """By which door the lead came in."""
    word = text.compatible(given).lower()
    return Source(word) if word in tuple(Source) else not_one_of(name, tuple(Source))


def not_one_of(name: str, words: Collection[str]) -> FieldProblem:
    """Return what is wrong with a word that is none of these."""
    return problem("not_one_of", name, message=f"{name} is none of {', '.join(words)}. Send one of these.")


def fields(
    body: bytes, what: str, take: Take, needed: Callable[[Mapping[str, Any]], Iterable[str]]
) -> dict[str, Any] | list[FieldProblem]:
    """Return the fields of a body that names a lead, each as `take` makes it, or everything that is wrong with them, in
    one go. `what` the body is, for people; `needed` names what may not be left out. Never raises."""
    sent = parse(body)
    if isinstance(sent, FieldProblem):
        return [sent]
    values: dict[str, Any] = {}
    problems = [problem("duplicate_key", shown(key)) for key in sent.repeated]
    for name, value in sent.items():
        taken = None if is_absent(value) else take(name, value)
        if isinstance(taken, FieldProblem):
            problems.append(taken)
        elif taken is not None:
            values[name] = taken
    problems += [problem("not_given", name) for name in needed(values) if is_absent(sent.get(name))]
    if all(is_absent(sent.get(name)) for name in NAMING):
        problems.append(problem("nobody", message=f"The {what} names no lead. Send number, external_id or email."))
    return bounded(problems) if problems else values


def taken(
    name: str, value: object, known: Mapping[str, Callable[[str, str], object]], what: str, numbers: Mapping[str, str]
) -> object:
    """One value as `known` makes it of its text, or what is wrong with it. `numbers`: which may come as numbers, too,
    and how one is described to people."""
    if name not in known:
        return unknown(name, known, what, "Leave other values out.")
    if name in ("external_id", *numbers) and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # Most tools number their records.
    if isinstance(value, Unusable) or not isinstance(value, str):
        expected = numbers.get(name, "a text")
        return problem("wrong_type", name, message=f"{name} has the wrong type. Send {expected}.")
    if text.has_lone_surrogate(value):
        return problem("not_unicode", name)
    return known[name](name, value)


FIELDS = {"number": number, "external_id": external_id, "source": source, "email": email}
