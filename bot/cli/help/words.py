"""The words of the help in Japanese. The catalogues of bot/locales are not asked: Babel takes longer to import than the
whole help (docs/adr/0039)."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from storage.vocabulary import Locale

CATALOGUE = Path(__file__).with_name("ja.po")
# One line each; what is escaped in them is escaped as in JSON.
ENTRY = re.compile(r'^msgid (".+")\nmsgstr (".+")$', re.MULTILINE)


@cache
def japanese() -> dict[str, str]:
    """Return the Japanese of each English text."""
    entries = ENTRY.findall(CATALOGUE.read_text(encoding="utf-8"))
    return {json.loads(english): json.loads(worded) for english, worded in entries}


def worded(english: str, locale: Locale) -> str:
    """Return a text of the help in a language."""
    return japanese().get(english, english) if locale == Locale.JA else english
