"""The only way out to a CRM: public addresses by https, within seconds and a few megabytes, no redirects, JSON.

A host that may be private is one of OUTBOUND_ALLOWED_HOSTS, as for the webhook: the playground, a test.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from bot.connectors.outbound.call import Call, Failed, wait_of

TIMEOUT = 10.0
MOST_BYTES = 8 * 1024 * 1024
_NOT_SENT = {"dns", "tls", "webhook_needs_https", "webhook_not_public"}


class NoAnswer(Exception):
    """No answer that can be read. The text is a code: dns, tls, timeout, connection, too_large, not_json."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def was_sent(self) -> bool:
        """Whether the CRM may have done what it was asked."""
        return self.code not in _NOT_SENT


@dataclass(frozen=True)
class Response:
    """What a CRM answered."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: Any
    """Parsed JSON; None where there is none."""

    @property
    def is_ok(self) -> bool:
        """Whether it is a success, 2xx."""
        return 200 <= self.status < 300

    @property
    def retry_after(self) -> float | None:
        """Seconds that the CRM asks to wait, by the header Retry-After; None: it does not say."""
        asked = wait_of(self.headers.get("retry-after"))
        return None if asked is None else asked.total_seconds()


class Door:
    """Sends requests to one CRM."""

    def __init__(self, base: str, allowed: Collection[str] = (), timeout: float = TIMEOUT) -> None:
        """Lead to `base`: scheme and host, before every path. `allowed`: hosts that may be private and may be called by
        plain http. `timeout`: seconds for a call."""
        self.base, self._allowed, self._timeout = base.rstrip("/"), frozenset(allowed), timeout
        self._call: Call | None = None
        self._closed = False

    def at(self, base: str) -> Door:
        """Return a door of the same limits to another address: some CRMs tell theirs at login."""
        return Door(base, self._allowed, self._timeout)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send one request with a body of JSON, or a form, and return the answer, whatever its status. Raises
        NoAnswer."""
        url = self.base + path + (f"?{urlencode(query)}" if query else "")
        sent = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "mql-bot", **(headers or {})}
        data: bytes | None = None
        if form is not None:
            data = urlencode(form).encode()
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        elif body is not None:
            data = json.dumps(body, ensure_ascii=False).encode()
            sent["Content-Type"] = "application/json"
        self._call = call = Call(url, self._allowed, _trusted(), self._timeout)
        if self._closed:
            call.end()  # it was not there yet when `close` looked
        try:
            page = call.ask(method, data, sent, MOST_BYTES)
        except Failed as failed:
            raise NoAnswer(str(failed)) from failed
        finally:
            self._call = None
        names = {name.lower(): value for name, value in page.headers.items()}
        return Response(page.status, names, _parsed(page.status, page.body))

    def close(self) -> None:
        """Wait no longer for the answer in hand, from another thread."""
        self._closed = True
        if self._call is not None:
            self._call.end()


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """Return whose certificates we believe: read once, when the first CRM is called."""
    return ssl.create_default_context()


def _parsed(status: int, body: bytes) -> Any:
    if not body.strip():
        return None
    try:
        return json.loads(body)
    except ValueError:
        if status >= 400:  # a page of something on the way; its status says enough
            return None
        raise NoAnswer("not_json") from None
