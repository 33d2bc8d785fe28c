"""One request to an address that has been looked at, which ends in time and can be ended from outside."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from bot.connectors.outbound.address import PORTS, Refused, addresses

TIMEOUT = 10.0
T = TypeVar("T")


class Failed(Exception):
    """No answer. The text is a code: dns, tls, timeout, connection, too_large, or why the address is refused."""


class Answer(NamedTuple):
    """What the receiver said; the text of it is not read."""

    status: int
    retry_after: timedelta | None
    """How long it asks us to wait, where it does."""


class Page(NamedTuple):
    """What stands at an address."""

    status: int
    headers: Message
    body: bytes


class Call:
    """A request, to be made once. Redirects are not followed, and no proxy is used."""

    def __init__(self, url: str, allowed: Collection[str], trusted: ssl.SSLContext, timeout: float = TIMEOUT) -> None:
        """`timeout`: seconds that all of it may take, after the name has been looked up."""
        self._url, self._allowed, self._trusted, self._timeout = url, allowed, trusted, timeout
        self._socket: socket.socket | None = None
        self._ended = False

    def make(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post. Raises Failed."""
        return self._exchange("POST", body, headers, _answer)

    def get(self, headers: Mapping[str, str], most: int) -> Page:
        """Read what stands there, at most so many bytes. Raises Failed."""
        return self.ask("GET", None, headers, most)

    def ask(self, method: str, body: bytes | None, headers: Mapping[str, str], most: int) -> Page:
        """Send a request and read its answer, at most so many bytes. Raises Failed."""
        page = self._exchange(method, body, headers, lambda answer: _page(answer, most))
        if self._ended:
            raise Failed("timeout")  # what has come by then looks whole where its length was not told
        return page

    def _exchange(
        self, method: str, body: bytes | None, headers: Mapping[str, str], read: Callable[[HTTPResponse], T]
    ) -> T:
        try:
            places = addresses(self._url, self._allowed)
        except Refused as error:
            raise Failed(str(error)) from error
        except (OSError, UnicodeError) as error:
            raise Failed("dns") from error
        # A time limit of the socket is one for each read, and an answer may come in byte by byte.
        deadline, limit = time.monotonic() + self._timeout, threading.Timer(self._timeout, self.end)
        limit.daemon = True
        limit.start()
        try:
            return read(self._ask(places, deadline, method, body, headers))
        except ssl.SSLCertVerificationError as error:
            raise Failed("tls") from error
        except (OSError, HTTPException) as error:
            late = isinstance(error, TimeoutError) or time.monotonic() >= deadline
            raise Failed("timeout" if late else "connection") from error
        finally:
            limit.cancel()
            self._close()

    def end(self) -> None:
        """Wait no longer: `make`, in its own thread, raises Failed."""
        self._ended = True
        if self._socket is not None:
            # Of the plain socket, for that of TLS forgets its state, which the other thread is using.
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _ask(
        self,
        places: list[tuple[socket.AddressFamily, Any]],
        deadline: float,
        method: str,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> HTTPResponse:
        parts = urlsplit(self._url)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        self._connect(places, deadline)
        if self._ended:
            raise ConnectionAbortedError
        secure = parts.scheme == "https"
        if secure:
            self._encrypt(host)
        connection = HTTPSConnection(host, port, context=self._trusted) if secure else HTTPConnection(host, port)
        # By itself it would look the name up again.
        connection.sock, connection.auto_open = self._socket, 0
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, dict(headers))
        return connection.getresponse()

    def _connect(self, places: list[tuple[socket.AddressFamily, Any]], deadline: float) -> None:
        """To the first address that takes us."""
        for last, (family, where) in enumerate(places, 1 - len(places)):
            self._socket = socket.socket(family, socket.SOCK_STREAM)
            self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                self._socket.connect(where)
            except OSError:
                self._close()
                if last == 0 or self._ended:
                    raise
            else:
                return

    def _encrypt(self, host: str) -> None:
        if self._socket is not None:
            encrypted = self._trusted.wrap_socket(self._socket, server_hostname=host, do_handshake_on_connect=False)
            self._socket = encrypted
            encrypted.do_handshake()

    def _close(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.close()
            self._socket = None


def _answer(answer: HTTPResponse) -> Answer:
    return Answer(answer.status, wait_of(answer.getheader("retry-after")))


def _page(answer: HTTPResponse, most: int) -> Page:
    body = answer.read(most + 1)
    if len(body) > most:
        raise Failed("too_large")
    return Page(answer.status, answer.headers, body)


def wait_of(header: str | None) -> timedelta | None:
    """Seconds or a date (RFC 9110, section 10.2.3); what is neither asks for nothing."""
    if header is None:
        return None
    try:
        if header.strip().isascii() and header.strip().isdecimal():
            return timedelta(seconds=int(header))
        until = parsedate_to_datetime(header)
        return max(until - datetime.now(UTC), timedelta(0)) if until.tzinfo else None
    except (ValueError, OverflowError):
        return None
