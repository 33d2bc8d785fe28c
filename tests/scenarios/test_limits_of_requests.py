"""A request without a limit: a body in chunks, a head without an end. None is read to its end before it is refused."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from bot import answers, web
from bot.server import MOST_HEAD_BYTES
from tests.patience import LONGEST
from tests.scenarios.stage import Team

PIECE = 256 * 1024
MOST_SENT = 64 * 1024 * 1024


class Endless:
    """Sends a request for as long as the bot reads it, and hears the answer meanwhile."""

    def __init__(self, team: Team) -> None:
        assert team.bot is not None
        place = urlsplit(team.bot.address)
        self._socket = socket.create_connection((place.hostname or "", place.port or 0), timeout=LONGEST)
        self.sent = 0
        self._answer = b""

    def ask(self, head: str, pieces: Iterator[bytes]) -> int:
        """Send both, and return the status of the answer."""
        hearing = threading.Thread(target=self._hear)
        hearing.start()
        try:
            self._socket.sendall(head.encode())
            for piece in pieces:
                self._socket.sendall(piece)
                self.sent += len(piece)
        except OSError:
            pass  # the bot has closed the connection: it reads no more
        hearing.join(LONGEST)
        return int(self._answer.split()[1])

    def _hear(self) -> None:
        try:
            while not self._answer.endswith(b"}") and (more := self._socket.recv(4096)):
                self._answer += more
        except OSError:
            pass

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def small_chunks() -> Iterator[bytes]:
    """A body in chunks of 256 KiB, far over every limit."""
    for _ in range(MOST_SENT // PIECE):
        yield f"{PIECE:x}\r\n".encode() + b"x" * PIECE + b"\r\n"


def one_chunk() -> Iterator[bytes]:
    """A body in one chunk."""
    yield f"{MOST_SENT:x}\r\n".encode()
    for _ in range(MOST_SENT // PIECE):
        yield b"x" * PIECE


@pytest.mark.alike
@pytest.mark.parametrize("path", ["/slack/events", "/webhooks/generic", "/webhooks/activity", "/webhooks/deal"])
@pytest.mark.parametrize("chunks", [small_chunks, one_chunk])
def test_a_body_in_chunks_is_refused_before_it_is_read_whole(team: Team, path: str, chunks: object) -> None:
    assert callable(chunks)
    head = f"POST {path} HTTP/1.1\r\nHost: bot\r\nTransfer-Encoding: chunked\r\n\r\n"
    with closing(Endless(team)) as sender:
        assert sender.ask(head, chunks()) == 413
    assert sender.sent < MOST_SENT // 2


def test_a_body_whose_length_is_over_the_limit_is_refused_unread(team: Team) -> None:
    head = f"POST /slack/events HTTP/1.1\r\nHost: bot\r\nContent-Length: {MOST_SENT}\r\n\r\n"
    with closing(Endless(team)) as sender:
        assert sender.ask(head, iter([])) == 413


def test_a_head_without_an_end_is_refused(team: Team) -> None:
    lines = (b"X-Filler: " + b"x" * 1000 + b"\r\n" for _ in range(MOST_SENT // 1000))
    with closing(Endless(team)) as sender:
        assert sender.ask("GET /healthz HTTP/1.1\r\nHost: bot\r\n", lines) == 431
    assert sender.sent < 100 * MOST_HEAD_BYTES


def test_a_body_within_the_limit_is_read_whole_and_once() -> None:
    body = b"x" * web.MOST_SLACK_BYTES
    environ = EnvironBuilder(method="POST", data=body).get_environ()
    assert answers.body_of(Request(environ), web.MOST_SLACK_BYTES) == body  # type: ignore[arg-type]
    environ = EnvironBuilder(method="POST", data=body + b"x").get_environ()
    assert answers.body_of(Request(environ), web.MOST_SLACK_BYTES) is None  # type: ignore[arg-type]
