"""From an outbox row to the call that puts it into Slack, in the reader's language and the MQL's present state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from bot.core import (
    action_changes,
    actions,
    checkup,
    definition,
    disputes,
    feedback,
    meeting,
    monthly,
    origin,
    own_week,
    reading,
    relevance,
    reporting,
    scoring,
    team,
    trend,
)
from bot.core.outcomes import ACCEPT_FIRST
from bot.core.views import MqlView
from bot.i18n import Translator
from bot.slack.blocks import action as action_blocks
from bot.slack.blocks import alerts as alert_blocks
from bot.slack.blocks import asking as asking_blocks
from bot.slack.blocks import cards, digest, digest_people, digest_trend, direct, replies
from bot.slack.blocks import checkup as checkup_blocks
from bot.slack.blocks import definition as definition_blocks
from bot.slack.blocks import disputes as dispute_blocks
from bot.slack.blocks import meeting as meeting_blocks
from bot.slack.blocks import monthly as monthly_blocks
from bot.slack.blocks import origin as origin_blocks
from bot.slack.blocks import own_week as own_week_blocks
from bot.slack.blocks import scoring as scoring_blocks
from bot.slack.blocks.kit import Message
from storage import alerts, mqls, outbox, reps, unreadables, workspaces
from storage.models import Alert, Event, Outbox, Workspace
from storage.vocabulary import AskWhy, ClockKind, EventType, MessageKind, OutboxState, UnreadableState

METADATA_EVENT = "mql_bot_message"
_ACCEPT_FIRST = [f"reply.{refusal}" for refusal in ACCEPT_FIRST]


@dataclass(frozen=True)
class Call:
    """One Web API call."""

    method: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Nothing:
    """There is nothing to send, and why."""

    reason: str


@dataclass(frozen=True)
class _Scene:
    """All that a message may need to know."""

    tx: sa.Connection
    workspace: Workspace
    row: Outbox
    now: datetime
    t: Translator

    def view(self) -> MqlView:
        found = reading.mql_view(self.tx, self.workspace, self.row.mql_id or 0)
        if found is None:
            raise LookupError(f"message {self.row.id} is about no MQL of its workspace")
        return found

    def event(self) -> Event:
        found = mqls.get_event(self.tx, self.workspace.id, self.row.event_id or 0)
        if found is None:
            raise LookupError(f"message {self.row.id} tells of no event of its workspace")
        return found

    def alert(self) -> Alert:
        found = alerts.get(self.tx, self.workspace.id, self.row.data["alert"])
        if found is None:
            raise LookupError(f"message {self.row.id} tells of no alert of its workspace")
        return found


def translator(tx: sa.Connection, workspace: Workspace, reader: str) -> Translator:
    """Words for one reader: a member's own language, else (and in Slack channels) the workspace's."""
    member = reps.get(tx, workspace.id, reader)
    return Translator(team.reader_locale(member, workspace.locale), workspace.timezone)


def render(tx: sa.Connection, row: Outbox, now: datetime) -> Call | Nothing:
    """The call for a row, or why there is none any more."""
    workspace = workspaces.get(tx, row.workspace_id)
    if workspace is None:
        return Nothing("the workspace is not configured any more")
    parent = outbox.get(tx, row.workspace_id, row.parent_id) if row.parent_id else None
    if row.parent_id and (parent is None or parent.state != OutboxState.SENT):
        return Nothing("the message that it belongs to never reached Slack")
    if row.kind == MessageKind.EDIT and parent is not None:
        return _edit(tx, workspace, parent, now)
    if row.kind == MessageKind.HELD and not relevance.still_true(tx, row):
        return Nothing("nothing that was held back is true any more")
    if row.kind == MessageKind.OUTCOMES and not origin.of_day(tx, workspace, origin.span_of(row.data)):
        return Nothing("what it was to tell of was withdrawn")
    return _post(tx, workspace, row, parent, now)


def place(row: Outbox, parent: Outbox | None) -> tuple[str | None, str | None]:
    """Where a new message goes: the Slack channel or person, and the thread of its parent or of what it answers."""
    return (parent.channel, parent.ts) if parent else (row.target, row.data.get("thread_ts"))


def _edit(tx: sa.Connection, workspace: Workspace, original: Outbox, now: datetime) -> Call:
    scene = _Scene(tx, workspace, original, now, translator(tx, workspace, original.target))
    # A list is edited for one reason only: somebody whom it may name was erased.
    message = (_SHORTENED.get(original.kind) or _KINDS[original.kind])(scene)
    where = {"channel": original.channel, "ts": original.ts}
    return Call("chat.update", where | {"text": message.text, "blocks": message.blocks})


def _post(tx: sa.Connection, workspace: Workspace, row: Outbox, parent: Outbox | None, now: datetime) -> Call | Nothing:
    scene = _Scene(tx, workspace, row, now, translator(tx, workspace, row.target))
    message = _KINDS[row.kind](scene) if row.kind in _KINDS else _IF_ANYTHING[row.kind](scene)
    if message is None:
        return Nothing("there is nothing to tell")
    words: dict[str, Any] = {"text": message.text, "blocks": message.blocks}
    if row.kind == MessageKind.PRIVATE and row.data["channel"]:
        return Call("chat.postEphemeral", {"channel": row.data["channel"], "user": row.target} | words)
    channel, thread = place(row, parent)
    words |= {
        "channel": channel,
        "thread_ts": thread,
        "metadata": {"event_type": METADATA_EVENT, "event_payload": {"key": row.key}},
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return Call("chat.postMessage", words)


def _card(scene: _Scene) -> Message:
    return cards.card(scene.view(), scene.t, scene.now)


def _note(scene: _Scene) -> Message:
    (told,) = reading.timeline(scene.tx, scene.workspace.id, [scene.event()])
    view, moved = scene.view(), told.event.type == EventType.ASSIGNED and told.event.before is not None
    parts = reading.parts_until(scene.tx, scene.workspace, view, told.event.at) if moved else None
    disputable = disputes.may_be_disputed(scene.tx, view.mql, told.event)
    shown = [dispute_blocks.button(view, scene.t)] if disputable else []
    # Also where another answer counts by now, the thread goes on to say what this one was.
    view = reading.as_told(scene.tx, scene.workspace, view, told.event)
    return cards.note(told, view, scene.t, parts, shown)


def _assignment(scene: _Scene) -> Message:
    return direct.assignment(scene.view(), scene.t, scene.row.target, scene.now)


def _reminder(scene: _Scene) -> Message:
    view = scene.view()
    (told,) = reading.timeline(scene.tx, scene.workspace.id, [scene.event()])
    if told.actor:
        return direct.nudge(view, scene.t, told.actor, scene.row.target)
    left = reading.time_left(scene.tx, view, ClockKind.RESPONSE, scene.now)
    return direct.reminder(view, scene.t, left, scene.row.target)


def _escalation(scene: _Scene) -> Message:
    (told,) = reading.timeline(scene.tx, scene.workspace.id, [scene.event()])
    view = scene.view()
    parts = reading.parts_until(scene.tx, scene.workspace, view, told.event.at)
    return direct.escalation(view, scene.t, told, parts, scene.row.data.get("to", told.event.data["to"]))


def _offer(scene: _Scene) -> Message:
    return direct.offer(scene.view(), scene.t)


def _unassigned(scene: _Scene) -> Message:
    return direct.unassigned(scene.view(), scene.t)


def _owner_left(scene: _Scene) -> Message:
    return direct.owner_left(scene.view(), scene.t, scene.row.data["left"])


def _unreachable(scene: _Scene) -> Message:
    whom, error = scene.row.data["whom"], scene.row.data["error"]
    if scene.row.mql_id is None:
        return direct.channel_unreachable(whom, error, scene.t)
    member = reps.get(scene.tx, scene.workspace.id, whom)
    return direct.unreachable(scene.view(), scene.t, whom, member.name if member else whom, error)


def _feedback_reminder(scene: _Scene) -> Message:
    view = scene.view()
    left = reading.time_left(scene.tx, view, ClockKind.FEEDBACK, scene.now)
    return direct.feedback_reminder(view, scene.t, left, scene.row.target)


def _feedback_overdue(scene: _Scene) -> Message:
    return direct.feedback_overdue(scene.view(), scene.t)


def _feedback_again(scene: _Scene) -> Message:
    return asking_blocks.asked(scene.view(), AskWhy(scene.row.data["why"]), scene.t, scene.row.target)


def _disputed(scene: _Scene) -> Message:
    (told,) = reading.timeline(scene.tx, scene.workspace.id, [scene.event()])
    decided = disputes.decision_of(scene.tx, told.event)
    (by,) = reading.timeline(scene.tx, scene.workspace.id, [decided]) if decided else (None,)
    return dispute_blocks.asked(scene.view(), told, by, scene.t)


def _dispute_decided(scene: _Scene) -> Message:
    (told,) = reading.timeline(scene.tx, scene.workspace.id, [scene.event()])
    return dispute_blocks.decided(scene.view(), told, scene.t)


def _reopened(scene: _Scene) -> Message:
    (told,) = reading.timeline(scene.tx, scene.workspace.id, [scene.event()])
    opened = mqls.get_event(scene.tx, scene.workspace.id, told.event.data["dispute"])
    why = opened.reason if opened else None
    return dispute_blocks.reopened(scene.view(), told, why, scene.t, scene.row.target)


def _outcome(scene: _Scene) -> Message:
    return origin_blocks.outcome(origin.heard(scene.tx, scene.workspace, scene.event()), scene.t)


def _outcomes(scene: _Scene) -> Message:
    span = origin.span_of(scene.row.data)
    return origin_blocks.day(origin.of_day(scene.tx, scene.workspace, span), span.end, scene.t)


def _unreadable(scene: _Scene) -> Message:
    entry = unreadables.get(scene.tx, scene.workspace.id, scene.row.data["unreadable"])
    if entry is None:
        raise LookupError(f"message {scene.row.id} is about no entry of the intake queue")
    if entry.state == UnreadableState.OPEN:
        return direct.unreadable(entry.id, entry.reason, entry.found, scene.t)
    closer = reps.get(scene.tx, scene.workspace.id, entry.closed_by or "")
    subject = mqls.get(scene.tx, scene.workspace.id, entry.mql_id) if entry.mql_id else None
    by = closer.name if closer else (entry.closed_by or "")
    return direct.unreadable_done(entry.state, subject.number if subject else None, by, scene.t)


def _private(scene: _Scene) -> Message:
    key, words = scene.row.data["reply"], scene.row.data["words"]
    said = replies.private(key, scene.t, **words)
    if key not in _ACCEPT_FIRST:
        return said
    subject = mqls.by_number(scene.tx, scene.workspace.id, words["number"])
    waits = [subject] if subject is not None and subject.status in feedback.UNACCEPTED else []
    views = reading.mql_views(scene.tx, scene.workspace, waits)
    return replies.accept_first(said, views, scene.t) if views else said


def _held(scene: _Scene) -> Message:
    """What was held back over the quiet hours, or has waited for one reader: one thing as it would have been told,
    several as a list."""
    waited = [replace(scene, row=single) for single in relevance.still_true(scene.tx, scene.row)]
    if len(waited) == 1:
        (one,) = waited
        return _KINDS[one.row.kind](one)
    told = reading.timeline(scene.tx, scene.workspace.id, [one.event() for one in waited])
    return direct.held(
        [(one.row.kind, one.view(), event) for one, event in zip(waited, told, strict=True)],
        scene.t,
        by_day="by_day" in scene.row.data,
    )


def _held_erased(scene: _Scene) -> Message:
    return direct.held_erased(scene.t)


def _digest_erased(scene: _Scene) -> Message:
    return digest.erased(scene.row.data["period"], scene.t)


def _digest(scene: _Scene) -> Message:
    report = reporting.weekly(scene.tx, scene.workspace, scene.row.data["period"], scene.now)
    return digest.weekly(report, scene.t)


def _digest_people(scene: _Scene) -> Message | None:
    told = reporting.people(scene.tx, scene.workspace, scene.row.data["period"], scene.now)
    return digest_people.people(told, scene.t)


def _digest_trend(scene: _Scene) -> Message | None:
    told = trend.look_back(scene.tx, scene.workspace, scene.row.data["period"], scene.now)
    return digest_trend.trend(told, scene.t)


def _own_week(scene: _Scene) -> Message | None:
    period, reader = scene.row.data["period"], scene.row.target
    return own_week_blocks.own_week(own_week.own_week(scene.tx, scene.workspace, reader, period, scene.now), scene.t)


def _own_week_erased(scene: _Scene) -> Message:
    return own_week_blocks.erased(scene.t)


def _checkup(scene: _Scene) -> Message:
    return checkup_blocks.reminder(checkup.newest(scene.tx, scene.workspace.id), scene.t)


def _monthly(scene: _Scene) -> Message:
    told = monthly.report(scene.tx, scene.workspace, scene.row.data["period"], scene.now)
    return monthly_blocks.report(told, scene.t)


def _scoring(scene: _Scene) -> Message:
    told = scoring.report(scene.tx, scene.workspace, scene.row.data["period"])
    return scoring_blocks.check(told, scene.t)


def _meeting(scene: _Scene) -> Message:
    told = meeting.agenda(scene.tx, scene.workspace, scene.row.data, scene.now)
    return meeting_blocks.agenda(told, scene.t)


def _action_due(scene: _Scene) -> Message:
    found = actions.find(scene.tx, scene.workspace, scene.row.data["action"], scene.now)
    if found is None:
        raise LookupError(f"message {scene.row.id} tells of no action of its workspace")
    data = scene.row.data
    return action_blocks.due(found, scene.t, data["owner"], date.fromisoformat(data["due_on"]))


def _action_changed(scene: _Scene) -> Message:
    data = scene.row.data
    found = actions.find(scene.tx, scene.workspace, data["action"], scene.now)
    told = action_changes.told(scene.tx, scene.workspace.id, data["action"], data["change"])
    if found is None or told is None:
        raise LookupError(f"message {scene.row.id} tells of no action of its workspace")
    return action_blocks.changed(found, told, scene.row.target, scene.t)


def _definition(scene: _Scene) -> definition.Version:
    found = definition.find(scene.tx, scene.workspace.id, scene.row.data["definition"])
    if found is None:
        raise LookupError(f"message {scene.row.id} tells of no definition of its workspace")
    return found


def _definition_proposed(scene: _Scene) -> Message:
    told, reader = _definition(scene), reps.get(scene.tx, scene.workspace.id, scene.row.target)
    return definition_blocks.proposed(told, scene.t, may_agree=definition.may_agree(reader, told))


def _definition_agreed(scene: _Scene) -> Message:
    return definition_blocks.agreed(_definition(scene), scene.t)


def _alert(scene: _Scene) -> Message:
    return alert_blocks.alert(scene.alert(), team.names(reps.roster(scene.tx, scene.workspace.id)), scene.t)


def _alert_over(scene: _Scene) -> Message:
    return alert_blocks.over(scene.alert(), scene.t)


_SHORTENED: dict[MessageKind, Callable[[_Scene], Message]] = {
    MessageKind.HELD: _held_erased,
    MessageKind.DIGEST: _digest_erased,
    MessageKind.OWN_WEEK: _own_week_erased,
}

_KINDS: dict[MessageKind, Callable[[_Scene], Message]] = {
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
    MessageKind.OUTCOMES: _outcomes,
    MessageKind.UNREADABLE: _unreadable,
    MessageKind.HELD: _held,
    MessageKind.PRIVATE: _private,
    MessageKind.DIGEST: _digest,
    MessageKind.CHECKUP: _checkup,
    MessageKind.MONTHLY: _monthly,
    MessageKind.SCORING: _scoring,
    MessageKind.MEETING: _meeting,
    MessageKind.ACTION_DUE: _action_due,
    MessageKind.ACTION_CHANGED: _action_changed,
    MessageKind.DEFINITION_PROPOSED: _definition_proposed,
    MessageKind.DEFINITION_AGREED: _definition_agreed,
    MessageKind.ALERT: _alert,
    MessageKind.ALERT_OVER: _alert_over,
}
# Those that are not sent where they would say nothing.
_IF_ANYTHING: dict[MessageKind, Callable[[_Scene], Message | None]] = {
    MessageKind.DIGEST_PEOPLE: _digest_people,
    MessageKind.DIGEST_TREND: _digest_trend,
    MessageKind.OWN_WEEK: _own_week,
}
