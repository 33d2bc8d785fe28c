"""The activity webhook: one contact with a lead, as the CRM knows it, as a JSON object."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.connectors import lead_reference
from bot.connectors.lead_reference import FIELDS, email, not_one_of
from bot.connectors.parser import text
from bot.connectors.parser.moments import moment
from bot.connectors.problems import FieldProblem, problem
from bot.core.mql.activity import KINDS, Activity
from storage.vocabulary import Evidence

_REQUIRED = ("kind", "at")
_USER_ID = re.compile(r"[UW][A-Z0-9]{2,30}")


@dataclass(frozen=True)
class Report:
    """An activity, and who did it: a Slack user id or an e-mail address, if the CRM says."""

    activity: Activity
    actor: str | None


def read(body: bytes) -> Report | list[FieldProblem]:
    """Return the activity in the body of a request, or everything that is wrong with it, in one go. Never raises."""
    fields = lead_reference.fields(body, "activity", _take, lambda _: _REQUIRED)
    if isinstance(fields, list):
        return fields
    actor = fields.pop("actor", None)
    return Report(Activity(**fields), actor)


def _take(name: str, value: object) -> object:
    return lead_reference.taken(name, value, _FIELDS, "an activity", {"number": "a number such as 12"})


def _actor(name: str, given: str) -> str | FieldProblem:
    if _USER_ID.fullmatch(text.line(given)):
        return text.line(given)
    address = email(name, given)
    return problem("not_a_member", name) if isinstance(address, FieldProblem) else address


def _kind(name: str, given: str) -> Evidence | FieldProblem:
    word = text.compatible(given).lower()
    return Evidence(word) if word in KINDS else not_one_of(name, KINDS)


_FIELDS: dict[str, Callable[[str, str], object]] = {**FIELDS, "kind": _kind, "at": moment, "actor": _actor}
