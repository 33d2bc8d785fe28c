"""The reminder of the self-check."""

from __future__ import annotations

from bot.core.messages import kinds
from bot.core.reports import checkup
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.reports import checkup as blocks
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders


@renders(kinds.CHECKUP)
def reminder(context: RenderContext) -> Message:
    """Render the reminder, beside the newest result."""
    return blocks.reminder(checkup.newest(context.tx, context.workspace.id), context.t)
