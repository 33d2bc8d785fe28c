"""Whether a message still says something true when its turn comes."""

from __future__ import annotations

import sqlalchemy as sa

from bot.core.base import team
from storage import actions, alerts, definitions, members, mqls
from storage.models import ActionChange, Mql, Outbox
from storage.vocabulary import AskWhy, ClockKind, MessageKind, Status


def reason_gone(tx: sa.Connection, row: Outbox) -> str | None:
    """Why a queued message is no longer true, or None while it is. Asked just before sending."""
    if row.kind == MessageKind.ALERT:
        return _alert_gone(tx, row)
    if row.kind in (MessageKind.ACTION_DUE, MessageKind.ACTION_CHANGED):
        return _action_moved_on(tx, row)
    if row.kind == MessageKind.DEFINITION_PROPOSED:
        return _proposal_over(tx, row)
    if row.kind == MessageKind.EDIT or row.kind not in _STILL_TRUE or row.mql_id is None:
        return None
    subject = mqls.get(tx, row.workspace_id, row.mql_id)
    if subject is None:
        return "the MQL is gone"
    return None if _STILL_TRUE[row.kind](tx, subject, row) else f"the MQL is {subject.status} by now"


def _alert_gone(tx: sa.Connection, row: Outbox) -> str | None:
    known = alerts.get(tx, row.workspace_id, row.data["alert"])
    # One that may be in Slack already is looked for first, so that its end is told below it.
    over = known is not None and known.closed_at is not None and not row.maybe_sent
    return "the alert is over" if over else None


def _action_moved_on(tx: sa.Connection, row: Outbox) -> str | None:
    known = actions.get(tx, row.workspace_id, row.data["action"])
    if known is None or known.done_at is not None:
        return "the action is done"
    told: ActionChange | None = None
    if row.kind == MessageKind.ACTION_CHANGED:
        changes = actions.history(tx, row.workspace_id, [known.id])
        told = next((one for one in changes if one.id == row.data["change"]), None)
    owner, due_on = (told.owner, told.due_on) if told else (row.data.get("owner"), row.data.get("due_on"))
    return None if (owner, due_on) == (known.owner, known.due_on) else "the action has moved on"


def _proposal_over(tx: sa.Connection, row: Outbox) -> str | None:
    newest = definitions.newest(tx, row.workspace_id)
    waits = newest is not None and newest.id == row.data["definition"] and newest.agreed_at is None
    return None if waits else "the proposal is agreed upon or replaced"


def singles(row: Outbox) -> list[Outbox]:
    """A message that tells of several things, as a message for each; any other as it is."""
    if row.kind != MessageKind.HELD:
        return [row]
    return [
        row.model_copy(
            update={
                "kind": MessageKind(item["kind"]),
                "mql_id": item["mql"],
                "event_id": item["event"],
                "data": item["data"],
            }
        )
        for item in row.data["items"]
    ]


def still_true(tx: sa.Connection, row: Outbox) -> list[Outbox]:
    """Of what a held message tells that which is still true, each as a message of its own."""
    return [single for single in singles(row) if reason_gone(tx, single) is None]


def _owned(tx: sa.Connection, subject: Mql, row: Outbox) -> bool:
    return not subject.disposed and _owns(tx, subject, row)


def _owns(tx: sa.Connection, subject: Mql, row: Outbox) -> bool:
    """Whether the reader has the MQL and may still act: who has left is asked for nothing."""
    reader = members.get(tx, row.workspace_id, row.target)
    return subject.owner == row.target and reader is not None and reader.active


def _unanswered(tx: sa.Connection, subject: Mql, row: Outbox) -> bool:
    running = mqls.running_clock(tx, row.workspace_id, subject.id, ClockKind.RESPONSE)
    return running is not None and (row.kind == MessageKind.ESCALATION or _owns(tx, subject, row))


def _on_offer(tx: sa.Connection, subject: Mql, row: Outbox) -> bool:
    running = mqls.running_clock(tx, row.workspace_id, subject.id, ClockKind.RESPONSE)
    taker = members.get(tx, row.workspace_id, row.target)
    return running is not None and subject.owner != row.target and team.may_take(taker, subject)


def _unassigned(_: sa.Connection, subject: Mql, __: Outbox) -> bool:
    return subject.status == Status.UNASSIGNED


def _without_feedback(tx: sa.Connection, subject: Mql, row: Outbox) -> bool:
    running = mqls.running_clock(tx, row.workspace_id, subject.id, ClockKind.FEEDBACK)
    return running is not None and (row.kind == MessageKind.FEEDBACK_OVERDUE or _owns(tx, subject, row))


def _worth_asking(tx: sa.Connection, subject: Mql, row: Outbox) -> bool:
    expected = subject.status == Status.RECYCLED if row.data["why"] == AskWhy.RETURN else subject.awaits_outcome
    return expected and _owns(tx, subject, row)


def _still_disputed(_: sa.Connection, subject: Mql, __: Outbox) -> bool:
    return subject.disputed_at is not None


def _owner_left(_: sa.Connection, subject: Mql, row: Outbox) -> bool:
    return not subject.disposed and subject.owner == row.data["left"]


def _unreached(_: sa.Connection, subject: Mql, row: Outbox) -> bool:
    return not subject.disposed and subject.owner == row.data["whom"]


_STILL_TRUE = {
    MessageKind.ASSIGNMENT: _owned,
    MessageKind.REMINDER: _unanswered,
    MessageKind.ESCALATION: _unanswered,
    MessageKind.OFFER: _on_offer,
    MessageKind.UNASSIGNED: _unassigned,
    MessageKind.OWNER_LEFT: _owner_left,
    MessageKind.UNREACHABLE: _unreached,
    MessageKind.FEEDBACK_REMINDER: _without_feedback,
    MessageKind.FEEDBACK_OVERDUE: _without_feedback,
    MessageKind.FEEDBACK_AGAIN: _worth_asking,
    MessageKind.DISPUTED: _still_disputed,
    MessageKind.REOPENED: _owned,
}
