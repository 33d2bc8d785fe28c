"""A message that is too long for Slack, made short: what no builder foresaw is read in part rather than not at all."""

from __future__ import annotations

from typing import Any

from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base import budget
from bot.slack.blocks.base.kit import MESSAGE_BLOCKS, Block, Message, context
from bot.slack.blocks.base.text import clip, clip_md

HALF = 0.5
LONGEST_TEXT = 300
ROWS = 10


def shortened(message: Message, t: Translator) -> Message:
    """Return a message that takes half of what one may hold: its buttons, as many of its first blocks as there is room
    for, each with its texts cut, and a line that says so."""
    note = context(t.md("short.note"))
    blocks = [_cut(block) for block in message.blocks[: MESSAGE_BLOCKS - 1]]
    room = budget.Room(HALF, [note])
    kept = {n: block for n, block in enumerate(blocks) if block["type"] == "actions" and room.takes(block)}
    for place, block in enumerate(blocks):
        if block["type"] != "actions":
            if not room.takes(block):
                break
            kept[place] = block
    return Message(message.text, [*(kept[place] for place in sorted(kept)), note])


def _cut(block: Block) -> Block:
    """Cut every text of a block, and the rows of a table. Buttons are left as they are."""
    if block["type"] == "actions":
        return block
    if block["type"] == "table":
        block = {**block, "rows": block["rows"][:ROWS]}
    return {name: _cut_inside(name, value, block) for name, value in block.items()}


def _cut_inside(name: str, value: Any, around: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {inner: _cut_inside(inner, part, value) for inner, part in value.items()}
    if isinstance(value, list):
        return [_cut_inside(name, part, around) for part in value]
    if name != "text" or not isinstance(value, str):
        return value
    return clip_md(Mrkdwn(value), LONGEST_TEXT) if around.get("type") == "mrkdwn" else clip(value, LONGEST_TEXT)
