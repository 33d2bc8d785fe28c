"""A message of the intake channel that could not be read."""

from __future__ import annotations

from bot.core.base import team
from bot.core.messages import kinds
from bot.slack.blocks import direct_messages
from bot.slack.blocks.kit import Message
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders
from storage import mqls, unreadables
from storage.vocabulary import UnreadableState


@renders(kinds.UNREADABLE)
def unreadable(context: RenderContext) -> Message:
    """Render what could not be read, or who has dealt with it."""
    entry = unreadables.get(context.tx, context.workspace.id, kinds.UNREADABLE.read(context.row).unreadable)
    if entry is None:
        raise LookupError(f"message {context.row.id} is about no entry of the intake queue")
    if entry.state == UnreadableState.OPEN:
        return direct_messages.unreadable(entry.id, entry.reason, entry.found, context.t)
    subject = mqls.get(context.tx, context.workspace.id, entry.mql_id) if entry.mql_id else None
    by = team.name_of(context.tx, context.workspace.id, entry.closed_by)
    return direct_messages.unreadable_done(entry.state, subject.number if subject else None, by, context.t)
