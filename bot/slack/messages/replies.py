"""Explanations for one person alone."""

from __future__ import annotations

from bot.core.base.results import ACCEPT_FIRST
from bot.core.messages import kinds
from bot.core.mql import feedback
from bot.core.views import mql
from bot.slack.blocks import replies
from bot.slack.blocks.kit import Message
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders
from storage import mqls

_ACCEPT_FIRST = [f"reply.{refusal}" for refusal in ACCEPT_FIRST]


@renders(kinds.PRIVATE)
def private(context: RenderContext) -> Message:
    """Render an explanation, with the button that helps where there is one."""
    payload = kinds.PRIVATE.read(context.row)
    reply = replies.stored(payload.reply, context.t, **payload.words)
    if payload.reply not in _ACCEPT_FIRST:
        return reply
    number = payload.words["number"]
    subject = mqls.by_number(context.tx, context.workspace.id, number) if isinstance(number, int) else None
    waits = [subject] if subject is not None and subject.status in feedback.UNACCEPTED else []
    views = mql.mql_views(context.tx, context.workspace, waits)
    return replies.accept_first(reply, views, context.t) if views else reply
