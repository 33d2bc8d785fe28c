"""The check of the scoring rule, below the monthly report."""

from __future__ import annotations

from bot.core.messages import kinds
from bot.core.reports import scoring
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.reports import scoring as blocks
from bot.slack.messages.context import Nothing, RenderContext
from bot.slack.messages.renderers import renders


@renders(kinds.SCORING)
def check(context: RenderContext) -> Message | Nothing:
    """Render the check, where there are enough MQLs to judge a score by: it is asked for by nobody."""
    report = scoring.report(context.tx, context.workspace, kinds.SCORING.read(context.row).period)
    return blocks.check(report, context.t) if report.auc is not None else Nothing("too few outcomes to judge the score")
