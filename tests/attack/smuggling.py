"""Requests whose end two servers could see in different places, and what is no HTTP. Each is refused as a whole: behind
a proxy that reads it otherwise, what follows would be somebody's request."""

from __future__ import annotations

from tests.attack import wire

HOST = b"Host: 127.0.0.1\r\n"
HIDDEN = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"

REQUESTS = {
    "Content-Length and Transfer-Encoding": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + HIDDEN,
    "two Content-Lengths": b"Content-Length: 0\r\nContent-Length: 48\r\n\r\n" + HIDDEN,
    "the same Content-Length twice": b"Content-Length: 2, 2\r\n\r\n{}" + HIDDEN,
    "a length of +2": b"Content-Length: +2\r\n\r\n{}" + HIDDEN,
    "a chunk of -5": b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n" + HIDDEN,
    "a chunk of 0x5": b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n" + HIDDEN,
    "a chunk longer than its size": b"Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n" + HIDDEN,
    "chunked twice": b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunked, and an unknown coding": b"Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a bare line feed in the head": b"X-A: b\nContent-Length: 48\r\n\r\n" + HIDDEN,
    "a folded header": b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a space before the colon": b"Content-Length : 48\r\n\r\n" + HIDDEN,
    "two Hosts": b"Host: example.com\r\nContent-Length: 0\r\n\r\n" + HIDDEN,
}
LINES = {
    "chunked in HTTP/1.0": b"POST /slack/events HTTP/1.0\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + HIDDEN,
    "an unknown version": b"POST /slack/events HTTP/3.7\r\n" + HOST + b"Content-Length: 0\r\n\r\n" + HIDDEN,
    "a host in brackets that is none": b"GET http://[ HTTP/1.1\r\n" + HOST + b"\r\n" + HIDDEN,
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
}


def ambiguous() -> dict[str, bytes]:
    """Return what must be refused, by its name; nothing behind it may be answered."""
    beginning = b"POST /slack/events HTTP/1.1\r\n" + HOST
    return {name: beginning + rest for name, rest in REQUESTS.items()} | LINES


def pipelined() -> bytes:
    """Return three requests at once, which are to be answered one after the other."""
    return HIDDEN * 3


def answers(port: int, seconds: float = 1.0) -> dict[str, str]:
    """Return what each is answered, one after the other."""
    return {name: wire.ask(port, request, seconds) for name, request in ambiguous().items()}
