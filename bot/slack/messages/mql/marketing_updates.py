"""What became of MQLs, for marketing: each at once, or those of a day together."""

from __future__ import annotations

from bot.core.messages import kinds
from bot.core.mql import marketing_updates
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.mql import marketing_updates as blocks
from bot.slack.messages.context import Nothing, RenderContext
from bot.slack.messages.renderers import renders
from storage.reports import Span


@renders(kinds.MARKETING_UPDATE)
def marketing_update(context: RenderContext) -> Message:
    """Render what became of one MQL."""
    return blocks.outcome(
        marketing_updates.heard(context.tx, context.workspace, context.event(), context.roster), context.t
    )


@renders(kinds.MARKETING_UPDATES)
def marketing_updates_of_day(context: RenderContext) -> Message | Nothing:
    """Render a day, unless all that it would tell of was withdrawn."""
    span = _span(context)
    heard = marketing_updates.of_day(context.tx, context.workspace, span, context.roster)
    return blocks.day(heard, span.end, context.t) if heard else Nothing("what it was to tell of was withdrawn")


@renders(kinds.MARKETING_UPDATES, when_edited=True)
def marketing_updates_erased(context: RenderContext) -> Message:
    """Render a day anew, also where nothing is left of it."""
    span = _span(context)
    return blocks.day(
        marketing_updates.of_day(context.tx, context.workspace, span, context.roster), span.end, context.t
    )


def _span(context: RenderContext) -> Span:
    day = kinds.MARKETING_UPDATES.read(context.row)
    return Span(day.start, day.end)
