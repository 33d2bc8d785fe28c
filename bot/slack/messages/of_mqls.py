"""What is said of an MQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.core.base.results import ACCEPT_FIRST
from bot.core.messages import relevance
from bot.core.mql import disputes, feedback, marketing_updates
from bot.core.views import mql
from bot.slack.blocks import cards, direct_messages, replies
from bot.slack.blocks import disputes as dispute_blocks
from bot.slack.blocks import followup_question as asking_blocks
from bot.slack.blocks import marketing_updates as origin_blocks
from bot.slack.blocks.kit import Message
from bot.slack.messages.context import RenderContext
from storage import members, mqls, outbox
from storage.vocabulary import AskWhy, ClockKind, EventType, MessageKind

_ACCEPT_FIRST = [f"reply.{refusal}" for refusal in ACCEPT_FIRST]


def _card(context: RenderContext) -> Message:
    return cards.card(context.view(), context.t, context.now)


def _note(context: RenderContext) -> Message:
    (told,) = context.timeline([context.event()])
    view, moved = context.view(), told.event.type == EventType.ASSIGNED and told.event.before is not None
    parts = mql.breakdown_until(context.tx, context.workspace, view, told.event.at) if moved else None
    disputable = disputes.may_be_disputed(context.tx, view.mql, told.event)
    shown = [dispute_blocks.button(view, context.t)] if disputable else []
    # Also where another answer counts by now, the thread goes on to say what this one was.
    view = mql.view_as_of_event(context.tx, context.workspace, view, told.event)
    return cards.note(told, view, context.t, parts, shown)


def _assignment(context: RenderContext) -> Message:
    return direct_messages.assignment(context.view(), context.t, context.row.target, context.now)


def _reminder(context: RenderContext) -> Message:
    view = context.view()
    (told,) = context.timeline([context.event()])
    if told.actor:
        return direct_messages.nudge(view, context.t, told.actor, context.row.target)
    left = mql.time_left(context.tx, view, ClockKind.RESPONSE, context.now)
    return direct_messages.reminder(view, context.t, left, context.row.target, earlier=_newer(context))


def _newer(context: RenderContext) -> bool:
    """Whether its reader has got a newer message of the same kind about the MQL: the two shall not read alike."""
    row = context.row
    known = outbox.about(context.tx, context.workspace.id, [row.mql_id or 0], [row.kind])
    return any(one.id > row.id and one.target == row.target for one in known)


def _escalation(context: RenderContext) -> Message:
    (told,) = context.timeline([context.event()])
    view = context.view()
    parts = mql.breakdown_until(context.tx, context.workspace, view, told.event.at)
    return direct_messages.escalation(view, context.t, told, parts, context.row.data.get("to", told.event.data["to"]))


def _offer(context: RenderContext) -> Message:
    return direct_messages.offer(context.view(), context.t)


def _unassigned(context: RenderContext) -> Message:
    return direct_messages.unassigned(context.view(), context.t)


def _owner_left(context: RenderContext) -> Message:
    return direct_messages.owner_left(context.view(), context.t, context.row.data["left"])


def _unreachable(context: RenderContext) -> Message:
    whom, error = context.row.data["whom"], context.row.data["error"]
    if context.row.mql_id is None:
        return direct_messages.channel_unreachable(whom, error, context.t)
    member = members.get(context.tx, context.workspace.id, whom)
    return direct_messages.unreachable(context.view(), context.t, whom, member.name if member else whom, error)


def _feedback_reminder(context: RenderContext) -> Message:
    view = context.view()
    left = mql.time_left(context.tx, view, ClockKind.FEEDBACK, context.now)
    return direct_messages.feedback_reminder(view, context.t, left, context.row.target, earlier=_newer(context))


def _feedback_overdue(context: RenderContext) -> Message:
    return direct_messages.feedback_overdue(context.view(), context.t)


def _feedback_again(context: RenderContext) -> Message:
    return asking_blocks.asked(context.view(), AskWhy(context.row.data["why"]), context.t, context.row.target)


def _disputed(context: RenderContext) -> Message:
    (told,) = context.timeline([context.event()])
    decided = disputes.decision_of(context.tx, told.event)
    (by,) = context.timeline([decided]) if decided else (None,)
    return dispute_blocks.asked(context.view(), told, by, context.t)


def _dispute_decided(context: RenderContext) -> Message:
    (told,) = context.timeline([context.event()])
    return dispute_blocks.decided(context.view(), told, context.t)


def _reopened(context: RenderContext) -> Message:
    (told,) = context.timeline([context.event()])
    opened = mqls.get_event(context.tx, context.workspace.id, told.event.data["dispute"])
    why = opened.reason if opened else None
    return dispute_blocks.reopened(context.view(), told, why, context.t, context.row.target)


def _outcome(context: RenderContext) -> Message:
    return origin_blocks.outcome(marketing_updates.heard(context.tx, context.workspace, context.event()), context.t)


def _private(context: RenderContext) -> Message:
    key, words = context.row.data["reply"], context.row.data["words"]
    said = replies.private(key, context.t, **words)
    if key not in _ACCEPT_FIRST:
        return said
    subject = mqls.by_number(context.tx, context.workspace.id, words["number"])
    waits = [subject] if subject is not None and subject.status in feedback.UNACCEPTED else []
    views = mql.mql_views(context.tx, context.workspace, waits)
    return replies.accept_first(said, views, context.t) if views else said


def _held(context: RenderContext) -> Message:
    """What was held back over the quiet hours, or has waited for one reader: one thing as it would have been told,
    several as a list."""
    waited = [replace(context, row=single) for single in relevance.still_true(context.tx, context.row)]
    if len(waited) == 1:
        (one,) = waited
        return KINDS[one.row.kind](one)
    told = context.timeline([one.event() for one in waited])
    return direct_messages.held(
        [(one.row.kind, one.view(), event) for one, event in zip(waited, told, strict=True)],
        context.t,
        by_day="by_day" in context.row.data,
    )


def _held_erased(context: RenderContext) -> Message:
    return direct_messages.held_erased(context.t)


KINDS: dict[MessageKind, Callable[[RenderContext], Message]] = {
    MessageKind.CARD: _card,
    MessageKind.NOTE: _note,
    MessageKind.ASSIGNMENT: _assignment,
    MessageKind.REMINDER: _reminder,
    MessageKind.ESCALATION: _escalation,
    MessageKind.OFFER: _offer,
    MessageKind.UNASSIGNED: _unassigned,
    MessageKind.OWNER_LEFT: _owner_left,
    MessageKind.UNREACHABLE: _unreachable,
    MessageKind.FEEDBACK_REMINDER: _feedback_reminder,
    MessageKind.FEEDBACK_OVERDUE: _feedback_overdue,
    MessageKind.FEEDBACK_AGAIN: _feedback_again,
    MessageKind.DISPUTED: _disputed,
    MessageKind.DISPUTE_DECIDED: _dispute_decided,
    MessageKind.REOPENED: _reopened,
    MessageKind.OUTCOME: _outcome,
    MessageKind.HELD: _held,
    MessageKind.PRIVATE: _private,
}

SHORTENED: dict[MessageKind, Callable[[RenderContext], Message]] = {
    MessageKind.HELD: _held_erased,
}
