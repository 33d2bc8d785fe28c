"""Who sends too much. No more than a limit of it may be kept, and it may take no longer than the limit takes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, repeat

from tests.attack import wire

MB = 1024 * 1024
Attack = Callable[[int, float], str]
CHUNK = b"100000\r\n" + b"a" * MB + b"\r\n"


def chunked_body(port: int, seconds: float) -> str:
    """300 MB in chunks, unsigned, to Slack's address."""
    head = b"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    return wire.pour(port, head, chain(repeat(CHUNK, 300), [b"0\r\n\r\n"]), seconds)


def large_body(port: int, seconds: float) -> str:
    """300 MB whose length is given, unsigned."""
    head = b"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % (300 * MB)
    return wire.pour(port, head, repeat(b"a" * MB, 300), seconds)


def large_head(port: int, seconds: float) -> str:
    """One header of 200 MB."""
    return wire.pour(port, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Large: ", repeat(b"a" * MB, 200), seconds)


def many_headers(port: int, seconds: float) -> str:
    """1,000,000 headers."""
    parts = (b"".join(b"X-%d: a\r\n" % (base + n) for n in range(1000)) for base in range(0, 1_000_000, 1000))
    return wire.pour(port, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n", chain(parts, [b"\r\n"]), seconds)


def long_url(port: int, seconds: float) -> str:
    """A URL of 1 MB."""
    end = b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    return wire.pour(port, b"GET /", chain(repeat(b"a" * 65_536, 16), [end]), seconds)


def fairly_long_url(port: int, _: float) -> str:
    """A URL of 20,000 characters, which fits into a head."""
    return wire.ask(port, b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")


def fairly_many_headers(port: int, _: float) -> str:
    """1,000 headers, which fit into a head."""
    headers = b"".join(b"X-%d: a\r\n" % n for n in range(1000))
    return wire.ask(port, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + b"\r\n")


def many_bodies(port: int, seconds: float) -> str:
    """Sixty bodies of 4 MB at once, each but for its last byte."""
    head = b"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % (4 * MB)
    connections = [wire.connect(port, 2.0) for _ in range(60)]
    open_still = 0
    for connection in connections:
        try:
            connection.sendall(head + b"a" * (4 * MB - 1))
        except OSError:
            continue
    for connection in connections:
        open_still += wire.answers(connection, 0.01) == wire.NOTHING
        connection.close()
    return f"{open_still} of 60 kept"
