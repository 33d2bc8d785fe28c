"""What leaders and owners hear of pauses."""

from __future__ import annotations

from bot.core.messages import kinds
from bot.core.mql.pauses import decision_of
from bot.core.sla import pauses
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.mql import pauses as blocks
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders
from storage import mqls


@renders(kinds.PAUSE_REQUEST)
def request(context: RenderContext) -> Message:
    """Render the request for consent to a pause, or what came of it."""
    view, entry = context.view(), context.timeline()
    log = mqls.history(context.tx, context.workspace.id, view.mql.id)
    decision, waiting = decision_of(log, entry.event.id), pauses.open_request(log)
    decided = next(iter(context.timelines([decision] if decision else [])), None)
    return blocks.request(view, entry, decided, context.t, waits=waiting is not None and waiting.id == entry.event.id)


@renders(kinds.PAUSE_DECIDED)
def decided(context: RenderContext) -> Message:
    """Render the answer to whoever asked."""
    return blocks.decided(context.view(), context.timeline(), context.t)


@renders(kinds.PAUSED_OVERDUE)
def paused_overdue(context: RenderContext) -> Message:
    """Render the pause of an overdue MQL."""
    return blocks.paused_overdue(context.view(), context.timeline(), context.t)


@renders(kinds.PAUSE_OVER)
def over(context: RenderContext) -> Message:
    """Render the end of a pause."""
    return blocks.over(context.view(), context.timeline(), context.t, context.row.target)
