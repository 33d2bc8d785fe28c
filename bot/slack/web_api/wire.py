"""One request to Slack, with whatever came back as it came. It follows no redirect and repeats nothing: an answer is
read by `gateway.py`, and a message that was posted is not posted again by somebody who does not know it.

A proxy is used where HTTPS_PROXY names one, as urllib reads it.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from functools import cache
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Any, NamedTuple

# No answer that we ask for has as much; a page without an end must not fill the memory.
MOST_BYTES = 16 * 1024 * 1024
CHUNK = 1 << 16


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """By their names in small letters."""
    body: bytes


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Slack's Web API redirects nobody. Who does it stands in front of Slack, and our token is not for them."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Follow nothing."""


@cache
def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirect)


def post(url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> Answer:
    """Send it, and return the answer whatever its status. `timeout`: seconds for each step on the way.

    Raises URLError where it was not sent, or not as a whole, and OSError or HTTPException where no answer came back."""
    request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")  # noqa: S310 - of a setting
    try:
        with _opener().open(request, timeout=timeout) as response:
            return _read(response)
    except urllib.error.HTTPError as error:
        with error:
            return _read(error)


def get(url: str, headers: Mapping[str, str], timeout: float, out: IO[bytes], most: int) -> Answer:
    """Fetch what stands at an address into a file, as it comes and at most so many bytes. The answer's own body stays
    empty. Raises like `post`."""
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310 - the caller has seen whose it is
    try:
        with _opener().open(request, timeout=timeout) as response:
            while out.tell() < most and (part := response.read(min(CHUNK, most - out.tell()))):
                out.write(part)
            return Answer(response.status or 0, {name.lower(): value for name, value in response.headers.items()}, b"")
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, {name.lower(): value for name, value in error.headers.items()}, b"")


def _read(response: HTTPResponse | urllib.error.HTTPError) -> Answer:
    headers: Any = response.headers
    length = int(headers["content-length"]) if (headers["content-length"] or "").isdecimal() else None
    body = response.read(MOST_BYTES)
    if length is not None and len(body) < min(length, MOST_BYTES):
        raise HTTPException("the answer ended before its end")
    return Answer(response.status or 0, {name.lower(): value for name, value in headers.items()}, body)
