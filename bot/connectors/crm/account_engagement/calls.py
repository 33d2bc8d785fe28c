"""Calls to the API of Account Engagement, and what its codes mean in the words of the contract.

It is called with a token of Salesforce, and refuses by a number in the body: one number may come under several
statuses, so the number is looked at first.
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
from bot.connectors.crm.moments import dated
from bot.connectors.crm.salesforce.login import SESSIONS, Session

Json = dict[str, Any]
API = "/api/v5/objects"
LIVE, DEMO = "https://pi.pardot.com", "https://pi.demo.pardot.com"
AT_ONCE, DAILY, NO_TOKEN = 66, 122, 184
_DENIED = {46, 49}
_NO_PROSPECT = {3, 4, 16}
_SHORT, _LONG, _A_MINUTE = (timedelta(seconds=each) for each in (5, 900, 60))
READS = {
    Lack.READ_RECORDS: "Prospects > View",
    Lack.WRITE_RECORDS: "Prospects > Edit",
    Lack.READ_PROPERTIES: "Prospects > Configure Fields",
    Lack.READ_ENGAGEMENTS: "Visitors > View",
}
"""What the abilities of a user role are called in Account Engagement."""


class Calls:
    """Sends calls in the session of the first credentials that are taken, and counts them."""

    def __init__(self, login: Door, api: Door, credentials: Sequence[Credentials]) -> None:
        self._api, self._login = api, LoggedIn(SESSIONS, login, credentials)
        self.count = 0
        self.at = datetime.now(UTC)
        """The clock of Account Engagement, as its last answer told it."""

    def get(self, path: str, query: Mapping[str, str], lack: Lack = Lack.READ_RECORDS) -> Json | None:
        """Return the answer to a question; None where there is no such object. `lack`: what it needs. Raises
        CrmError."""
        try:
            response = self._send("GET", path, query=query)
        except NoAnswer as failure:
            raise Away(failure.code) from failure
        if response.is_ok and isinstance(response.body, dict):
            return response.body
        code, _ = error_of(response)
        if code in _DENIED:
            raise Denied([Missing(lack, READS[lack])])
        if wait := _wait(code, response):
            raise Busy(*wait)
        if response.status == 404 or code in _NO_PROSPECT:
            return None
        raise Away("not_json" if response.is_ok else f"http_{response.status}")

    def next_page(self, path: str, fields: str, token: str, lack: Lack) -> Json | None:
        """Return the page that a token leads to; None where it does not any more. Beside a token only fields may be
        asked for. Raises CrmError."""
        try:
            return self.get(path, {"fields": fields, "nextPageToken": token}, lack)
        except Away as away:
            if str(away) != "http_400":
                raise
            return None

    def change(self, path: str, query: Mapping[str, str], body: Mapping[str, object]) -> Outcome | Json:
        """Change a prospect. Returns it as the answer tells it, or why it was not changed. Raises Revoked and
        Denied."""
        try:
            response = self._send("PATCH", path, query=query, body=body)
        except NoAnswer as failure:
            return attempts.unanswered(failure)
        if response.status == 204:
            return {}
        if response.is_ok:
            return response.body if isinstance(response.body, dict) else Unknown("not_json")
        code, text = error_of(response)
        if code in _DENIED:
            raise Denied([Missing(Lack.WRITE_RECORDS, READS[Lack.WRITE_RECORDS])])
        if wait := _wait(code, response):
            return Limited(*wait)
        if response.status >= 500:
            return Unknown(f"http_{response.status}")
        if response.status == 404 or code in _NO_PROSPECT:
            return Refused("no_record", text)
        fault = tuple(name for name in body if name.lower() in text.lower())
        return Refused("validation" if response.status == 400 else "other", text, fault)

    def _send(self, method: str, path: str, **sent: Any) -> Response:
        """Send a call in the session of the first credentials that are taken."""

        def call(session: Session, given: Credentials) -> Response:
            self.count += 1
            headers = {"Authorization": f"Bearer {session.token}"}
            headers["Pardot-Business-Unit-Id"] = given.get("business_unit", "")
            response = self._api.request(method, f"{API}{path}", headers=headers, **sent)
            self.at = dated(response.headers.get("date"))
            return response

        return self._login.send(call, lambda answer: answer.status == 401 or error_of(answer)[0] == NO_TOKEN)


def error_of(response: Response) -> tuple[int, str]:
    """Return number and sentence of a refusal; 0 where there is none."""
    body = response.body if isinstance(response.body, dict) and not response.is_ok else {}
    code = str(body.get("code") or "")
    return int(code) if code.isdecimal() else 0, str(body.get("message") or "")


def _wait(code: int, response: Response) -> tuple[timedelta, str] | None:
    """Return how long to leave it alone; it names no time itself."""
    if code == AT_ONCE or response.status == 429:
        return max(_SHORT, timedelta(seconds=response.retry_after or 0)), "rate"
    if code == DAILY:
        return _LONG, "daily"
    if response.status == 503:
        return max(_A_MINUTE, timedelta(seconds=response.retry_after or 0)), "maintenance"
    return None
