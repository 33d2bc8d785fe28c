"""The week of one rep, for that rep."""

from __future__ import annotations

from bot.core.messages import kinds
from bot.core.reports import own_week
from bot.slack.blocks import own_week as blocks
from bot.slack.blocks.kit import Message
from bot.slack.messages.context import Nothing, RenderContext
from bot.slack.messages.renderers import renders


@renders(kinds.OWN_WEEK)
def week(context: RenderContext) -> Message | Nothing:
    """Render the week, where the rep had anything to do."""
    period, reader = kinds.OWN_WEEK.read(context.row).period, context.row.target
    report = own_week.own_week(context.tx, context.workspace, reader, period, context.now)
    return blocks.own_week(report, context.t) or Nothing()


@renders(kinds.OWN_WEEK, when_edited=True)
def week_erased(context: RenderContext) -> Message:
    """Render what stands in the place of a week that may name somebody who was erased."""
    return blocks.erased(context.t)
