"""Calls to HubSpot: which path, with which key, and what an error of theirs means in the words of the contract."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.connectors.crm import attempts
from bot.connectors.crm.contract import (
    Away,
    Busy,
    Conflict,
    Credentials,
    Denied,
    Lack,
    Limited,
    Missing,
    Outcome,
    Refused,
    Revoked,
    Unknown,
)
from bot.connectors.crm.door import Door, NoAnswer, Response

VERSION = "2026-09"
OBJECTS = f"/crm/objects/{VERSION}"
TEN_SECONDS, A_SECOND, LOCKED, AN_HOUR = (timedelta(seconds=each) for each in (10, 1, 2, 3600))
_POLICIES = {"TEN_SECONDLY_ROLLING": TEN_SECONDS, "SECONDLY": A_SECOND, "DAILY": AN_HOUR}
_MOVING = 477
_REFUSALS = {
    "PROPERTY_DOESNT_EXIST": "no_property",
    "INVALID_OPTION": "no_option",
    "READ_ONLY_VALUE": "no_property",
    "VALIDATION_ERROR": "validation",
}


def scope(name: str) -> str:
    """Return a scope of the CRM as HubSpot calls it: `objects.deals.read` is one of those that begin with crm."""
    return f"{_CRM}.{name}"


_CRM = "crm"
LACKS = {
    scope("objects.contacts.read"): Lack.READ_RECORDS,
    scope("objects.contacts.write"): Lack.WRITE_RECORDS,
    scope("objects.owners.read"): Lack.READ_USERS,
    scope("schemas.contacts.read"): Lack.READ_PROPERTIES,
    scope("objects.deals.read"): Lack.READ_DEALS,
    "sales-email-read": Lack.READ_EMAILS,
}


class Calls:
    """Sends calls with the first of the keys that is taken, and counts them."""

    def __init__(self, door: Door, credentials: Sequence[Credentials]) -> None:
        self._door, self._keys = door, [each["key"] for each in credentials]
        self.count = 0

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """Return what stands at a path, or None where there is nothing (404). Raises CrmError."""
        response = self._answer("GET", path, query=query)
        return None if response.status == 404 else _good(response).body

    def post(self, path: str, body: object) -> Any:
        """Ask something that takes a body: a search, a batch that is read. Raises CrmError."""
        return _good(self._answer("POST", path, body=body)).body

    def change(self, method: str, path: str, body: object) -> Outcome | Any:
        """Change something. Returns the record as the answer shows it, or why there is none. Raises Revoked and
        Denied."""
        try:
            response = self._send(method, path, body=body)
        except NoAnswer as failure:
            return attempts.unanswered(failure)
        if response.is_ok:
            return response.body if isinstance(response.body, dict) else Unknown("not_json")
        return _not_written(response)

    def _answer(self, method: str, path: str, **sent: Any) -> Response:
        try:
            return self._send(method, path, **sent)
        except NoAnswer as failure:
            raise Away(failure.code) from failure

    def _send(self, method: str, path: str, **sent: Any) -> Response:
        """Send a call with each of the keys until one is taken, which is tried first from then on."""
        for key in list(self._keys):
            self.count += 1
            response = self._door.request(method, path, headers={"Authorization": f"Bearer {key}"}, **sent)
            if response.status != 401:
                self._keys = [key, *(other for other in self._keys if other != key)]
                _denied(response)
                return response
        raise Revoked("http_401")


def _good(response: Response) -> Response:
    """Return an answer that is one. Raises Busy and Away."""
    if response.is_ok and isinstance(response.body, dict):
        return response
    if wait := _wait(response):
        raise Busy(*wait)
    raise Away(f"http_{response.status}" if not response.is_ok else "not_json")


def _wait(response: Response) -> tuple[timedelta, str] | None:
    """Return how long HubSpot wants to be left alone, and why; each of its limits has a habit of its own."""
    asked = timedelta(seconds=response.retry_after or 0)
    if response.status == 429:
        policy = _word(response.body, "policyName")
        code = "daily" if policy == "DAILY" else "rate"
        return max(_POLICIES.get(policy, TEN_SECONDS), asked), code
    if response.status == 423:
        return max(LOCKED, asked), "locked"
    if response.status == _MOVING:
        return max(TEN_SECONDS, asked), "maintenance"
    return None


def _not_written(response: Response) -> Outcome:
    if wait := _wait(response):
        return Limited(*wait)
    if response.status >= 500:
        return Unknown(f"http_{response.status}")
    if response.status == 409:
        return Conflict(None)
    text = _word(response.body, "message")
    if response.status == 404:
        return Refused("no_record", text)
    errors = [each for each in _list(response.body, "errors") if isinstance(each, dict)]
    words = f"{_word(response.body, 'category')} {text} {' '.join(_word(each, 'code') for each in errors)}"
    code = next((ours for theirs, ours in _REFUSALS.items() if theirs in words), "other")
    return Refused(code, text, tuple(dict.fromkeys(_properties(errors, text))))


def _properties(errors: Sequence[dict[str, Any]], text: str) -> list[str]:
    """Return which properties an error names: in its context, or in the JSON that its sentence quotes."""
    names = [str(name) for error in errors for name in _list(error.get("context"), "propertyName")]
    return names or re.findall(r'"name":\s*"(\w+)"', text)


def _denied(response: Response) -> None:
    """Raise Denied where a permission is missing."""
    if response.status != 403:
        return
    names = [
        str(name)
        for error in _list(response.body, "errors")
        if isinstance(error, dict)
        for name in _list(error.get("context"), "requiredGranularScopes")
        + _list(error.get("context"), "requiredScopes")
    ]
    raise Denied([Missing(LACKS.get(name, Lack.READ_RECORDS), name) for name in dict.fromkeys(names)])


def _word(node: Any, name: str) -> str:
    value = node.get(name) if isinstance(node, dict) else None
    return value if isinstance(value, str) else ""


def _list(node: Any, name: str) -> list[Any]:
    value = node.get(name) if isinstance(node, dict) else None
    return value if isinstance(value, list) else []
