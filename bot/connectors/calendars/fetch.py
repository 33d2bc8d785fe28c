"""Reads a calendar at the address that its owner published: https only, never inside our own network, within seconds
and two megabytes, and only where it has changed."""

from __future__ import annotations

import ssl
from collections.abc import Collection
from typing import NamedTuple
from urllib.parse import urljoin

from bot.connectors.calendars import NotRead
from bot.connectors.outbound.address import trouble as trouble_of
from bot.connectors.outbound.call import Call, Failed, Page

TIMEOUT = 5.0
MOST_BYTES = 2 * 1024 * 1024
MOST_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_NOT_MODIFIED, _OK = 304, 200
_GONE = (401, 403, 404, 410)
_CODES = {"webhook_needs_https": "needs_https", "webhook_not_public": "not_public"}


class Version(NamedTuple):
    """What the server called the calendar that was read last; both may be empty."""

    etag: str = ""
    modified: str = ""


class Read(NamedTuple):
    """What was read; `body` is None where nothing has changed."""

    body: bytes | None
    version: Version


def trouble(url: str, allowed: Collection[str] = ()) -> str | None:
    """Return the code of what keeps us from ever reading this address, or None."""
    refused = trouble_of(_web(url), allowed)
    return _CODES[refused] if refused else None


def fetch(
    url: str,
    known: Version,
    trusted: ssl.SSLContext,
    allowed: Collection[str] = (),
    timeout: float = TIMEOUT,
) -> Read:
    """Read a calendar, following at most three redirects, each looked at as the first. `timeout`: seconds for each
    request. `allowed`: hosts that may be private. Raises NotRead."""
    headers = {"Accept": "text/calendar, */*;q=0.5", "Accept-Encoding": "identity", "User-Agent": "mql-bot"}
    headers |= {"If-None-Match": known.etag} if known.etag else {}
    headers |= {"If-Modified-Since": known.modified} if known.modified else {}
    where = _web(url)
    for _ in range(MOST_REDIRECTS + 1):
        try:
            page = Call(where, allowed, trusted, timeout).get(headers, MOST_BYTES)
        except Failed as error:
            raise NotRead(_CODES.get(str(error), str(error))) from error
        if page.status not in _REDIRECTS:
            return _read(page, known)
        where = urljoin(where, page.headers.get("Location") or "")
    raise NotRead("redirects")


def _read(page: Page, known: Version) -> Read:
    if page.status == _NOT_MODIFIED:
        return Read(None, known)
    if page.status != _OK:
        raise NotRead("gone" if page.status in _GONE else "refused")
    return Read(page.body, Version(page.headers.get("ETag") or "", page.headers.get("Last-Modified") or ""))


def _web(url: str) -> str:
    """Return an address as the web knows it: calendars hand out webcal:// for https://."""
    scheme, colon, rest = url.strip().partition("://")
    return f"https://{rest}" if colon and scheme.lower() in ("webcal", "webcals") else url.strip()
