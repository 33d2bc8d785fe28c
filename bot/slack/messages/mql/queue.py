"""What came in from outside and waits for a person: the note beside its message, and what marketing is told."""

from __future__ import annotations

from bot.core.messages import kinds
from bot.core.messages.payloads import QueueEntries
from bot.core.views import queue as views
from bot.core.views.queue import QueueEntry
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.mql import queue
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders
from storage import unreadables


@renders(kinds.UNREADABLE)
def unreadable(context: RenderContext) -> Message:
    """Render what could not be read or is no lead, or who has dealt with it."""
    (entry,) = _entries(context, (kinds.UNREADABLE.read(context.row).unreadable,)) or (None,)
    if entry is None:
        raise LookupError(f"message {context.row.id} is about no entry of the queue")
    return queue.note(entry, context.t)


@renders(kinds.QUEUE_WAITING)
def waiting(context: RenderContext) -> Message:
    """Render the entries that marketing is told of together."""
    return queue.waiting(_entries(context, QueueEntries.of(context.row).entries), context.t)


@renders(kinds.QUEUE_OVERDUE)
def overdue(context: RenderContext) -> Message:
    """Render the entries that marketing has not dealt with in time."""
    return queue.overdue(_entries(context, QueueEntries.of(context.row).entries), context.t)


def _entries(context: RenderContext, entry_ids: tuple[int, ...]) -> list[QueueEntry]:
    entries = unreadables.of_ids(context.tx, context.workspace.id, entry_ids)
    return views.views(context.tx, context.workspace, entries)
