"""The activity webhook: one contact with a lead, as the CRM knows it, as a JSON object."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.connectors.naming import FIELDS, NAMING, email, not_one_of
from bot.connectors.problems import FieldProblem, problem
from bot.connectors.reading import text
from bot.connectors.reading.body import Unusable, parse, shown
from bot.connectors.reading.fields import bounded, is_absent, unknown
from bot.core.activity import KINDS, Activity
from storage.vocabulary import Evidence

_REQUIRED = ("kind", "at")
_USER_ID = re.compile(r"[UW][A-Z0-9]{2,30}")


@dataclass(frozen=True)
class Report:
    """An activity, and who did it: a Slack user id or an e-mail address, if the CRM says."""

    activity: Activity
    actor: str | None


def read(body: bytes) -> Report | list[FieldProblem]:
    """The activity in the body of a request, or everything that is wrong with it, in one go. Never raises."""
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
    problems += [problem("not_given", name) for name in _REQUIRED if is_absent(sent.get(name))]
    if all(is_absent(sent.get(name)) for name in NAMING):
        problems.append(problem("nobody", message="The activity names no lead. Send number, external_id or email."))
    if problems:
        return bounded(problems)
    actor = fields.pop("actor", None)
    return Report(Activity(**fields), actor)


def _take(name: str, value: object) -> object:
    """One value as the activity holds it, or what is wrong with it."""
    if name not in _FIELDS:
        return unknown(name, _FIELDS, "an activity", "Leave other values out.")
    if name in ("number", "external_id") and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # Most tools number their records.
    if isinstance(value, Unusable) or not isinstance(value, str):
        expected = "a number such as 12" if name == "number" else "a text"
        return problem("wrong_type", name, message=f"{name} has the wrong type. Send {expected}.")
    if text.has_lone_surrogate(value):
        return problem("not_unicode", name)
    return _FIELDS[name](name, value)


def _actor(name: str, given: str) -> str | FieldProblem:
    if _USER_ID.fullmatch(text.line(given)):
        return text.line(given)
    address = email(name, given)
    return problem("not_a_member", name) if isinstance(address, FieldProblem) else address


def _at(name: str, given: str) -> datetime | FieldProblem:
    try:
        moment = datetime.fromisoformat(text.line(given))
        return moment.astimezone(UTC) if moment.tzinfo else problem("not_a_time", name)
    except (ValueError, OverflowError):  # the first and the last day of all years have no time in UTC
        return problem("not_a_time", name)


def _kind(name: str, given: str) -> Evidence | FieldProblem:
    word = text.compatible(given).lower()
    return Evidence(word) if word in KINDS else not_one_of(name, KINDS)


_FIELDS: dict[str, Callable[[str, str], object]] = {**FIELDS, "kind": _kind, "at": _at, "actor": _actor}
