"""The generic webhook: one lead as a JSON object with our own field names."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.connectors.parser import attributes, text
from bot.connectors.parser.body import Object, Unusable, parse, shown
from bot.connectors.parser.fields import bounded, is_absent, unknown
from bot.connectors.parser.moments import moment
from bot.connectors.problems import FieldProblem, problem
from bot.core.mql.lead import Lead

MAX_SCORE = 1_000_000

_NAMING = ("company", "person", "email")
_CLEANERS: dict[str, Callable[[str], str]] = {
    "message": text.paragraphs,
    "email": text.compatible,
    "score": text.compatible,
}
_CODES = {
    "string_too_long": "too_long",
    "url_too_long": "too_long",
    "url_parsing": "not_a_url",
    "url_scheme": "not_a_url",
    "url_syntax_violation": "not_a_url",
    "int_parsing": "not_a_number",
    "int_parsing_size": "out_of_range",
    "int_from_float": "not_a_whole_number",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
}
_EXPECTED = {
    "score": "a whole number such as 82",
    "attributes": 'an object such as {"employees": 300}',
    "record_ids": 'an object of texts such as {"salesforce": "0035g00000AbCdE"}',
    "sent_at": "a time as YYYY-MM-DDThh:mm:ss+09:00",
}


def read(body: bytes) -> Lead | list[FieldProblem]:
    """Return the lead in the body of a request, or everything that is wrong with it, in one go. Never raises."""
    sent = parse(body)
    if isinstance(sent, FieldProblem):
        return [sent]
    fields: dict[str, object] = {}
    problems = [problem("duplicate_key", shown(key)) for key in sent.repeated]
    for name, value in sent.items():
        if not is_absent(value):
            problems += _take(name, value, fields)
    if all(is_absent(sent.get(name)) for name in _NAMING):
        problems.append(problem("nobody"))
    lead = _validated(fields)
    if isinstance(lead, list):
        return bounded(problems + lead)
    return bounded(problems) if problems else lead


def _take(name: str, value: object, fields: dict[str, object]) -> Iterator[FieldProblem]:
    """Put one value into the fields for the model, or tell why it cannot go there."""
    if name not in Lead.model_fields:
        yield unknown(name, Lead.model_fields, "a lead", "Send other values inside attributes.")
    elif isinstance(value, Unusable):
        yield problem(value.problem, name, limit=MAX_SCORE) if name == "score" else _wrong_type(name)
    elif name == "attributes" and isinstance(value, Object):
        cleaned, wrong = attributes.bounded(value)
        yield from wrong
        if not wrong:
            fields[name] = cleaned
    elif name == "record_ids" and isinstance(value, Object):
        yield from _take_ids(value, fields)
    elif isinstance(value, str) and text.has_lone_surrogate(value):
        yield problem("not_unicode", name)
    elif isinstance(value, bool) or (name == "sent_at" and not isinstance(value, str)):
        yield _wrong_type(name)
    elif name == "sent_at":
        sent_at = moment(name, str(value))
        if isinstance(sent_at, FieldProblem):
            yield sent_at
        else:
            fields[name] = sent_at
    else:
        fields[name] = _cleaned(name, value)


def _take_ids(ids: Object, fields: dict[str, object]) -> Iterator[FieldProblem]:
    """Put the ids of a lead's records into the fields; most tools number their records."""
    yield from (problem("duplicate_key", f"record_ids.{shown(key)}") for key in ids.repeated)
    cleaned: dict[str, object] = {}
    for tool, value in ids.items():
        if isinstance(value, bool) or not isinstance(value, str | int) or text.has_lone_surrogate(f"{tool}{value}"):
            yield _wrong_type("record_ids")
            return
        cleaned[text.line(tool)] = text.line(str(value))
    fields["record_ids"] = cleaned


def _cleaned(name: str, value: object) -> object:
    if name == "external_id" and isinstance(value, int):
        return str(value)  # Most tools number their records.
    if not isinstance(value, str):
        return value
    return _CLEANERS.get(name, text.line)(value)


def _validated(fields: dict[str, object]) -> Lead | list[FieldProblem]:
    try:
        return Lead.model_validate(fields)
    except ValidationError as error:
        return [_from_model(details) for details in error.errors(include_url=False, include_input=False)]


def _from_model(details: ErrorDetails) -> FieldProblem:
    name = ".".join(str(part) for part in details["loc"])
    kind, context = details["type"], details.get("ctx", {})
    if name == "email" and kind == "value_error":
        return problem("not_an_email", name)
    code = _CODES.get(kind)
    if code is None:
        return _wrong_type(name)
    return problem(code, name, limit=MAX_SCORE if code == "out_of_range" else context.get("max_length"))


def _wrong_type(name: str) -> FieldProblem:
    expected = _EXPECTED.get(name, "a text")
    return problem("wrong_type", name, message=f"{name} has the wrong type. Send {expected}.")
