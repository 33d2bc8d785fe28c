"""What people type, read with patience: width, quotes, names of colleagues."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches

from bot.slack.blocks.base.text import bare_name
from storage.models import Member

_QUOTES = "\"'`\u2018\u2019\u201c\u201d\u300c\u300d\u300e\u300f"
_UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069\ufeff"
"""Signs without a width, and marks of direction: they come along where somebody copies from a page or a chat."""
NEAREST = 3
CLOSE, ALIKE = 0.7, 0.4
"""How alike a name must be to what was typed to be proposed, from 0 to 1; and one that begins as it does, for of two
signs of a Japanese name one is often another."""
_TITLES = ("さん", "くん", "君", "様", "部長", "課長")
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


def unquoted(text: str) -> list[str]:
    """Return the words that were typed without what copying from a manual brings along: quotation marks around them,
    curly ones and corner brackets too, and signs that nobody sees."""
    return [bare for word in text.split() if (bare := word.strip(_QUOTES + _UNSEEN))]


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


def people_in(roster: Sequence[Member], text: str) -> list[Member]:
    """Return the active members whom a sentence names: by a mention, their whole name, or its part before or after the
    space; one character is a name with a title alone. Of names that hold each other the longest counts."""
    mentioned, words = set(_MENTION.findall(text)), _plain(text)
    longest: dict[str, int] = {}
    for member in (member for member in roster if member.active):
        named = [len(part) for part in map(_plain, _parts(member)) if _names(part, words)]
        if member.user_id in mentioned or named:
            longest[member.user_id] = len(words) if member.user_id in mentioned else max(named)
    most = max(longest.values(), default=0)
    return [member for member in roster if longest.get(member.user_id, -1) == most]


def _names(part: str, words: str) -> bool:
    return part in words if len(part) > 1 else any(f"{part}{title}" in words for title in _TITLES)


def without_name(member: Member, text: str) -> str:
    """Return a sentence without a member's name or mention, and the title after it."""
    parts = sorted(_parts(member), key=len, reverse=True)
    spaced = [r"\s*".join(re.escape(letter) for letter in part if not letter.isspace()) for part in parts]
    named = "|".join([rf"<@{member.user_id}(?:\|[^>]*)?>", *spaced])
    titles = "|".join((*_TITLES, r"is\b", r"will be\b"))
    return re.sub(rf"@?(?:{named})\s*(?:{titles})?", " ", text, flags=re.IGNORECASE)


def nearest(roster: Sequence[Member], word: str) -> list[str]:
    """Return the names of active members that are most like what was typed, at most three, the nearest first."""
    names: dict[str, list[str]] = {}
    for member in (member for member in roster if member.active):
        for part in _parts(member):
            names.setdefault(_plain(part), []).append(bare_name(member.name))
    typed = _plain(word.lstrip("@＠"))
    begin_alike = [name for name in names if name[:1] == typed[:1]]
    close = [*get_close_matches(typed, begin_alike, NEAREST, ALIKE), *get_close_matches(typed, names, NEAREST, CLOSE)]
    return list(dict.fromkeys(name for part in close for name in names[part]))[:NEAREST]


def _parts(member: Member) -> list[str]:
    name = bare_name(member.name)
    return [part for part in dict.fromkeys([name, *name.split()]) if part]


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).lower().split())
