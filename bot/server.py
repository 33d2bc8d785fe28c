"""The HTTP server: waitress, with total deadlines, limits and a choice of whom to drop (ADR 31).

A request takes a thread only once it has arrived whole. Until then it is an entry in one loop, which reads whatever has
come from whom: a sender that is slow, silent or endless costs a socket and some memory, both of them bounded here.
"""

from __future__ import annotations

import json
import logging
import re
import socket
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from time import monotonic
from typing import Any, ClassVar

import structlog
from flask import Flask
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher
from waitress.utilities import BadRequest, Error

if sys.platform != "win32":
    import resource

MOST_HEAD_BYTES = 64 * 1024
MOST_URL_BYTES = 8 * 1024
MOST_HEADERS = 100
# Seconds, each of them in all: one byte a second does not begin any of them anew.
HEAD_SECONDS = 10.0
BODY_SECONDS = 20.0
ANSWER_SECONDS = 30.0
IDLE_SECONDS = 75.0  # longer than proxies keep a connection, so that they are the ones to close it
FIRST_SECONDS = 10.0  # until the first byte of a connection
# Of everybody together.
MOST_CONNECTIONS = 1000
MOST_BODY_BYTES = 32 * 1024 * 1024
ACCEPTED_AT_ONCE = 64
BACKLOG = 1024
OTHER_FILES = 200  # the database, Slack, the log: what a process has open besides
COMPLAINTS_EVERY = 60.0  # seconds: whoever sends nonsense must not fill the log

log = structlog.get_logger(__name__)
# It tells of every request that waits for a thread.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class _Request(HTTPRequestParser):  # type: ignore[misc]
    """A request as it arrives. Refuses what two servers in a row could take for two different requests."""

    _too_much: Error | None = None

    def received(self, data: bytes) -> int:
        """Take what has arrived; returns how much of it belongs to this request."""
        consumed = int(super().received(data))
        if self._too_much is not None:
            self.error = self._too_much
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head. Raises ParsingError."""
        line, _, rest = header_plus.partition(b"\r\n")
        if len(line) > MOST_URL_BYTES:
            message = f"The first line is over {MOST_URL_BYTES} bytes."
            self._too_much = _error(HTTPStatus.REQUEST_URI_TOO_LONG, message)
            raise ParsingError(message)
        if rest.count(b"\r\n") > MOST_HEADERS:
            message = f"There are over {MOST_HEADERS} headers."
            self._too_much = _error(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, message)
            raise ParsingError(message)
        encodings = _ENCODING.findall(rest)
        try:
            super().parse_header(header_plus)
        except ParsingError:
            raise
        except ValueError as error:
            # The library lets a host in brackets that is no address through, to a traceback in the log.
            raise ParsingError("Bad URI") from error
        if ambiguity := self._ambiguity(rest, encodings):
            raise ParsingError(ambiguity)

    def _ambiguity(self, rest: bytes, encodings: list[bytes]) -> str | None:
        """Return what RFC 9112 lets or makes a server refuse and another server may read in its own way."""
        if self.version not in ("1.0", "1.1"):
            return "The version is not HTTP/1.0 or HTTP/1.1."
        if _FOLDED.search(rest):
            return "A header is folded over several lines."
        if encodings and (self.version == "1.0" or [e.strip().lower() for e in encodings] != [b"chunked"]):
            return "Transfer-Encoding is not exactly chunked."
        if encodings and "CONTENT_LENGTH" in self.headers:
            return "There are both Content-Length and Transfer-Encoding."
        if "," in self.headers.get("HOST", ""):
            return "There is more than one Host."
        return None


class _Waiting(_Request):
    """What has arrived behind a request that is in hand: kept as it came, for the loop to read in its turn."""

    def __init__(self, settings: Adjustments) -> None:
        super().__init__(settings)
        self.data = b""

    def received(self, data: bytes) -> int:
        """Take what has arrived."""
        self.data += data
        return len(data)


_ENCODING = re.compile(rb"(?im)^transfer-encoding[ \t]*:([^\r\n]*)")
_FOLDED = re.compile(rb"\r\n[ \t]")


class _Refusal(ErrorTask):  # type: ignore[misc]
    """The answer to a request that does not reach the application: JSON like every other, and one line in the log."""

    def execute(self) -> None:
        """Answer, and close the connection: where the next request begins is not known."""
        error = self.request.error
        self.status = f"{error.code} {error.reason}"
        word = "too_large" if error.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else "malformed"
        word = _WORDS.get(error.code, word)
        body = json.dumps({"error": word, "message": error.body}).encode()
        self.response_headers.append(("Content-Type", "application/json"))
        if error.code == HTTPStatus.SERVICE_UNAVAILABLE:
            self.response_headers.append(("Retry-After", "30"))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)
        self.channel.server.complain(error.code, error.body)


_WORDS = {HTTPStatus.REQUEST_TIMEOUT: "too_slow", HTTPStatus.INTERNAL_SERVER_ERROR: "broken"}


class _Channel(HTTPChannel):  # type: ignore[misc]
    """One connection. One request of it is in hand at a time, whatever comes behind it."""

    error_task_class = _Refusal
    request: _Request | None
    requests: list[_Request]

    def __init__(self, server: _Listener, connection: socket.socket, *rest: Any, **options: Any) -> None:
        self.since = monotonic()
        self.is_new = True
        self.held = 0
        super().__init__(server, connection, *rest, **options)

    def parser_class(self, settings: Adjustments) -> _Request:
        """Return what takes the bytes that come next."""
        return _Waiting(settings) if self.requests else _Request(settings)

    def readable(self) -> bool:
        """Return whether to read: never further than into one request behind that in hand."""
        return bool(super().readable()) and not isinstance(self.request, _Waiting)

    @property
    def may_go_on(self) -> bool:
        """Whether more has arrived, and what came before it is answered and read."""
        return isinstance(self.request, _Waiting) and not self.in_hand

    def go_on(self) -> None:
        """Read the next request of what has arrived. Called by the loop, which alone reads."""
        waiting, self.request = self.request, None
        if isinstance(waiting, _Waiting):
            self.received(waiting.data)

    @property
    def in_hand(self) -> bool:
        """Whether a whole request is being dealt with, or its answer is on its way."""
        return bool(self.requests or self.total_outbufs_len)

    @property
    def stage(self) -> int:
        """How far the next request has come: 0 not begun, 1 its head, 2 its body."""
        if self.request is None:
            return 0
        return 2 if self.request.headers_finished else 1

    def received(self, data: bytes) -> bool:
        """Take what has arrived."""
        before = self.request, self.stage
        taken = bool(super().received(data))
        if before != (self.request, self.stage):
            self.since = monotonic()
        self.is_new = False
        self._hold()
        return taken

    def service(self) -> None:
        """Answer a request, in a thread."""
        super().service()
        self.since = monotonic()
        self._hold()

    def overdue(self, now: float) -> bool:
        """Return whether the peer has had its time. A request in hand has ours, not theirs."""
        if self.requests:
            return False
        if self.total_outbufs_len:
            limit = ANSWER_SECONDS
        elif self.may_go_on:
            return False
        elif self.stage == 0:
            limit = FIRST_SECONDS if self.is_new else IDLE_SECONDS
        else:
            limit = HEAD_SECONDS if self.stage == 1 else BODY_SECONDS
        return now - self.since > limit

    def refuse(self, status: HTTPStatus, message: str) -> None:
        """Answer what has arrived in part, and close; close without a word where nothing has, and at once: who reads no
        answer would keep us waiting to write. Called by the loop."""
        with self.requests_lock:
            if self.request is None or self.total_outbufs_len or self.requests:
                self.handle_close()
                return
            self.request.close()
            answer = self.parser_class(self.adj)
            answer.error, answer.completed, answer.version = _error(status, message), True, self.request.version
            self.request = None
            self.requests.append(answer)
            self.server.add_task(self)
        self._hold()

    def del_channel(self, map: Any = None) -> None:
        """Forget the connection."""
        super().del_channel(map)
        self.server.hold(-self.held)
        self.held = 0

    def _hold(self) -> None:
        with self.requests_lock:
            arriving = [] if self.request is None else [self.request]
            held = sum(request.body_bytes_received for request in [*self.requests, *arriving])
            self.server.hold(held - self.held)
            self.held = held


class _Listener(TcpWSGIServer):  # type: ignore[misc]
    """The listening socket, and who is connected."""

    channel_class = _Channel

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._sweep_at = self._complain_at = 0.0
        self._complaints = 0
        self._holding = threading.Lock()
        self.held = 0
        self.most = _most_connections()
        super().__init__(*arguments, **options)

    @property
    def busy(self) -> bool:
        """Whether a request is in hand."""
        return any(channel.in_hand for channel in list(self.active_channels.values()))

    def hold(self, more: int) -> None:
        """Note that so many bytes of bodies more, or fewer, are in memory."""
        with self._holding:
            self.held += more

    def readable(self) -> bool:
        """Return whether to accept. The loop asks at least once a second, which is when deadlines are looked at: by a
        clock that nobody sets, unlike the library's own."""
        now = monotonic()
        if now >= self._sweep_at:
            self._sweep_at = now + 1
            for channel in [c for c in self.active_channels.values() if c.overdue(now)]:
                channel.refuse(HTTPStatus.REQUEST_TIMEOUT, "The request did not arrive in time.")
        # One a turn: who sends hundreds at once keeps one thread busy, and the others have theirs.
        if next_in_line := min((c for c in self.active_channels.values() if c.may_go_on), key=_since, default=None):
            next_in_line.go_on()
        while self.held > MOST_BODY_BYTES and (largest := self._victim(lambda channel: -channel.held)) and largest.held:
            largest.refuse(HTTPStatus.SERVICE_UNAVAILABLE, "Too much is arriving at once. Send it again later.")
        return bool(self.accepting) and (len(self.active_channels) < self.most or self._victim(_longest) is not None)

    def handle_accept(self) -> None:
        """Take whoever has come; where there are too many, whoever has kept us waiting for longest makes room."""
        for _ in range(ACCEPTED_AT_ONCE):
            known = len(self.active_channels)
            super().handle_accept()
            if len(self.active_channels) == known:
                return
            if known >= self.most and (oldest := self._victim(_longest)):
                oldest.handle_close()

    def _victim(self, order: Callable[[_Channel], Any]) -> _Channel | None:
        return min((c for c in self.active_channels.values() if not c.in_hand), key=order, default=None)

    def complain(self, status: int, reason: str) -> None:
        """Write one line a minute of what is refused."""
        with self._holding:
            self._complaints += 1
            if monotonic() < self._complain_at:
                return
            count, self._complaints, self._complain_at = self._complaints, 0, monotonic() + COMPLAINTS_EVERY
        log.warning("request_refused", status=status, reason=reason, count=count)


def _longest(channel: _Channel) -> tuple[int, float]:
    return channel.stage, channel.since


def _since(channel: _Channel) -> float:
    return channel.since


def _most_connections() -> int:
    if sys.platform == "win32":
        return MOST_CONNECTIONS
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (
        MOST_CONNECTIONS if allowed == resource.RLIM_INFINITY else max(16, min(MOST_CONNECTIONS, allowed - OTHER_FILES))
    )


def _error(status: HTTPStatus, message: str) -> Error:
    error = BadRequest(message)
    error.code, error.reason = int(status), status.phrase
    return error


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; processes that are forked afterwards share it. Raises OSError where the address
    cannot be had."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


_IN_USE: list[Any] = []
"""Triggers of servers that stopped while somebody still worked on a request; they stay open until the process ends."""


class Server:
    """Serves an application from a thread of its own until it is stopped."""

    DEFAULTS: ClassVar[dict[str, Any]] = {
        "max_request_header_size": MOST_HEAD_BYTES,
        # Who came through a proxy is told by these headers (bot.monitoring).
        "clear_untrusted_proxy_headers": False,
        "ident": None,
    }

    def __init__(self, pages: Flask, threads: int, most_body_bytes: int) -> None:
        self._pages, self._threads = pages, threads
        # Bodies stay in memory, of which MOST_BODY_BYTES is the limit: a full disk stops no request.
        limits = {"max_request_body_size": most_body_bytes + 1, "inbuf_overflow": most_body_bytes + 1}
        self._options = self.DEFAULTS | limits
        self._map: dict[int, Any] = {}
        self._stopping = threading.Event()
        self._give_up = 0.0
        self._listener: _Listener | None = None
        self._thread: threading.Thread | None = None
        self.port = 0

    def start(self, listening: socket.socket) -> None:
        """Begin to serve whoever connects to a socket."""
        self.port = listening.getsockname()[1]
        settings = Adjustments(threads=self._threads, sockets=[listening], **self._options)
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(self._threads)
        place = (listening.family, listening.type, listening.proto, listening.getsockname())
        self._listener = _Listener(
            self._pages,
            self._map,
            _sock=listening,
            dispatcher=dispatcher,
            adj=settings,
            sockinfo=place,
            bind_socket=False,
        )
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait until it has been stopped."""
        if self._thread is not None:
            self._thread.join()

    def stop(self, within: float = 2.0) -> None:
        """Take nothing new, answer what is in hand for at most `within` seconds, and close."""
        if self._listener is None or self._thread is None:
            return
        self._give_up = monotonic() + within
        self._stopping.set()
        self._listener.pull_trigger()
        self._thread.join()
        if not self._listener.task_dispatcher.threads:
            self._listener.trigger.close()
        else:  # who still works on a request writes to it
            _IN_USE.append(self._listener.trigger)
        self._listener = None

    def _run(self) -> None:
        assert self._listener is not None
        listener = self._listener
        while not self._stopping.is_set():
            wasyncore.loop(timeout=1, use_poll=True, map=self._map, count=1)
        listener.accepting = False
        listener.socket.close()
        self._map.pop(listener._fileno, None)
        while listener.busy and monotonic() < self._give_up:
            wasyncore.loop(timeout=0.05, use_poll=True, map=self._map, count=1)
        listener.task_dispatcher.shutdown(timeout=0.5)
        # Who still works on a request, or stops us, writes to the trigger: its number must not be somebody else's yet.
        self._map.pop(listener.trigger._fileno, None)
        wasyncore.close_all(self._map, ignore_all=True)
