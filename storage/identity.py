"""One person writes their e-mail address in many ways. Here it is made one: to find a lead again, and to find what
names somebody who is to be erased."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from unicodedata import normalize

import idna
from pydantic import JsonValue

# What stands around an @, in the widest sense and in narrower ones: in running Japanese text nothing else ends an
# address, and a sign before it may or may not belong to it.
_NOT_JAPANESE = r"(?![\u3005-\u30ff\u3400-\u9fff\uff66-\uff9f])"
_LOCAL = (
    r"[\w.!#$%&'*+/=?^`{|}~-]+",
    r"[\w.%+-]+",
    rf"(?:{_NOT_JAPANESE}[\w.%+-])+",
    r"[A-Za-z0-9._%+-]+",
)
_DOMAIN = (
    r"[\w-]+(?:\.[\w-]+)+",
    rf"(?:{_NOT_JAPANESE}[\w-])+(?:\.(?:{_NOT_JAPANESE}[\w-])+)+",
    r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
    r"[\w-]+(?:[.。][\w-]+)+",  # IDNA: as somebody types it who writes Japanese
)
_UNSEEN = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")  # IDNA reads them as nothing
_LOCALS = [re.compile(rf"{local}$") for local in _LOCAL]
_DOMAINS = [re.compile(domain) for domain in _DOMAIN]
_AT = re.compile("@")
_ENCODED = "xn--"
LONGEST_LOCAL = 64  # RFC 5321, 4.5.3.1.1


def address(text: str) -> str:
    """Return an e-mail address as it is stored: small letters, full-width signs as narrow ones, composed characters
    (NFKC), and the domain as people write it (IDNA: not as xn--…). No mail system in use tells these apart."""
    local, at, domain = normalize("NFKC", normalize("NFKC", text.strip()).lower()).rpartition("@")
    return f"{local}{at}{_as_written(domain)}"


def _as_written(domain: str) -> str:
    if domain.isascii() and _ENCODED not in domain:
        return domain  # IDNA changes nothing of it, and asks every letter for as long as all else takes
    try:
        return normalize("NFC", idna.decode(domain, uts46=True))
    except (idna.IDNAError, UnicodeError):
        return domain


def addresses_in(text: str) -> set[str]:
    """Return everything in a text that may be an e-mail address, in the form of `address`. Where it is not clear where
    one begins or ends each way of reading it is returned."""
    if not {"@", "＠", "﹫"} & set(text):
        return set()
    composed = normalize("NFKC", text)
    return {
        address(f"{local}@{domain}")
        for reading in dict.fromkeys((composed, _UNSEEN.sub("", composed)))
        for at in _AT.finditer(reading)
        for local, domain in _around(reading, at)
    }


def _around(text: str, at: re.Match[str]) -> Iterator[tuple[str, str]]:
    before, after = text[max(0, at.start() - LONGEST_LOCAL) : at.start()], text[at.end() :]
    locals_ = {match[0] for pattern in _LOCALS if (match := pattern.search(before))}
    domains = {match[0] for pattern in _DOMAINS if (match := pattern.match(after))}
    return ((local, domain) for local in locals_ for domain in domains)


def folded(text: str) -> str:
    """Return a text without the differences of width and case."""
    return normalize("NFKC", normalize("NFKC", text).casefold())


def squeezed(text: str) -> str:
    """Return a text in which a name is found however it is spaced, and whatever the width and the case of its
    letters."""
    return "".join(folded(text).split())


def phones_in(text: str) -> set[str]:
    """Return everything in a text that may be a phone number, as its digits without the country's or the trunk's
    prefix: the last nine of them."""
    digits = (re.sub(r"\D", "", run) for run in re.findall(r"[+\d][\d ().ー‐-―−-]{7,}", normalize("NFKC", text)))
    return {run[-9:] for run in digits if len(run) >= 9}


def names_in(text: str) -> set[str]:
    """Return everything in a text by which a person may be known: e-mail addresses and phone numbers."""
    return addresses_in(text) | phones_in(text)


def texts_in(value: JsonValue) -> Iterator[str]:
    """Yield every text of a JSON value, the names of its fields too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)


def joined(values: Iterable[JsonValue]) -> str:
    """Return all texts of some values, a line each."""
    return "\n".join(text for value in values for text in texts_in(value))
