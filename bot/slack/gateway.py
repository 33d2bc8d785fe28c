"""The only caller of Slack's Web API. Every failure is one of three: refused for good, not taken yet, or unknown."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPException
from typing import Any, cast
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.slack.clock_error import ClockError

DEFAULT_RETRY_AFTER = 5.0  # seconds, where a 429 does not say

# Slack answers these with ok=false although part of the call may have happened (Slack documentation: "fatal_error").
OUTCOME_UNKNOWN = {"internal_error", "fatal_error", "request_timeout", "service_unavailable"}
# Slack refuses every call alike until an admin mends the token.
TOKEN_TROUBLE = {"invalid_auth", "not_authed", "token_revoked", "token_expired", "missing_scope"}
NOT_TAKEN = {"ratelimited", "rate_limited", "team_added_to_org", "message_limit_exceeded"}


class SlackFailure(Exception):
    """A call to Slack that did not succeed. `code` is Slack's own word for it, or ours for a broken connection."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"{method}: {code}")
        self.method = method
        self.code = code


class Denied(SlackFailure):
    """Slack refuses this call, and would refuse it again."""

    def __init__(self, method: str, code: str, needed: str = "") -> None:
        super().__init__(method, code)
        self.needed = needed
        """The scope that is missing, where the code is missing_scope."""


class NotTaken(SlackFailure):
    """Slack has not done it and may be asked again after `retry_after` seconds."""

    def __init__(self, method: str, code: str, retry_after: float | None = None) -> None:
        super().__init__(method, code)
        self.retry_after = retry_after


class OutcomeUnknown(SlackFailure):
    """The call went out and no usable answer came back: Slack may have done it or not."""


class Gateway:
    """Slack's Web API for one token. Safe to use from several threads. `observe` hears of each call's method and
    outcome: ok, denied, not_taken or unknown."""

    def __init__(
        self, token: str, base_url: str, timeout: int = 10, observe: Callable[[str, str], None] = lambda *_: None
    ) -> None:
        # No retry handlers: the default one repeats a post whose answer was lost, and the message stands twice.
        self.client = WebClient(token, base_url=base_url, timeout=timeout, retry_handlers=[])
        self._observe = observe
        self._asked = False
        self.clock = ClockError()
        self.trouble: str | None = None
        """Why the last call did not get through to Slack with our token (Slack's code or ours); None: it did."""

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Call a Web API method and return its answer. Raises Denied, NotTaken or OutcomeUnknown."""
        try:
            answer = self._call(method, **arguments)
        except SlackFailure as failure:
            self._note(method, _OUTCOMES[type(failure)], _trouble(failure))
            raise
        self._note(method, "ok", None)
        return answer

    def ask_if_quiet(self) -> None:
        """See whether Slack can be reached, unless a call since the last time we asked has shown that it can."""
        if not self._asked or self.trouble:
            with suppress(SlackFailure):
                self.call("auth.test")
        self._asked = False

    def _note(self, method: str, outcome: str, trouble: str | None) -> None:
        self._asked, self.trouble = True, trouble
        self._observe(method, outcome)

    def _call(self, method: str, **arguments: Any) -> dict[str, Any]:
        given = {name: value for name, value in arguments.items() if value is not None}
        try:
            response = self.client.api_call(method, params=_form(given))
        except SlackApiError as error:
            self.clock.heard(_header(error.response.headers, "date"))
            raise _failure(method, error) from error
        except (ConnectionRefusedError, socket.gaierror) as error:
            raise NotTaken(method, "connection_refused") from error
        except URLError as error:
            if isinstance(error.reason, ConnectionRefusedError | socket.gaierror):
                raise NotTaken(method, "connection_refused") from error
            raise OutcomeUnknown(method, "connection_lost") from error
        except (TimeoutError, OSError, HTTPException) as error:
            raise OutcomeUnknown(method, "no_answer") from error
        self.clock.heard(_header(response.headers, "date"))
        return cast(dict[str, Any], response.data)

    def respond(self, url: str, text: str, blocks: list[dict[str, Any]]) -> None:
        """Answer a command privately, up to half an hour after it. `url`: its response_url. Raises NotTaken or
        OutcomeUnknown."""
        method = "response_url"
        client = WebhookClient(url, timeout=self.client.timeout, retry_handlers=[])
        try:
            status = client.send(text=text, blocks=blocks, response_type="ephemeral").status_code
        except (OSError, HTTPException) as error:
            self._observe(method, "unknown")
            raise OutcomeUnknown(method, "no_answer") from error
        self._observe(method, "ok" if status == 200 else "not_taken")
        if status != 200:
            raise NotTaken(method, f"http_{status}")

    def scopes(self) -> set[str]:
        """Return the scopes that Slack granted to the token. Raises like `call`."""
        try:
            headers = self.client.api_call("auth.test").headers
        except SlackApiError as error:
            raise _failure("auth.test", error) from error
        named = {name.lower(): value for name, value in headers.items()}.get("x-oauth-scopes", "")
        return {scope.strip() for scope in named.split(",") if scope.strip()}

    def pages(self, method: str, key: str, **arguments: Any) -> list[dict[str, Any]]:
        """Return all items of a list method that answers page by page."""
        items: list[dict[str, Any]] = []
        cursor = ""
        while True:
            answer = self.call(method, limit=200, cursor=cursor or None, **arguments)
            items += answer[key]
            cursor = answer.get("response_metadata", {}).get("next_cursor", "")
            if not cursor:
                return items


_OUTCOMES = {Denied: "denied", NotTaken: "not_taken", OutcomeUnknown: "unknown"}


def _trouble(failure: SlackFailure) -> str | None:
    """Return whether Slack knows and hears us: a refusal of this call alone, or the word to slow down, shows it."""
    ours = isinstance(failure, Denied) and failure.method != "auth.test" and failure.code not in TOKEN_TROUBLE
    return None if ours or failure.code == "ratelimited" else failure.code


def _form(given: dict[str, Any]) -> dict[str, Any]:
    """Arguments as form fields, which every method takes (not every method reads a JSON body)."""
    return {name: json.dumps(value) if isinstance(value, dict | list) else value for name, value in given.items()}


def _failure(method: str, error: SlackApiError) -> SlackFailure:
    status = error.response.status_code
    headers = {name.lower(): value for name, value in error.response.headers.items()}
    code = str(error.response.get("error") or f"http_{status}")
    if status == 429 or code in NOT_TAKEN:
        return NotTaken(method, "ratelimited", _seconds(headers.get("retry-after")))
    if status >= 500 or code in OUTCOME_UNKNOWN:
        return OutcomeUnknown(method, f"http_{status}" if status >= 500 else code)
    return Denied(method, code, str(error.response.get("needed") or ""))


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return next((value for key, value in headers.items() if key.lower() == name), None)


def _seconds(header: str | None) -> float:
    try:
        return max(1.0, float(header or DEFAULT_RETRY_AFTER))
    except ValueError:
        return DEFAULT_RETRY_AFTER
