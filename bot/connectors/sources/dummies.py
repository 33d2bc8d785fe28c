"""Leads that somebody made up to try a form: a person looks at them before sales does."""

from __future__ import annotations

import re

from bot.connectors.parser import text
from bot.core.mql.lead import Lead

# Possessive, so that a name of nothing but one letter is not cut up in every way there is.
_WORD = r"(?:test|テスト|てすと|dummy|ダミー|sample|サンプル|hoge|ほげ|asdf|foo|a{3,}+|あ{3,}+|x{3,}+)"
_BESIDE = r"\d|company|contact|corp\.?|co\.?|inc\.?|ltd\.?|user|lead|株式会社|会社|太郎|花子"
_NAME = re.compile(rf"(?:株式会社|\(株\))?{_WORD}(?:{_WORD}|{_BESIDE})*+")
_ADDRESS = re.compile(rf"{_WORD}[\d._+-]*@.*|.*@(?:{_WORD}|example)\.(?:com|net|org|jp|co\.jp)")


def is_dummy(lead: Lead) -> bool:
    """Return whether everything that names somebody is a word such as test, or an address that nobody can have."""
    names = [each for each in (lead.company, lead.person) if each]
    named = [_NAME.fullmatch(_folded(each)) for each in names]
    if lead.email:
        named.append(_ADDRESS.fullmatch(_folded(lead.email)))
    return all(named)


def _folded(name: str) -> str:
    return text.compatible(name).casefold().replace(" ", "")
