"""The month of a team."""

from __future__ import annotations

from bot.core.messages import kinds
from bot.core.reports import monthly
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.reports import monthly as blocks
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders


@renders(kinds.MONTHLY)
def report(context: RenderContext) -> Message:
    """Render the report of a month."""
    period = kinds.MONTHLY.read(context.row).period
    return blocks.report(monthly.report(context.tx, context.workspace, period, context.now), context.t)
