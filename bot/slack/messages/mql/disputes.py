"""A dispute about what sales said, and how it was decided."""

from __future__ import annotations

from bot.core.messages import kinds
from bot.core.mql import disputes
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.mql import disputes as blocks
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders
from storage import mqls


@renders(kinds.DISPUTED)
def disputed(context: RenderContext) -> Message:
    """Render a dispute to whoever decides it."""
    entry = context.timeline()
    decided = disputes.decision_of(context.tx, entry.event)
    (decision,) = context.timelines([decided]) if decided else (None,)
    return blocks.asked(context.view(), entry, decision, context.t)


@renders(kinds.DISPUTE_DECIDED)
def dispute_decided(context: RenderContext) -> Message:
    """Render the decision to whoever disputed."""
    return blocks.decided(context.view(), context.timeline(), context.t)


@renders(kinds.REOPENED)
def reopened(context: RenderContext) -> Message:
    """Render an MQL that is open again to its owner."""
    entry = context.timeline()
    opened = mqls.get_event(context.tx, context.workspace.id, entry.event.data["dispute"])
    why = opened.reason if opened else None
    return blocks.reopened(context.view(), entry, why, context.t, context.row.target)
