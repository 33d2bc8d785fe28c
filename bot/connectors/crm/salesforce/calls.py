"""Calls to Salesforce's REST API, and what its codes mean in the words of the contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

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
    Unknown,
)
from bot.connectors.crm.door import Door, NoAnswer, Response
from bot.connectors.crm.logins import LoggedIn
from bot.connectors.crm.moments import dated
from bot.connectors.crm.salesforce.login import SESSIONS, Session

DATA = "/services/data/v63.0"
COMPOSITE = f"{DATA}/composite"
"""Up to 25 requests in one call, five of them queries; it counts as one."""
TOO_MUCH = ("too_large", "timeout")
"""How several questions fail of which each by itself may still be answered."""
LACKS = {
    "Lead": Lack.READ_RECORDS,
    "User": Lack.READ_USERS,
    "Opportunity": Lack.READ_DEALS,
    "OpportunityStage": Lack.READ_DEALS,
    "Task": Lack.READ_CALLS,
    "EmailMessage": Lack.READ_EMAILS,
    "EmailMessageRelation": Lack.READ_EMAILS,
    "Event": Lack.READ_MEETINGS,
}
_REFUSALS = {
    "INVALID_FIELD": "no_property",
    "INVALID_FIELD_FOR_INSERT_UPDATE": "no_property",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "no_option",
    "ENTITY_IS_DELETED": "no_record",
    "NOT_FOUND": "no_record",
}
LOCKED, CONCURRENT, USED_UP, MAINTENANCE = (timedelta(seconds=each) for each in (2, 10, 900, 60))


class NoField(Exception):
    """A query names a field that there is not, or that the user may not see."""


def question(
    fields: Iterable[str], name: str, where: str = "", end: str = "", *, deleted: bool = False
) -> tuple[str, dict[str, str]]:
    """Return path and query of a question: which fields of which object, where, in which order."""
    parts = ["SELECT", ", ".join(dict.fromkeys(fields)), "FROM", name, *(["WHERE", where] if where else []), end]
    return f"{DATA}/{'queryAll' if deleted else 'query'}", {"q": " ".join(parts).strip()}


class Calls:
    """Sends calls in the session of the first credentials that are taken, and counts them."""

    def __init__(self, door: Door, credentials: Sequence[Credentials]) -> None:
        self._door, self._login = door, LoggedIn(SESSIONS, door, credentials)
        self.count = 0
        self.at = datetime.now(UTC)
        """Salesforce's clock, as its last answer told it."""
        self._asked: dict[str, Response] = {}

    @property
    def session(self) -> Session | None:
        """Return the session of the last call that was taken."""
        return self._login.session

    def query(
        self, fields: Iterable[str], name: str, where: str = "", *, end: str = "", deleted: bool = False
    ) -> list[dict[str, Any]]:
        """Return every row of an object that fits, page after page. `end`: its order and limit. `deleted`: also what is
        in the recycle bin. Raises CrmError and NoField."""
        path, query = question(fields, name, where, end, deleted=deleted)
        rows = list[dict[str, Any]]()
        while True:
            page = self.get(path, query, name)
            rows += [each for each in page.get("records") or [] if isinstance(each, dict)]
            path, query = str(page.get("nextRecordsUrl") or ""), {}
            if page.get("done", True) or not path:
                return rows

    def get(self, path: str, query: Mapping[str, str], what: str) -> dict[str, Any]:
        """Return what stands at a path. `what`: the object that it is about. Raises CrmError and NoField."""
        response = self._asked.pop(_address(path, query), None) or self._answer("GET", path, query=query)
        if response.is_ok and isinstance(response.body, dict):
            return response.body
        code, _, _ = error_of(response)
        if wait := _wait(response):
            raise Busy(*wait)
        if code in ("INVALID_TYPE", "NOT_FOUND") or "INSUFFICIENT_ACCESS" in code or code == "API_DISABLED_FOR_ORG":
            raise Denied([Missing(LACKS.get(what, Lack.READ_RECORDS), what)])
        if code == "INVALID_FIELD":
            raise NoField(what)
        raise Away("not_json" if response.is_ok else f"http_{response.status}")

    def ask(self, questions: Sequence[tuple[str, Mapping[str, str]]]) -> None:
        """Ask several questions in one call. Their answers are kept for `get`, each for once; what was kept before is
        forgotten. Where together they are too much, nothing is kept: `get` asks each by itself. Raises CrmError."""
        self._asked = {}
        addresses = [_address(path, query) for path, query in questions]
        body = _composite([{"method": "GET", "url": each} for each in addresses])
        try:
            response = self._answer("POST", COMPOSITE, body=body)
        except Away as away:
            if str(away) not in TOO_MUCH:
                raise
            return
        if wait := _wait(response):
            raise Busy(*wait)
        if is_denied(response):
            raise Denied([Missing(Lack.READ_RECORDS)])
        parts = parts_of(response)
        if len(parts) != len(addresses):
            raise Away("not_json" if response.is_ok else f"http_{response.status}")
        self._asked = dict(zip(addresses, parts, strict=True))

    def change_all(self, requests: Sequence[Mapping[str, Any]]) -> list[Response] | Outcome:
        """Make several requests in one call, in their order. Returns the answer to each, or why there is none. Raises
        Revoked."""
        try:
            response = self._send("POST", COMPOSITE, body=_composite(requests))
        except NoAnswer as failure:
            return attempts.unanswered(failure)
        if not response.is_ok:
            return outcome_of(response)
        parts = parts_of(response)
        return parts if len(parts) == len(requests) else Unknown("not_json")

    def _answer(self, method: str, path: str, **sent: Any) -> Response:
        try:
            return self._send(method, path, **sent)
        except NoAnswer as failure:
            raise Away(failure.code) from failure

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send a call in the session of the first credentials that are taken."""

        def call(session: Session, _: Credentials) -> Response:
            self.count += 1
            known = {**(headers or {}), "Authorization": f"Bearer {session.token}"}
            response = self._door.request(method, path, query=query, body=body, headers=known)
            self.at = dated(response.headers.get("date"))
            return response

        return self._login.send(call, lambda response: response.status == 401)


def error_of(response: Response) -> tuple[str, str, tuple[str, ...]]:
    """Return code, sentence and fields of a refusal: the first of the array that Salesforce answers."""
    first = response.body[0] if isinstance(response.body, list) and response.body else response.body
    if response.is_ok or not isinstance(first, dict):
        return "", "", ()
    fields = tuple(str(each) for each in first.get("fields") or [])
    return str(first.get("errorCode") or ""), str(first.get("message") or ""), fields


def _wait(response: Response) -> tuple[timedelta, str] | None:
    """Return how long to leave Salesforce alone; it names no time itself."""
    code, text, _ = error_of(response)
    if code == "REQUEST_LIMIT_EXCEEDED":
        return (CONCURRENT, "rate") if "concurrent" in text.lower() else (USED_UP, "daily")
    if code == "UNABLE_TO_LOCK_ROW":
        return LOCKED, "locked"
    if code == "SERVER_UNAVAILABLE" or response.status == 503:
        return max(MAINTENANCE, timedelta(seconds=response.retry_after or 0)), "maintenance"
    return None


def _address(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _composite(requests: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the body of a call of several requests: each for itself, in their order."""
    named = [{**each, "referenceId": f"r{number}"} for number, each in enumerate(requests)]
    return {"allOrNone": False, "collateSubrequests": False, "compositeRequest": named}


def parts_of(response: Response) -> list[Response]:
    """Return the answers that an answer to a composite call holds; none where it is no such."""
    listed = response.body.get("compositeResponse") if response.is_ok and isinstance(response.body, dict) else None
    parts = [each for each in listed or [] if isinstance(each, dict)]
    return [Response(int(each.get("httpStatusCode") or 0), {}, each.get("body")) for each in parts]


def is_denied(response: Response) -> bool:
    """Return whether a permission is missing for what was asked."""
    return "INSUFFICIENT_ACCESS" in error_of(response)[0]


def outcome_of(response: Response) -> Outcome:
    """Return what a refusal says of a change."""
    if response.status == 412:
        return Conflict(None)
    if wait := _wait(response):
        return Limited(*wait)
    if response.status >= 500:
        return Unknown(f"http_{response.status}")
    code, text, fields = error_of(response)
    if code == "CANNOT_UPDATE_CONVERTED_LEAD":
        return Refused("other", text)
    return Refused(_REFUSALS.get(code, "validation" if response.status == 400 else "other"), text, fields)
