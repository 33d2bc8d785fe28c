"""Whether a value looks like what its label is thought to name: an address, a number, a name, a sentence."""

from __future__ import annotations

import re

from bot.connectors.parser import label_words, labels, mrkdwn, values
from bot.connectors.parser.label_words import Guess

_LONGEST_NAME = 60
_LONGEST_PERSON = 40
_SHORTEST_MESSAGE = 12
_FEW_WORDS = 3
_ANSWER = re.compile(
    r"(?:yes|no|true|false|on|off|checked|はい|いいえ|あり|なし|有|無|同意.{0,6}|済み?|未定|\W*)$", re.IGNORECASE
)
_SENTENCE = re.compile(r"[。！!？?]|(?:です|ます|ました|ください|下さい|たい|希望|とのこと|検討中?|依頼)\W*$")
_MOMENT = re.compile(r"\d{4}[-/年.]\d{1,2}|\d{1,2}:\d{2}|\d{1,2}月\d{1,2}日")


def fits(name: Guess, label: str, raw: str) -> bool:
    """Return whether a value bears out the guess about its label."""
    shown = values.line(raw)
    if name == "email":
        return len(mrkdwn.addresses(raw)) == 1
    if name == "phone":
        return values.phone(raw) is not None
    if name == "message":
        is_short = label_words.asks_for_words(label) and not _ANSWER.match(shown) and not mrkdwn.links(raw)
        return is_said(raw) or is_short
    if name == "score":
        return values.score(shown) is not None and "/" in shown
    if "\n" in raw.strip() or mrkdwn.addresses(raw) or mrkdwn.links(raw) or _ANSWER.match(shown):
        return False
    longest = _LONGEST_PERSON if name in {"person", "title"} else _LONGEST_NAME
    return (
        len(shown) <= longest
        and any(c.isalpha() for c in shown)
        and not _SENTENCE.search(shown)
        and (name != "person" or not any(c.isdigit() for c in shown))
    )


def is_said(raw: str) -> bool:
    """Return whether a value is words that somebody wrote: a sentence, or several words, and no date or link."""
    shown = values.line(raw)
    if shown.startswith(("http://", "https://")) or _ANSWER.match(shown) or (_MOMENT.search(shown) and len(shown) < 30):
        return False
    if mrkdwn.addresses(shown) and not _SENTENCE.search(shown):
        return False
    return bool(_SENTENCE.search(shown)) or len(shown.split()) > _FEW_WORDS or _is_long_japanese(shown)


def _is_long_japanese(shown: str) -> bool:
    return len(shown) >= _SHORTEST_MESSAGE and labels.is_japanese(shown)
