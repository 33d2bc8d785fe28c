"""The week of one rep, for that rep."""

from __future__ import annotations

from bot.core.messages import kinds
from bot.core.reports import own_week
from bot.core.reports.own_week import OwnWeek
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.reports import own_week as blocks
from bot.slack.messages.context import Nothing, RenderContext
from bot.slack.messages.renderers import renders


@renders(kinds.OWN_WEEK)
def week(context: RenderContext) -> Message | Nothing:
    """Render the week, where the rep had anything to do."""
    report = _report(context)
    return Nothing() if report.empty else blocks.own_week(report, context.t)


@renders(kinds.OWN_WEEK, when_edited=True)
def week_again(context: RenderContext) -> Message:
    """Render it with what is answered by then struck through."""
    return blocks.own_week(_report(context), context.t)


def _report(context: RenderContext) -> OwnWeek:
    payload, reader = kinds.OWN_WEEK.read(context.row), context.row.target
    return own_week.own_week(context.tx, context.workspace, reader, payload, context.now)
