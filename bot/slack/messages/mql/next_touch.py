"""The reminder of a promised day."""

from __future__ import annotations

from bot.core.messages import kinds
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.mql import next_touch_reminder
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders


@renders(kinds.NEXT_TOUCH)
def reminder(context: RenderContext) -> Message:
    """Render the reminder to the owner."""
    return next_touch_reminder.reminder(context.view(), context.t, context.row.target)
