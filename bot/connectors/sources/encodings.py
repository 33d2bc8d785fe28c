"""The encodings that Japanese tools and forms send."""

from __future__ import annotations

import codecs

_MARKED = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_ESCAPES = (b"\x1b$", b"\x1b(")
_JAPANESE = ("cp932", "euc_jp")
_KNOWN = {"shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932"}


def decoded(raw: bytes, named: str = "") -> str:
    """Return the text of the bytes, with a sign in the place of each character that cannot be read. Never raises."""
    return raw.decode(likeliest(raw, named), "replace")


def likeliest(raw: bytes, named: str = "") -> str:
    """Return the encoding of the bytes: the one that was named if it fits, else what they look like."""
    named = _KNOWN.get(named.lower(), named)
    wide = named.lower().startswith(("utf-16", "utf-32", "utf16", "utf32"))
    if named and _fits(raw, named) and (b"\0" in raw or not wide):  # almost any bytes are some text in UTF-16
        return named
    for mark, encoding in _MARKED.items():
        if raw.startswith(mark) and _fits(raw, encoding):
            return encoding
    if any(escape in raw for escape in _ESCAPES) and _fits(raw, "iso2022_jp"):
        return "iso2022_jp"
    possible = [] if _fits(raw, "utf-8") else [each for each in _JAPANESE if _fits(raw, each)]
    return max(possible, key=lambda encoding: _japanese(raw.decode(encoding)), default="utf-8")


def _fits(raw: bytes, encoding: str) -> bool:
    try:
        return isinstance(raw.decode(encoding), str)
    except (UnicodeError, LookupError):  # LookupError also for `hex`, `zlib` and their like, which make no text
        return False


def _japanese(text: str) -> int:
    """Return how much a text looks like Japanese: bytes of another encoding come out as narrow kana and rare signs."""
    return sum(_weight(character) for character in text)


def _weight(character: str) -> int:
    if "\u3040" <= character <= "\u30ff":
        return 3
    if "\u4e00" <= character <= "\u9fff":
        return 1
    return -3 if "\uff61" <= character <= "\uff9f" or "\ue000" <= character <= "\uf8ff" else 0
