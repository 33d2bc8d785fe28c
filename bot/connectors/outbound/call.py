"""One POST to an address that has been looked at, which ends in time and can be ended from outside."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from bot.connectors.outbound.address import PORTS, Refused, addresses

TIMEOUT = 10.0


class Failed(Exception):
    """No answer. The text is a code: dns, tls, timeout, connection, or why the address is refused."""


class Answer(NamedTuple):
    """What the receiver said; the text of it is not read."""

    status: int
    retry_after: timedelta | None
    """How long it asks us to wait, where it does."""


class Call:
    """A POST of `body`, to be made once. Redirects are not followed, and no proxy is used."""

    def __init__(self, url: str, allowed: Collection[str], trusted: ssl.SSLContext, timeout: float = TIMEOUT) -> None:
        """`timeout`: seconds that all of it may take, after the name has been looked up."""
        self._url, self._allowed, self._trusted, self._timeout = url, allowed, trusted, timeout
        self._socket: socket.socket | None = None
        self._ended = False

    def make(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send the request. Raises Failed."""
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
            return self._post(places, deadline, body, headers)
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

    def _post(
        self,
        places: list[tuple[socket.AddressFamily, Any]],
        deadline: float,
        body: bytes,
        headers: Mapping[str, str],
    ) -> Answer:
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
        connection.request("POST", target, body, dict(headers))
        answer = connection.getresponse()
        return Answer(answer.status, _wait(answer.getheader("retry-after")))

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


def _wait(header: str | None) -> timedelta | None:
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
