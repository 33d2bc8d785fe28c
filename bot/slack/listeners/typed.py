"""What people type, read with patience: width, quotes, names of colleagues."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from bot.slack.blocks.text import bare_name
from storage.models import Member

# What a Japanese keyboard may give for a hyphen and NFKC leaves as it is.
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc"), "-")
_QUOTES = "\"'`\u2018\u2019\u201c\u201d\u300c\u300d\u300e\u300f"
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


def narrow(word: str) -> str:
    """Return what was typed, with full-width digits, letters, signs and hyphens as ASCII."""
    return unicodedata.normalize("NFKC", word).translate(_HYPHENS)


def unquoted(text: str) -> list[str]:
    """Return the words that were typed without the quotation marks around them, curly ones and corner brackets too:
    people copy them from a manual."""
    return [bare for word in text.split() if (bare := word.strip(_QUOTES))]


def people_named(roster: Sequence[Member], word: str) -> list[Member]:
    """Return the active members whom a word such as @sato or <@U12> names: by id, by their whole name, else by a part
    of it."""
    mention = _MENTION.fullmatch(word)
    active = [member for member in roster if member.active]
    if mention:
        return [member for member in active if member.user_id == mention[1]]
    wanted = _plain(word.lstrip("@＠"))
    if not wanted:
        return []
    exact = [member for member in active if wanted in (_plain(member.name), _plain(bare_name(member.name)))]
    return exact or [member for member in active if wanted in _plain(member.name)]


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).lower().split())
