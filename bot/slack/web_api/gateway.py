"""The only caller of Slack's Web API. Every failure is one of three: refused for good, not taken yet, or unknown.

Only Slack refuses: what is no JSON object with a true or false `ok`, or lacks what the method promises (promises.py),
was written by something that answers in Slack's place, and the call is made again. Whether Slack has it all the same,
such an answer seldom shows. A redirect, 407 and 511 are given before a request is let through (RFC 9110, sections 15.4
and 15.5.8; RFC 6585, section 6): not taken. Any other page may stand in the place of Slack's answer, as where a filter
dislikes that: unknown. The content type is not asked; some proxies rewrite it, and the body shows what it is.
"""

from __future__ import annotations

import errno
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cached_property
from http.client import HTTPException
from typing import IO, Any, cast
from urllib.error import URLError
from urllib.parse import urlencode

from bot.slack.web_api import file_hosts, promises, wire
from bot.slack.web_api.clock_error import ClockError
from bot.slack.web_api.strangers import Strangers
from bot.slack.web_api.wire import Answer

DEFAULT_RETRY_AFTER = 5.0  # seconds, where a 429 does not say
VIEW_TIMEOUT = 2.5
"""Seconds. Slack waits three for an acknowledgement, and a trigger_id lives as long."""

# Slack answers these with ok=false although part of the call may have happened (Slack documentation: "fatal_error").
OUTCOME_UNKNOWN = {"internal_error", "fatal_error", "request_timeout", "service_unavailable"}
# Slack refuses every call alike until an admin mends the token.
TOKEN_TROUBLE = {"invalid_auth", "not_authed", "token_revoked", "token_expired", "missing_scope"}
NOT_TAKEN = {"ratelimited", "rate_limited", "team_added_to_org", "message_limit_exceeded"}
FILE = "file"
"""Our word for the fetching of a file, which is no method of the Web API."""
NOT_SLACK = "not_slack"
"""Our code for an answer that is not Slack's."""
BEFORE_SLACK = {*range(300, 400), 407, 511}
UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}


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
    """Slack's Web API for one token. Safe to use from several threads. `timeout`: seconds for each step of a call.
    `observe` hears of each call's method and outcome: ok, denied, not_taken or unknown."""

    def __init__(
        self, token: str, base_url: str, timeout: float = 10, observe: Callable[[str, str], None] = lambda *_: None
    ) -> None:
        self._base_url = base_url.rstrip("/") + "/"
        self.timeout, self.view_timeout = timeout, VIEW_TIMEOUT
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "mql-bot",
        }
        self._observe = observe
        self._asked = False
        self.clock, self.strangers = ClockError(), Strangers()
        self.trouble: str | None = None
        """Why the last call did not get through to Slack with our token (Slack's code or ours); None: it did."""

    def with_token(self, token: str | None) -> Gateway:
        """Return the same way to Slack with another token, such as that of a workflow's run; None: with ours."""
        if token is None:
            return self
        other = Gateway(token, self._base_url, self.timeout, self._observe)
        other.view_timeout = self.view_timeout
        return other

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Call a Web API method and return its answer, which holds what the method promises. Raises Denied, NotTaken or
        OutcomeUnknown."""
        with self._noting(method):
            return self._read(method, self._post(method, arguments, self.timeout))

    def call_in_time(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Call a method that somebody waits for in front of the screen: its outcome is unknown after
        `view_timeout` seconds, however long each step may take. Raises like `call`."""
        with self._noting(method):
            call = self._waited_for.submit(self._post, method, arguments, self.view_timeout)
            try:
                return self._read(method, call.result(self.view_timeout))
            except TimeoutError as error:
                call.cancel()
                raise OutcomeUnknown(method, "timeout") from error

    def ask_if_quiet(self) -> None:
        """See whether Slack can be reached, unless a call since the last time we asked has shown that it can."""
        if not self._asked or self.trouble:
            with suppress(SlackFailure):
                self.call("auth.test")
        self._asked = False

    def respond(self, url: str, text: str, blocks: list[dict[str, Any]]) -> None:
        """Answer a command privately, up to half an hour after it. `url`: its response_url. Raises NotTaken or
        OutcomeUnknown."""
        method = "response_url"
        body = json.dumps({"text": text, "blocks": blocks, "response_type": "ephemeral"}).encode()
        try:
            with _in_our_words(method):
                answer = wire.post(url, body, {"Content-Type": "application/json"}, self.timeout)
            if answer.status != 200:
                raise NotTaken(method, f"http_{answer.status}")
            if answer.body.lstrip().startswith(b"<"):  # Slack answers "ok"; whoever answers with a page is not Slack
                raise OutcomeUnknown(method, NOT_SLACK)
        except SlackFailure as failure:
            self._observe(method, _OUTCOMES[type(failure)])
            raise
        self._observe(method, "ok")

    def fetch(self, url: str, out: IO[bytes], size: int) -> None:
        """Copy a file of Slack's into `out`. Our token goes to Slack's own hosts only. Raises Denied (`foreign_host`,
        `file_not_found`), OutcomeUnknown, and NotTaken, also where what comes has not as many bytes as Slack says."""
        if not file_hosts.is_slacks(url, self._base_url):
            raise Denied(FILE, "foreign_host")
        headers = {name: self._headers[name] for name in ("Authorization", "User-Agent")}
        with _in_our_words(FILE):
            answer = wire.get(url, headers, self.timeout, out, size + 1)
        if answer.status in (403, 404, 410):
            raise Denied(FILE, "file_not_found")
        if answer.status != 200:
            raise NotTaken(FILE, f"http_{answer.status}", _seconds(answer.headers.get("retry-after")))
        if out.tell() != size:  # a page to log in, or half a file
            raise NotTaken(FILE, NOT_SLACK)

    def scopes(self) -> set[str] | None:
        """Return the scopes that Slack granted to the token; None where the answer does not name them, because
        something on the way leaves the header out. Raises like `call`."""
        answer = self._post("auth.test", {}, self.timeout)
        self._read("auth.test", answer)
        named = answer.headers.get("x-oauth-scopes")
        return None if named is None else {scope.strip() for scope in named.split(",") if scope.strip()}

    def pages(self, method: str, key: str, **arguments: Any) -> list[dict[str, Any]]:
        """Return all items of a list method that answers page by page."""
        items: list[dict[str, Any]] = []
        cursor = ""
        while True:
            answer = self.call(method, limit=200, cursor=cursor or None, **arguments)
            items += answer[key]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return items

    @cached_property
    def _waited_for(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(16, thread_name_prefix="views")

    def _post(self, method: str, arguments: dict[str, Any], timeout: float) -> Answer:
        return self.post_form(method, _form(arguments), timeout)

    def post_form(self, method: str, fields: dict[str, Any], timeout: float) -> Answer:
        """Send one call as form fields; where Slack is in this process, another way. Raises NotTaken and
        OutcomeUnknown."""
        with _in_our_words(method):
            return wire.post(self._base_url + method, urlencode(fields).encode(), self._headers, timeout)

    def _read(self, method: str, answer: Answer) -> dict[str, Any]:
        body = _of_slack(method, answer)
        if body is not None:  # whoever else answers has a clock of their own
            self.clock.heard(answer.headers.get("date"))
        return _read(method, answer, body)

    @contextmanager
    def _noting(self, method: str) -> Iterator[None]:
        try:
            yield
        except SlackFailure as failure:
            if failure.code == NOT_SLACK:
                self.strangers.heard()
            self._note(method, _OUTCOMES[type(failure)], _trouble(failure))
            raise
        self._note(method, "ok", None)

    def _note(self, method: str, outcome: str, trouble: str | None) -> None:
        self._asked, self.trouble = True, trouble
        self._observe(method, outcome)


_OUTCOMES = {Denied: "denied", NotTaken: "not_taken", OutcomeUnknown: "unknown"}


def _trouble(failure: SlackFailure) -> str | None:
    """Return whether Slack knows and hears us: a refusal of this call alone, or the word to slow down, shows it."""
    ours = isinstance(failure, Denied) and failure.method != "auth.test" and failure.code not in TOKEN_TROUBLE
    return None if ours or failure.code == "ratelimited" else failure.code


def _form(given: dict[str, Any]) -> dict[str, Any]:
    """Arguments as form fields, which every method takes (not every method reads a JSON body)."""
    return {name: _field(value) for name, value in given.items() if value is not None}


def _field(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return json.dumps(value) if isinstance(value, dict | list) else value


@contextmanager
def _in_our_words(method: str) -> Iterator[None]:
    """Turn what went wrong on the way into NotTaken or OutcomeUnknown, with a code for what it was."""
    try:
        yield
    except URLError as error:
        raise _not_sent(method, error.reason) from error
    except TimeoutError as error:
        raise OutcomeUnknown(method, "timeout") from error
    except (OSError, HTTPException) as error:
        raise OutcomeUnknown(method, "connection_lost") from error


def _not_sent(method: str, reason: object) -> SlackFailure:
    """Return what it means that a request was not sent as a whole. No connection: Slack has nothing of it."""
    if isinstance(reason, socket.gaierror):
        return NotTaken(method, "dns")
    if isinstance(reason, ssl.SSLError):
        return NotTaken(method, "tls")
    if isinstance(reason, ConnectionRefusedError):
        return NotTaken(method, "connection_refused")
    if isinstance(reason, OSError) and reason.errno in UNREACHABLE:
        return NotTaken(method, "unreachable")
    if isinstance(reason, OSError) and str(reason).startswith("Tunnel connection failed"):
        return NotTaken(method, NOT_SLACK)  # the words of http.client for a proxy that lets nobody through
    return OutcomeUnknown(method, "timeout" if isinstance(reason, TimeoutError) else "connection_lost")


def _read(method: str, answer: Answer, body: dict[str, Any] | None) -> dict[str, Any]:
    """Return Slack's answer. Raises a SlackFailure for a refusal, and for an answer that is not Slack's (no `body`)."""
    if answer.status == 429:
        raise NotTaken(method, "ratelimited", _seconds(answer.headers.get("retry-after")))
    if body is None:
        if answer.status in BEFORE_SLACK:
            raise NotTaken(method, NOT_SLACK)
        raise OutcomeUnknown(method, f"http_{answer.status}" if answer.status >= 500 else NOT_SLACK)
    if body["ok"]:
        return body
    code = str(body["error"])
    if code in NOT_TAKEN:
        raise NotTaken(method, "ratelimited", _seconds(answer.headers.get("retry-after")))
    if answer.status >= 500 or code in OUTCOME_UNKNOWN:
        raise OutcomeUnknown(method, code)
    raise Denied(method, code, str(body.get("needed") or ""))


def _of_slack(method: str, answer: Answer) -> dict[str, Any] | None:
    """Return the body where it can be Slack's: of its form, with an error or with what the method promises."""
    try:
        body = json.loads(answer.body)
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    refused = body.get("ok") is False and isinstance(body.get("error"), str)
    done = body.get("ok") is True and 200 <= answer.status < 300 and promises.is_kept(method, body)
    return cast(dict[str, Any], body) if refused or done else None


def _seconds(header: str | None) -> float:
    try:
        return max(1.0, float(header or DEFAULT_RETRY_AFTER))
    except ValueError:
        return DEFAULT_RETRY_AFTER
