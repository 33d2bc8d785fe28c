"""The question what became of an MQL."""

from __future__ import annotations

from bot.core.messages import kinds
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.mql import followup_question
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders


@renders(kinds.FEEDBACK_AGAIN)
def feedback_again(context: RenderContext) -> Message:
    """Render the question to the owner."""
    why = kinds.FEEDBACK_AGAIN.read(context.row).why
    return followup_question.asked(context.view(), why, context.t, context.row.target)
