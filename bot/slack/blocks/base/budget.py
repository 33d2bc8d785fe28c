"""How much a whole message may hold.

Slack refuses a message whose blocks are too long together (`msg_blocks_too_long`). How it counts is not documented: it
was seen at about 13,200 characters of blocks, and once at 11,341 of text (bolt-js issues 2509 and 2867). We stay below.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from bot.slack.blocks.base.text import size

JSON_MOST = 12_000
"""UTF-16 units of all blocks as JSON."""
TEXT_MOST = 10_000
"""UTF-16 units of all texts in them."""


def fits(blocks: Sequence[dict[str, Any]], share: float = 1.0) -> bool:
    """Return whether blocks fit into a message, or into this share of one."""
    return _json(blocks) <= JSON_MOST * share and _text(blocks) <= TEXT_MOST * share


class Room:
    """What is left of a share of a message beside some blocks. A block is measured once, however many stand there."""

    def __init__(self, share: float, beside: Sequence[dict[str, Any]]) -> None:
        self._json, self._text = JSON_MOST * share - _json(beside), TEXT_MOST * share - _text(beside)

    def takes(self, block: dict[str, Any]) -> bool:
        """Put another block in, unless there is no room for it. Return whether there was."""
        # One bracket more than the comma that stands before it.
        json_left, text_left = self._json - (_json([block]) - 1), self._text - _text(block)
        if json_left < 0 or text_left < 0:
            return False
        self._json, self._text = json_left, text_left
        return True


def rows_that_fit(
    rows: Iterable[Sequence[dict[str, Any]]], beside: Sequence[dict[str, Any]]
) -> list[Sequence[dict[str, Any]]]:
    """Return as many of the first rows as a message has room for beside other blocks. A row may be several blocks; of
    those for which there is no room only the first is made."""
    json_left, text_left = JSON_MOST - _json(beside), TEXT_MOST - _text(beside)
    kept = []
    for row in rows:
        json_left, text_left = json_left - _json(row), text_left - _text(row)
        if json_left < 0 or text_left < 0:
            break
        kept.append(row)
    return kept


def _json(blocks: Sequence[dict[str, Any]]) -> int:
    return size(json.dumps(list(blocks), ensure_ascii=False, separators=(",", ":")))


def _text(node: Any) -> int:
    if isinstance(node, dict):
        return sum(size(value) if _is_text(name, value) else _text(value) for name, value in node.items())
    return sum(_text(part) for part in node) if isinstance(node, list | tuple) else 0


def _is_text(name: str, value: object) -> bool:
    return name == "text" and isinstance(value, str)
