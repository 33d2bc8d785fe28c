"""Explanations for one person alone."""

from __future__ import annotations

from bot.core.base.results import ACCEPT_FIRST
from bot.core.messages import kinds
from bot.core.messages.payloads import Private
from bot.core.mql import feedback
from bot.core.views import mql
from bot.slack.blocks import menu, replies
from bot.slack.blocks.kit import Message, actions, message
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders
from storage import mqls

_ACCEPT_FIRST = [f"reply.{refusal}" for refusal in ACCEPT_FIRST]


def _with_buttons(context: RenderContext, payload: Private, reply: Message) -> Message:
    """Return an answer to what somebody wrote: with MQLs as they stand now, and what can be pressed."""
    views = mql.mql_views(context.tx, context.workspace, mqls.of_ids(context.tx, context.workspace.id, payload.mqls))
    blocks = menu.to_do(reply.text, views, context.t, context.now) if views else reply.blocks
    pressed = menu.menu(context.lookup.reader(context.row.target), context.t) if payload.menu else []
    return message(reply.text, [*blocks, *actions(pressed)])


@renders(kinds.PRIVATE)
def private(context: RenderContext) -> Message:
    """Render an explanation, with the button that helps where there is one."""
    payload = kinds.PRIVATE.read(context.row)
    reply = replies.stored(payload.reply, context.t, **payload.words)
    if payload.mqls or payload.menu:
        return _with_buttons(context, payload, reply)
    if payload.reply not in _ACCEPT_FIRST:
        return reply
    number = payload.words["number"]
    subject = mqls.by_number(context.tx, context.workspace.id, number) if isinstance(number, int) else None
    waits = [subject] if subject is not None and subject.status in feedback.UNACCEPTED else []
    views = mql.mql_views(context.tx, context.workspace, waits)
    return replies.accept_first(reply, views, context.t) if views else reply
