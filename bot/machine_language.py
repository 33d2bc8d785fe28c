"""The language of whoever sits at this machine, and whether somebody has named its encoding. It stands apart from the
settings because the help of the command line needs it, and nothing else of them (docs/adr/0039)."""

from __future__ import annotations

import os

from storage.vocabulary import Locale


def machine_locale() -> Locale:
    """Return the language of this machine, as far as we have it: the first of LC_ALL, LC_MESSAGES, LANG."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if language := os.environ.get(variable):
            return Locale.JA if language.lower().startswith("ja") else Locale.EN
    return Locale.EN


def names_encoding() -> bool:
    """Return whether somebody has said in which encoding Python writes (PYTHONIOENCODING)."""
    return "PYTHONIOENCODING" in os.environ
