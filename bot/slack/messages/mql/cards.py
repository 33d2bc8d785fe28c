"""The card of an MQL and the notes in its thread."""

from __future__ import annotations

from bot.core.messages import kinds
from bot.core.mql import disputes
from bot.core.views import mql, related
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.mql import cards, posted_anew
from bot.slack.blocks.mql import disputes as dispute_blocks
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders
from storage.vocabulary import EventType, OwnerTold


@renders(kinds.CARD)
def card(context: RenderContext) -> Message:
    """Render the card of an MQL."""
    view = related.with_related(context.tx, context.workspace, context.view(), context.roster)
    mentioned = context.workspace.owner_told == OwnerTold.MENTION
    shown = cards.card(view, context.t, context.now, mentioned=mentioned)
    earlier = kinds.CARD.read(context.row).earlier
    return posted_anew.card(shown, mql.link(context.workspace, *earlier), context.t) if earlier else shown


@renders(kinds.NOTE)
def note(context: RenderContext) -> Message:
    """Render the note of an event in the thread of the card."""
    entry = context.timeline()
    view, moved = context.view(), entry.event.type == EventType.ASSIGNED and entry.event.before is not None
    parts = mql.breakdown_until(context.tx, context.workspace, view, entry.event.at, context.roster) if moved else None
    disputable = disputes.may_be_disputed(context.tx, view.mql, entry.event)
    shown = [dispute_blocks.button(view, context.t)] if disputable else []
    # Also where another answer counts by now, the thread goes on to say what this one was.
    view = mql.view_as_of_event(context.tx, context.workspace, view, entry.event)
    return cards.note(entry, view, context.t, parts, shown)
