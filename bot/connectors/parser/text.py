"""Text from outside, made safe to store, show and compare."""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "…"

_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Direction overrides are invisible and would turn round the rest of a card; right-to-left names do not need them.
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_GAPS = re.compile("[\n\t]+")
_SURROGATE = re.compile("[\ud800-\udfff]")


def paragraphs(text: str) -> str:
    """Text that may run over several lines: NFC, newlines and tabs kept, other control characters gone."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", _BREAKS.sub("\n", text))).strip()


def line(text: str) -> str:
    """Text for one line. A break becomes a space, so that the words beside it stay apart."""
    return _GAPS.sub(" ", paragraphs(text)).strip()


def compatible(text: str) -> str:
    """One line with full-width letters and digits as plain ones, for e-mail addresses and numbers."""
    return unicodedata.normalize("NFKC", line(text)).strip()


def is_blank(text: str) -> bool:
    """Return whether a reader would see nothing, as with spaces of any width and zero-width characters."""
    return all(unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp", "Zs"} for c in text)


def has_lone_surrogate(text: str) -> bool:
    """Return whether the text holds half a character, which neither UTF-8 nor a database can store."""
    return _SURROGATE.search(text) is not None


def mended(text: str) -> str:
    """Return the text with every lone surrogate replaced by the sign for an unreadable character."""
    return _SURROGATE.sub("\ufffd", text)


def cut(text: str, limit: int) -> str:
    """Return the text, or its beginning with an ellipsis, in at most `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + ELLIPSIS
