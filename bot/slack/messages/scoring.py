"""The check of the scoring rule, below the monthly report."""

from __future__ import annotations

from bot.core.messages import kinds
from bot.core.reports import scoring
from bot.slack.blocks import scoring as blocks
from bot.slack.blocks.kit import Message
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders


@renders(kinds.SCORING)
def check(context: RenderContext) -> Message:
    """Render the check."""
    period = kinds.SCORING.read(context.row).period
    return blocks.check(scoring.report(context.tx, context.workspace, period), context.t)
