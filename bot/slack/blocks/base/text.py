"""Outside text made fit for a block: cleaned, shortened to a limit, never broken inside a character or an escape."""

from __future__ import annotations

import re
import unicodedata

from bot.i18n import Mrkdwn, escape

ELLIPSIS = "…"

# Control characters, directions that would turn the rest of a line round, and halves of surrogate pairs, which
# cannot be sent as UTF-8. Marks of Arabic and Hebrew text itself stay.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_EXTEND = (
    "\u0300-\u036f\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\U000e0100-\U000e01ef"
)
# One character as a reader sees it: a flag, or a base with its marks, skin tone and joined emoji. Bounded, because
# a thousand marks on one letter are not a character but an attack.
_CHARACTER = rf"[\U0001f1e6-\U0001f1ff]{{2}}|.(?:[{_EXTEND}]|\u200d.){{0,12}}"
_PLAIN = re.compile(_CHARACTER, re.DOTALL)
_MRKDWN = re.compile(rf"&(?:amp|lt|gt);|<[^<>]*>|{_CHARACTER}", re.DOTALL)
# The first character that takes two units of UTF-16.
_TWO_UNITS = "\U00010000"
_HONORIFIC = re.compile(r"\s*(?:様|さま|さん)$")


def size(text: str) -> int:
    """Return the length in UTF-16 units. Slack does not say whether it counts these or code points; these are never
    fewer."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clip(text: str, limit: int) -> str:
    """Plain text of at most `limit` units, ending in … where something is left out."""
    return _clip(_PLAIN, text, limit)


def clip_md(text: Mrkdwn, limit: int) -> Mrkdwn:
    """Return the same for mrkdwn: an escape, mention or link stays whole or goes whole."""
    return Mrkdwn(_clip(_MRKDWN, text, limit))


def _clip(atoms: re.Pattern[str], text: str, limit: int) -> str:
    if size(text) <= limit:
        return text
    end, left = 0, limit - len(ELLIPSIS)
    for atom in atoms.finditer(text):
        character = atom.group()
        left -= 1 if len(character) == 1 and character < _TWO_UNITS else size(character)
        if left < 0:
            break
        end = atom.end()
    return text[:end].rstrip() + ELLIPSIS


def pieces(text: str, limit: int) -> list[str]:
    """Return the whole of a plain text in pieces of at most `limit` units, parted between characters; between lines
    where a line ends in the second half of a piece."""
    chunks, piece, length = [], "", 0
    for atom in _PLAIN.finditer(text):
        character = atom.group()
        if length + size(character) > limit:
            end = piece.rfind("\n") + 1
            end = end if end > len(piece) // 2 else len(piece)
            chunks.append(piece[:end].rstrip("\n"))
            piece = piece[end:]
            length = size(piece)
        piece, length = piece + character, length + size(character)
    return [*chunks, piece] if piece else chunks


def clean(text: str | None) -> str:
    """Outside text without what cannot be shown; line breaks stay. Empty where nothing visible is left."""
    cleaned = _UNWANTED.sub("", (text or "").replace("\r\n", "\n").replace("\r", "\n")).strip()
    visible = any(unicodedata.category(c)[0] not in "CZM" for c in cleaned)
    return cleaned if visible else ""


def line(text: str | None, limit: int = 120) -> str:
    """Outside text as one short line of plain text."""
    return clip(" ".join(clean(text).split()), limit)


def md(text: str | None, limit: int = 120) -> Mrkdwn:
    """Outside text as one short line of mrkdwn."""
    return clip_md(escape(line(text, limit)), limit)


def bare_name(name: str | None, limit: int = 60) -> str:
    """Return a person's or company's name without the honorific that our own sentences add."""
    cleaned = line(name, limit)
    return _HONORIFIC.sub("", cleaned) or cleaned
