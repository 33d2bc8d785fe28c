"""Calls to Marketo's REST API, and what its codes mean in the words of the contract.

Marketo answers 200 to nearly everything: whether it did what it was asked stands in `success`, and of each record in
its `status` and `reasons`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.connectors.crm import attempts
from bot.connectors.crm.contract import (
    Away,
    Busy,
    Credentials,
    Denied,
    Lack,
    Limited,
    Missing,
    Outcome,
    Refused,
    Unknown,
)
from bot.connectors.crm.door import Door, NoAnswer, Response
from bot.connectors.crm.logins import LoggedIn
from bot.connectors.crm.marketo.login import TOKENS, pace_of
from bot.connectors.crm.moments import dated

Json = dict[str, Any]
INVALID, EXPIRED, DENIED, NO_FIELD = "601", "602", "603", "1006"
RATE, DAILY, AT_ONCE = "606", "607", "615"
NOT_DONE = {"608", "614", "713"}
"""Not taken for the moment."""
PERHAPS_DONE = {"502", "604", "611"}
"""What went wrong, went wrong while it was being done."""
READS, WRITES, ACTIVITIES = "Read-Only Lead", "Read-Write Lead", "Read-Only Activity"
"""What the permissions of an API role are called in Marketo."""
_SHORT, _WINDOW, _A_MINUTE = timedelta(seconds=2), timedelta(seconds=20), timedelta(minutes=1)
_MIDNIGHT = timedelta(hours=6)
"""The calls of a day are counted from midnight in CST, whatever the season."""
_REFUSALS = {"1004": "no_record", NO_FIELD: "no_property", "1001": "validation", "1003": "validation"}


class NoField(Exception):
    """A field that is asked for is no more."""


class Calls:
    """Sends calls with the first of the services whose token is taken, and counts them."""

    def __init__(self, door: Door, credentials: Sequence[Credentials]) -> None:
        self._door, self._pace, self._login = door, pace_of(door), LoggedIn(TOKENS, door, credentials)
        self.count = 0
        self.at = datetime.now(UTC)
        """Marketo's clock, as its last answer told it."""

    def get(self, path: str, query: Mapping[str, str], lack: Lack = Lack.READ_RECORDS) -> Json:
        """Return the answer to a question. `lack`: what it needs. Raises CrmError and
        NoField."""
        try:
            response = self._send("GET", path, query=query)
        except NoAnswer as failure:
            raise Away(failure.code) from failure
        if response.is_ok and isinstance(response.body, dict) and response.body.get("success"):
            return response.body
        code, _ = error_of(response)
        if code == DENIED:
            raise Denied([Missing(lack, READS if lack == Lack.READ_RECORDS else ACTIVITIES)])
        if code == NO_FIELD:
            raise NoField
        if wait := self._wait(code, response):
            raise Busy(*wait)
        raise Away("not_json" if response.is_ok and not code else f"http_{code or response.status}")

    def change(self, path: str, body: Mapping[str, object]) -> Outcome | Json:
        """Change one record. Returns its entry of the answer, or why it was not changed. Raises what `get` raises, of
        what comes before it is sent."""
        try:
            response = self._send("POST", path, body=body)
        except NoAnswer as failure:
            return attempts.unanswered(failure)
        if response.is_ok and isinstance(response.body, dict) and response.body.get("success"):
            return _of_record(response.body, body)
        code, text = error_of(response)
        if code == DENIED:
            raise Denied([Missing(Lack.WRITE_RECORDS, WRITES)])
        if wait := self._wait(code, response):
            return Limited(*wait)
        if code in PERHAPS_DONE or response.status >= 500 or not code:
            return Unknown(f"http_{code or response.status}")
        return Refused(_REFUSALS.get(code, "other"), text)

    def _send(self, method: str, path: str, **sent: Any) -> Response:
        """Send a call with the token of the first service that is taken."""

        def call(token: str, _: Credentials) -> Response:
            self._pace.begin()
            self.count += 1
            response = self._door.request(method, path, headers={"Authorization": f"Bearer {token}"}, **sent)
            self.at = dated(response.headers.get("date"))
            self._pace.note(self.at)
            return response

        return self._login.send(call, lambda response: error_of(response)[0] in (INVALID, EXPIRED))

    def _wait(self, code: str, response: Response) -> tuple[timedelta, str] | None:
        """Return how long to leave Marketo alone; it names no time itself."""
        if code == RATE:
            return _WINDOW, "rate"
        if code == AT_ONCE:
            return _SHORT, "rate"
        if code == DAILY:
            return self._until_midnight(), "daily"
        if code in NOT_DONE or response.status == 503:
            return max(_A_MINUTE, timedelta(seconds=response.retry_after or 0)), "maintenance"
        if response.status == 429:
            return max(_WINDOW, timedelta(seconds=response.retry_after or 0)), "rate"
        return None

    def _until_midnight(self) -> timedelta:
        day = (self.at.astimezone(UTC) - _MIDNIGHT).replace(hour=0, minute=0, second=0, microsecond=0)
        return day + timedelta(days=1) + _MIDNIGHT - self.at + _A_MINUTE


def error_of(response: Response) -> tuple[str, str]:
    """Return code and sentence of a refusal; empty where the call succeeded, or says nothing in Marketo's words."""
    body = response.body if isinstance(response.body, dict) else {}
    first = next(iter(body.get("errors") or []), None) if not body.get("success") else None
    return (str(first.get("code") or ""), str(first.get("message") or "")) if isinstance(first, dict) else ("", "")


def _of_record(answer: Json, body: Mapping[str, object]) -> Outcome | Json:
    """Return the entry of the one record, or why it was skipped, with the fields that the reason names."""
    entry = next(iter(answer.get("result") or []), None)
    if not isinstance(entry, dict):
        return Unknown("not_json")
    if entry.get("status") != "skipped":
        return entry
    reason: Json = next(iter(entry.get("reasons") or []), {})
    code, text = str(reason.get("code") or ""), str(reason.get("message") or "")
    given = body.get("input")
    names = [name for each in given for name in each] if isinstance(given, list) else []
    at_fault = tuple(name for name in names if f"'{name}'" in text)
    return Refused(_REFUSALS.get(code, "other"), text or code, at_fault)
