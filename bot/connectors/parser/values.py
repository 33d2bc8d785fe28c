"""What stands behind a label: nothing, a number, or words."""

from __future__ import annotations

import re

from bot.connectors.parser import mrkdwn, text

_ABSENT = {
    *("none", "n/a", "n.a.", "not provided", "not set", "no value", "(none)", "(blank)", "(empty)", "(not set)"),
    *("-", "--", "---", "–", "—", "ー", "―"),
    *(
        "なし",
        "無し",
        "(なし)",
        "未入力",
        "(未入力)",
        "未設定",
        "(未設定)",
        "未回答",
        "(未回答)",
        "入力なし",
        "値なし",
        "該当なし",
    ),
}
_ABSENT_AS_WRITTEN = {"null", "nil", "undefined"}  # Null, with a capital, is a family name.
_MERGE_TAG = re.compile(r"\{\{[^{}]*\}\}|\$\{[^{}]*\}")
_SCORE = re.compile(
    r"(?:[\d,]{1,12}\s*点満点中\s*)?"
    r"(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.(?P<fraction>\d{1,6}))?"
    r"\s*(?:点|pts?\.?|points?|ポイント)?"
    r"(?:\s*(?:/|out of|of)\s*[\d,]{1,12}\s*(?:点|pts?\.?|points?)?)?"
    r"(?P<remark>\s*\([^()]{1,60}\))?",
    re.IGNORECASE,
)
_WRAPPED = re.compile(r"(?P<mark>\*\*|[*_~`])(?P<inner>.+)(?P=mark)", re.DOTALL)
_HONORIFIC = re.compile(r"(?<=\S)\s*(?:様|さま|殿)$")
_ADDRESSEE = re.compile(r"(?<=\S)\s*(?:御中|様)$")
_QUOTE = re.compile(r"^(?:>|&gt;)\s?", re.MULTILINE)


def is_absent(shown: str) -> bool:
    """Return whether the text stands for no value: blank, `None`, `未入力`, or a merge tag that nobody filled in."""
    words = text.compatible(shown)
    if text.is_blank(shown) or words in _ABSENT_AS_WRITTEN or _MERGE_TAG.fullmatch(words):
        return True
    return words.casefold() in _ABSENT


def line(raw: str) -> str:
    """One line as a reader sees it, without a quote mark before it or markup around the whole."""
    return text.line(_unwrapped(mrkdwn.plain(_QUOTE.sub("", raw.strip()))))


def paragraphs(raw: str) -> str:
    """Several lines as a reader sees them; markup inside the person's own words is left as it is."""
    quoted = raw.strip().split("\n")
    if len(quoted) > 1 and all(_QUOTE.match(each) for each in quoted):
        raw = _QUOTE.sub("", raw.strip())
    return text.paragraphs(mrkdwn.plain(raw))


def score(shown: str) -> int | None:
    """Return the points in `82`, `82点`, `82 / 100` or `82 (hot)`, or None. Fractions are cut, to
    give no points away."""
    match = _SCORE.fullmatch(text.compatible(shown).lstrip("🔥⭐✨🎯 "))
    return int(match["whole"].replace(",", "")) if match else None


def is_fraction(shown: str) -> bool:
    """Return whether points were cut from a score, as from `87.5`."""
    match = _SCORE.fullmatch(text.compatible(shown).lstrip("🔥⭐✨🎯 "))
    return match is not None and match["fraction"] is not None and match["fraction"].strip("0") != ""


def person(raw: str) -> str:
    """Return a person's name, without an address beside it or 様 after it: the card adds its own."""
    return _HONORIFIC.sub("", mrkdwn.without_addresses(line(raw)))


def company(raw: str) -> str:
    """Return a company's name, without 御中 or 様 after it."""
    return _ADDRESSEE.sub("", line(raw))


def url(raw: str) -> str:
    """Return the first web address in the text, or the text itself where there is none."""
    links = mrkdwn.links(raw)
    return links[0].url if links else line(raw)


def _unwrapped(shown: str) -> str:
    stripped = shown.strip()
    wrapped = _WRAPPED.fullmatch(stripped)
    return wrapped["inner"].strip() if wrapped and wrapped["mark"] not in wrapped["inner"] else stripped
