"""Explanations for one person alone."""

from __future__ import annotations

from bot.core.base.results import ACCEPT_FIRST
from bot.core.messages import kinds
from bot.core.messages.payloads import Private
from bot.core.mql import feedback
from bot.core.views import absences as views
from bot.core.views import board, mql
from bot.slack.blocks.base.kit import Message, actions, message
from bot.slack.blocks.mql import replies
from bot.slack.blocks.routing import absences as absence_blocks
from bot.slack.blocks.views import menu
from bot.slack.messages.context import RenderContext
from bot.slack.messages.renderers import renders
from storage import absences, members, mqls

_ACCEPT_FIRST = [f"reply.{refusal}" for refusal in ACCEPT_FIRST]


def _with_buttons(context: RenderContext, payload: Private, reply: Message) -> Message:
    """Return an answer to what somebody wrote: with MQLs as they stand now, and what can be pressed."""
    reader, t = context.lookup.reader(context.row.target), context.t
    named = mql.mql_views(context.tx, context.workspace, mqls.of_ids(context.tx, context.workspace.id, payload.mqls))
    blocks = menu.to_do(reply.text, named, t, context.now, reader) if named and reader else reply.blocks
    pressed = menu.menu(reader, t) if payload.menu else []
    return message(reply.text, [*blocks, *actions(pressed)])


def _absence(context: RenderContext, absence_id: int, reply: Message) -> Message:
    """Return that an absence is written down, with what waits meanwhile and the way to take it back."""
    row = absences.get(context.tx, context.workspace.id, absence_id)
    if row is None or row.until_at <= max(context.now, row.from_at):
        return reply
    waiting = views.waiting(context.tx, context.workspace, row.user_id, context.now)
    return absence_blocks.announced(row, waiting, context.t, of_reader=row.user_id == context.row.target)


def _proposed(context: RenderContext, carried: str, reply: Message) -> Message:
    """Return the question whether somebody is away then, with the button that says so."""
    who_id, span = absence_blocks.read_carried(carried)
    who = members.get(context.tx, context.workspace.id, who_id)
    shown = actions([absence_blocks.proposed(who, span, context.t)]) if who is not None else []
    return message(reply.text, [*reply.blocks, *shown])


@renders(kinds.PRIVATE)
def private(context: RenderContext) -> Message:
    """Render an explanation, with the button that helps where there is one."""
    payload = kinds.PRIVATE.read(context.row)
    reply = replies.stored(payload.reply, context.t, **payload.words)
    if payload.absence is not None:
        return _absence(context, payload.absence, reply)
    if payload.proposed is not None:
        return _proposed(context, payload.proposed, reply)
    if payload.board:
        return menu.team_board(board.board(context.tx, context.workspace, context.now, context.roster), context.t)
    if payload.mqls or payload.menu:
        return _with_buttons(context, payload, reply)
    if payload.reply not in _ACCEPT_FIRST:
        return reply
    number = payload.words["number"]
    subject = mqls.by_number(context.tx, context.workspace.id, number) if isinstance(number, int) else None
    waits = [subject] if subject is not None and subject.status in feedback.UNACCEPTED else []
    unaccepted = mql.mql_views(context.tx, context.workspace, waits)
    return replies.accept_first(reply, unaccepted, context.t) if unaccepted else reply
