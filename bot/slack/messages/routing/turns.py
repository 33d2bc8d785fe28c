"""What people hear of routes: an offer to a pool, and turns that are paused."""

from __future__ import annotations

from bot.core.messages import kinds
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.mql import direct_messages
from bot.slack.blocks.routing import turns
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders
from storage.models import Member


@renders(kinds.FIRST_OFFER)
def first_offer(context: RenderContext) -> Message:
    """Render the offer of an MQL to a pool."""
    return direct_messages.first_offer(context.view(), context.t)


@renders(kinds.LAPSES)
def lapses(context: RenderContext) -> Message:
    """Render the question whether somebody's turns are to be paused."""
    payload = kinds.LAPSES.read(context.row)
    return turns.lapses(_member(context, payload.member), payload.count, payload.asked, context.t)


@renders(kinds.TURNS_PAUSED)
def turns_paused(context: RenderContext) -> Message:
    """Render that somebody's own turns are paused."""
    payload = kinds.TURNS_PAUSED.read(context.row)
    by = next((member.name for member in context.roster if member.user_id == payload.by), payload.by)
    return turns.turns_paused(_member(context, payload.member), by, context.t)


def _member(context: RenderContext, member_id: int) -> Member:
    member = next((member for member in context.roster if member.id == member_id), None)
    if member is None:
        raise LookupError(f"message {context.row.id} tells of nobody on its roster")
    return member
