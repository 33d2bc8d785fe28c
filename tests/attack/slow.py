"""Who sends slowly, or nothing at all. None of them may hold what an honest sender needs."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from socket import socket

from tests.attack import wire

HEAD = b"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Dripping: "
BODY = b"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n"


def slow_requests(port: int, seconds: float) -> str:
    """Sixteen heads and then a body that comes by one byte a second: as many as there are threads."""
    return _dripping(port, 16, lambda n: HEAD if n % 2 else BODY, seconds)


def dripping_heads(port: int, seconds: float) -> str:
    """A hundred heads that grow by one byte a second."""
    return _dripping(port, 100, lambda _: HEAD, seconds)


def dripping_bodies(port: int, seconds: float) -> str:
    """A hundred bodies that grow by one byte a second."""
    return _dripping(port, 100, lambda _: BODY, seconds)


def silent_connections(port: int, seconds: float) -> str:
    """Five hundred connections on which nothing comes."""
    with ExitStack() as held:
        connections = [held.enter_context(wire.connect(port)) for _ in range(500)]
        time.sleep(seconds)
        return _summary([wire.answers(connection, 0.001) for connection in connections])


def unread_answers(port: int, seconds: float) -> str:
    """A hundred connections that ask and ask, and read no answer."""
    asking = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 400
    with ExitStack() as held:
        connections = [held.enter_context(wire.connect(port, 0.2)) for _ in range(100)]
        for connection in connections:
            with suppress(OSError):
                connection.sendall(asking)
        time.sleep(seconds)
    return "not read"


def _dripping(port: int, count: int, beginning: Callable[[int], bytes], seconds: float) -> str:
    over = time.monotonic() + seconds
    with ExitStack() as held:
        connections = [held.enter_context(wire.connect(port)) for _ in range(count)]
        for number, connection in enumerate(connections):
            connection.sendall(beginning(number))
        while time.monotonic() < over:
            time.sleep(1)
            for connection in connections:
                drip(connection)
        return _summary([wire.answers(connection, 0.01) for connection in connections])


def drip(connection: socket) -> None:
    """Send one byte more."""
    with suppress(OSError):
        connection.sendall(b"a")


def _summary(answers: list[str]) -> str:
    return ", ".join(f"{answers.count(answer)}× {answer}" for answer in dict.fromkeys(answers))
