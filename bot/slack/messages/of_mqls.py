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
from bot.slack.messages.context import Scene
from storage import members, mqls, outbox
from storage.vocabulary import AskWhy, ClockKind, EventType, MessageKind

_ACCEPT_FIRST = [f"reply.{refusal}" for refusal in ACCEPT_FIRST]


def _card(scene: Scene) -> Message:
    return cards.card(scene.view(), scene.t, scene.now)


def _note(scene: Scene) -> Message:
    (told,) = mql.timeline(scene.tx, scene.workspace.id, [scene.event()])
    view, moved = scene.view(), told.event.type == EventType.ASSIGNED and told.event.before is not None
    parts = mql.parts_until(scene.tx, scene.workspace, view, told.event.at) if moved else None
    disputable = disputes.may_be_disputed(scene.tx, view.mql, told.event)
    shown = [dispute_blocks.button(view, scene.t)] if disputable else []
    # Also where another answer counts by now, the thread goes on to say what this one was.
    view = mql.as_told(scene.tx, scene.workspace, view, told.event)
    return cards.note(told, view, scene.t, parts, shown)


def _assignment(scene: Scene) -> Message:
    return direct_messages.assignment(scene.view(), scene.t, scene.row.target, scene.now)


def _reminder(scene: Scene) -> Message:
    view = scene.view()
    (told,) = mql.timeline(scene.tx, scene.workspace.id, [scene.event()])
    if told.actor:
        return direct_messages.nudge(view, scene.t, told.actor, scene.row.target)
    left = mql.time_left(scene.tx, view, ClockKind.RESPONSE, scene.now)
    return direct_messages.reminder(view, scene.t, left, scene.row.target, earlier=_newer(scene))


def _newer(scene: Scene) -> bool:
    """Whether its reader has got a newer message of the same kind about the MQL: the two shall not read alike."""
    row = scene.row
    known = outbox.about(scene.tx, scene.workspace.id, [row.mql_id or 0], [row.kind])
    return any(one.id > row.id and one.target == row.target for one in known)


def _escalation(scene: Scene) -> Message:
    (told,) = mql.timeline(scene.tx, scene.workspace.id, [scene.event()])
    view = scene.view()
    parts = mql.parts_until(scene.tx, scene.workspace, view, told.event.at)
    return direct_messages.escalation(view, scene.t, told, parts, scene.row.data.get("to", told.event.data["to"]))


def _offer(scene: Scene) -> Message:
    return direct_messages.offer(scene.view(), scene.t)


def _unassigned(scene: Scene) -> Message:
    return direct_messages.unassigned(scene.view(), scene.t)


def _owner_left(scene: Scene) -> Message:
    return direct_messages.owner_left(scene.view(), scene.t, scene.row.data["left"])


def _unreachable(scene: Scene) -> Message:
    whom, error = scene.row.data["whom"], scene.row.data["error"]
    if scene.row.mql_id is None:
        return direct_messages.channel_unreachable(whom, error, scene.t)
    member = members.get(scene.tx, scene.workspace.id, whom)
    return direct_messages.unreachable(scene.view(), scene.t, whom, member.name if member else whom, error)


def _feedback_reminder(scene: Scene) -> Message:
    view = scene.view()
    left = mql.time_left(scene.tx, view, ClockKind.FEEDBACK, scene.now)
    return direct_messages.feedback_reminder(view, scene.t, left, scene.row.target, earlier=_newer(scene))


def _feedback_overdue(scene: Scene) -> Message:
    return direct_messages.feedback_overdue(scene.view(), scene.t)


def _feedback_again(scene: Scene) -> Message:
    return asking_blocks.asked(scene.view(), AskWhy(scene.row.data["why"]), scene.t, scene.row.target)


def _disputed(scene: Scene) -> Message:
    (told,) = mql.timeline(scene.tx, scene.workspace.id, [scene.event()])
    decided = disputes.decision_of(scene.tx, told.event)
    (by,) = mql.timeline(scene.tx, scene.workspace.id, [decided]) if decided else (None,)
    return dispute_blocks.asked(scene.view(), told, by, scene.t)


def _dispute_decided(scene: Scene) -> Message:
    (told,) = mql.timeline(scene.tx, scene.workspace.id, [scene.event()])
    return dispute_blocks.decided(scene.view(), told, scene.t)


def _reopened(scene: Scene) -> Message:
    (told,) = mql.timeline(scene.tx, scene.workspace.id, [scene.event()])
    opened = mqls.get_event(scene.tx, scene.workspace.id, told.event.data["dispute"])
    why = opened.reason if opened else None
    return dispute_blocks.reopened(scene.view(), told, why, scene.t, scene.row.target)


def _outcome(scene: Scene) -> Message:
    return origin_blocks.outcome(marketing_updates.heard(scene.tx, scene.workspace, scene.event()), scene.t)


def _private(scene: Scene) -> Message:
    key, words = scene.row.data["reply"], scene.row.data["words"]
    said = replies.private(key, scene.t, **words)
    if key not in _ACCEPT_FIRST:
        return said
    subject = mqls.by_number(scene.tx, scene.workspace.id, words["number"])
    waits = [subject] if subject is not None and subject.status in feedback.UNACCEPTED else []
    views = mql.mql_views(scene.tx, scene.workspace, waits)
    return replies.accept_first(said, views, scene.t) if views else said


def _held(scene: Scene) -> Message:
    """What was held back over the quiet hours, or has waited for one reader: one thing as it would have been told,
    several as a list."""
    waited = [replace(scene, row=single) for single in relevance.still_true(scene.tx, scene.row)]
    if len(waited) == 1:
        (one,) = waited
        return KINDS[one.row.kind](one)
    told = mql.timeline(scene.tx, scene.workspace.id, [one.event() for one in waited])
    return direct_messages.held(
        [(one.row.kind, one.view(), event) for one, event in zip(waited, told, strict=True)],
        scene.t,
        by_day="by_day" in scene.row.data,
    )


def _held_erased(scene: Scene) -> Message:
    return direct_messages.held_erased(scene.t)


KINDS: dict[MessageKind, Callable[[Scene], Message]] = {
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

SHORTENED: dict[MessageKind, Callable[[Scene], Message]] = {
    MessageKind.HELD: _held_erased,
}
