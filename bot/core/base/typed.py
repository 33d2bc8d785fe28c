"""What a keyboard gives, made plain before it is read. Pure."""

from __future__ import annotations

import unicodedata

# What a Japanese keyboard may give for a hyphen and NFKC leaves as it is.
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc"), "-")


def narrow(text: str) -> str:
    """Return what was typed, with full-width digits, letters, signs and hyphens as ASCII."""
    return unicodedata.normalize("NFKC", text).translate(_HYPHENS)
