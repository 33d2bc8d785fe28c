"""The agenda of the review meeting."""

from __future__ import annotations

from bot.core.messages import kinds
from bot.core.review import meeting
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.review import meeting as blocks
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders


@renders(kinds.MEETING)
def agenda(context: RenderContext) -> Message:
    """Render the agenda as it is by now."""
    day = kinds.MEETING.read(context.row)
    return blocks.agenda(meeting.agenda(context.tx, context.workspace, day, context.now), context.t)
