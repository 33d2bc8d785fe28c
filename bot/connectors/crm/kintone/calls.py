"""Calls to kintone: with which API token, and what a code of theirs means in the words of the contract.

Errors are told apart by their codes, never by their sentences (which follow the language) nor by the status alone (a
conflict is 409 or 400).
"""

from __future__ import annotations

import base64
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

READS, EDITS, ADDS = "レコード閲覧", "レコード編集", "レコード追加"
"""What the permissions of an API token are called on its page."""
_WRONG_TOKEN = {"GAIA_IA02", "GAIA_IA01", "CB_WA01", "CB_AU01"}
_NOT_ALLOWED = {"GAIA_NO01", "CB_NO01", "CB_NO02"}
_NO_RECORD = {"GAIA_RE01", "GAIA_RE20"}
CONFLICT = "GAIA_CO02"
USERS = 100
"""Users of a page."""
AT_ONCE, MAINTENANCE = timedelta(seconds=5), timedelta(minutes=1)
_FIELD = re.compile(r"^records?(?:\[\d+\]\.record)?[.\[]([^.\]]+)")


class Calls:
    """Sends calls with the first of the tokens that is taken, and counts them."""

    def __init__(self, door: Door, credentials: Sequence[Credentials]) -> None:
        self._door, self._tokens = door, [each["token"] for each in credentials]
        self.count = 0

    def get(self, path: str, query: Mapping[str, str]) -> Response:
        """Return the answer to a question. Raises CrmError."""
        try:
            response = self._send("GET", path, READS, Lack.READ_RECORDS, query=query)
        except NoAnswer as failure:
            raise Away(failure.code) from failure
        if response.is_ok and isinstance(response.body, dict):
            return response
        if wait := _wait(response):
            raise Busy(*wait)
        raise Away("not_json" if response.is_ok else f"http_{response.status}")

    def users(self, login: str, password: str, offset: int) -> list[dict[str, Any]]:
        """Return a page of the users of the domain, which only a user may ask for and no API token. Raises Denied where
        this one may not, and CrmError."""
        headers = {"X-Cybozu-Authorization": base64.b64encode(f"{login}:{password}".encode()).decode()}
        asked = {"size": str(USERS), "offset": str(offset)}
        self.count += 1
        try:
            response = self._door.request("GET", "/v1/users.json", query=asked, headers=headers)
        except NoAnswer as failure:
            raise Away(failure.code) from failure
        if response.is_ok and isinstance(response.body, dict):
            return [each for each in response.body.get("users") or [] if isinstance(each, dict)]
        if wait := _wait(response):
            raise Busy(*wait)
        if 400 <= response.status < 500:
            raise Denied([Missing(Lack.READ_USERS, "User API")])
        raise Away("not_json" if response.is_ok else f"http_{response.status}")

    def change(self, method: str, path: str, body: Mapping[str, object]) -> Outcome | dict[str, Any]:
        """Change something. Returns the answer, or why there is none. Raises Revoked and Denied."""
        try:
            response = self._send(method, path, EDITS, Lack.WRITE_RECORDS, body=body)
        except NoAnswer as failure:
            return attempts.unanswered(failure)
        if response.is_ok:
            return response.body if isinstance(response.body, dict) else Unknown("not_json")
        return _not_written(response)

    def _send(self, method: str, path: str, permission: str, lack: Lack, **sent: Any) -> Response:
        """Send a call with each of the tokens until one is taken, which is tried first from then on."""
        for token in list(self._tokens):
            self.count += 1
            response = self._door.request(method, path, headers={"X-Cybozu-API-Token": token}, **sent)
            code = code_of(response)
            if response.status != 401 and code not in _WRONG_TOKEN:
                self._tokens = [token, *(other for other in self._tokens if other != token)]
                if code in _NOT_ALLOWED:
                    raise Denied([Missing(lack, permission)])
                return response
        raise Revoked("GAIA_IA02")


def code_of(response: Response) -> str:
    """Return kintone's code of a refusal; empty where there is none."""
    code = response.body.get("code") if isinstance(response.body, dict) and not response.is_ok else None
    return code if isinstance(code, str) else ""


def _wait(response: Response) -> tuple[timedelta, str] | None:
    if response.status == 429:
        return max(AT_ONCE, timedelta(seconds=response.retry_after or 0)), "rate"
    if response.status == 503:
        return max(MAINTENANCE, timedelta(seconds=response.retry_after or 0)), "maintenance"
    return None


def _not_written(response: Response) -> Outcome:
    code = code_of(response)
    if code == CONFLICT:
        return Conflict(None)
    if wait := _wait(response):
        return Limited(*wait)
    if response.status >= 500:
        return Unknown(f"http_{response.status}")
    body = response.body if isinstance(response.body, dict) else {}
    text = str(body.get("message") or "")
    if code in _NO_RECORD:
        return Refused("no_record", text)
    errors = body.get("errors")
    if code == "CB_VA01" and isinstance(errors, dict):
        sentences = [each for at in errors.values() if isinstance(at, dict) for each in at.get("messages") or []]
        names = [match[1] for path in errors if (match := _FIELD.match(str(path)))]
        return Refused("validation", " ".join(map(str, sentences)) or text, tuple(dict.fromkeys(names)))
    return Refused("other", text)
