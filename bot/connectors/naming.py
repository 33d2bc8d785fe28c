"""How a CRM names a lead that came in before: by number, external id or e-mail address."""

from __future__ import annotations

from collections.abc import Collection

from pydantic import EmailStr, TypeAdapter, ValidationError

from bot.connectors.problems import FieldProblem, problem
from bot.connectors.reading import text
from storage.vocabulary import Source

MAX_NUMBER = 999_999_999
MAX_ID = 200
NAMING = ("number", "external_id", "email")
_ADDRESS: TypeAdapter[str] = TypeAdapter(EmailStr)


def number(name: str, given: str) -> int | FieldProblem:
    """The number of an MQL: digits, also after a #, up to MAX_NUMBER."""
    digits = text.compatible(given).lstrip("#")
    if not digits.isascii() or not digits.isdecimal():
        return problem("not_a_number", name, message=f"{name} is not the number of an MQL. Send one such as 12.")
    return int(digits) if len(digits) <= len(str(MAX_NUMBER)) else problem("out_of_range", name, limit=MAX_NUMBER)


def external_id(name: str, given: str) -> str | FieldProblem:
    """The id by which the sending tool knows the lead, up to MAX_ID characters."""
    found = text.line(given)  # as the lead's webhook stores it
    return found if len(found) <= MAX_ID else problem("too_long", name, limit=MAX_ID)


def email(name: str, given: str) -> str | FieldProblem:
    """An e-mail address in small letters."""
    try:
        return _ADDRESS.validate_python(text.compatible(given)).lower()
    except ValidationError:
        return problem("not_an_email", name)


def source(name: str, given: str) -> Source | FieldProblem:
    """By which door the lead came in."""
    word = text.compatible(given).lower()
    return Source(word) if word in tuple(Source) else not_one_of(name, tuple(Source))


def not_one_of(name: str, words: Collection[str]) -> FieldProblem:
    """What is wrong with a word that is none of these."""
    return problem("not_one_of", name, message=f"{name} is none of {', '.join(words)}. Send one of these.")


FIELDS = {"number": number, "external_id": external_id, "source": source, "email": email}
