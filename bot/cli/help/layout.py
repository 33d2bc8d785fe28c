"""Text in lines of a terminal, in which a Japanese character is as wide as two Latin ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

WIDEST_TERM = 26
INDENT, GAP = 2, 2
# No line begins with a closing mark or ends with an opening one; a word in katakana stays whole, and so does a Latin
# one, but for a list of choices. The end of a sentence does not stand alone.
OPENING, CLOSING = "「(『", "、。」)』・…"
WIDE = r"[ァ-ヴー]+|[ぁ-ん]{1,3}(?=。)|[\u2e80-\u9fff\uff00-\uffef]"
PIECE = re.compile(rf"\s+|[{OPENING}]*(?:{WIDE}|[^\s|\u2e80-\u9fff\uff00-\uffef]+\|?|\|)[{CLOSING}]*")


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def wrapped(text: str, columns: int) -> list[str]:
    """Return a text in lines of so many columns; a longer word has a line of its own."""
    lines = [""]
    for piece in PIECE.findall(text):
        if width(lines[-1] + piece.rstrip()) > columns and lines[-1].strip():
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]


def definitions(entries: Iterable[tuple[str, str]], columns: int) -> Iterator[str]:
    """Yield the lines of terms with what they mean beside them, or below a long one."""
    entries = list(entries)
    short = [width(term) for term, _ in entries if width(term) <= WIDEST_TERM]
    beside = INDENT + max(short, default=WIDEST_TERM) + GAP
    for term, meaning in entries:
        meanings = wrapped(meaning, columns - beside) if meaning else [""]
        terms = wrapped(term, columns - INDENT)
        if len(terms) == 1 and width(term) <= beside - INDENT - GAP:
            first = " " * INDENT + term + " " * (beside - INDENT - width(term)) + meanings.pop(0)
            yield first.rstrip()
        else:
            yield from (" " * INDENT + line for line in terms)
        yield from (" " * beside + line for line in meanings if line)
