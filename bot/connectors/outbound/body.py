"""What a webhook says of an event: enough to find the lead and to follow the MQL, and nothing more of the person."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from storage import mqls, undos
from storage.models import Event, Feedback, Mql, Outbound
from storage.outbound import TOLD
from storage.vocabulary import ClockKind, EventType, Status

_SETS_STATUS = (
    EventType.ACCEPTED,
    EventType.CONTACTED,
    EventType.DISPOSED,
    EventType.CORRECTED,
    EventType.REOPENED,
    EventType.WITHDRAWN,
    EventType.UNDO,
    EventType.MERGED,
    EventType.MERGE_UNDONE,
)


def body(tx: sa.Connection, row: Outbound) -> bytes:
    """Return the JSON text. Status, owner and outcome are those of the event, also when it is sent late; who the lead
    is, and the deadlines, are what is known now: of an erased person nothing."""
    subject = mqls.get(tx, row.workspace_id, row.mql_id)
    log = [event for event in mqls.history(tx, row.workspace_id, row.mql_id) if event.id <= row.event_id]
    if subject is None:
        raise LookupError(row.mql_id)
    log[-1] = last_event = undos.as_it_was(log[-1])
    payload = {"type": TOLD[last_event.type], "timestamp": _text(last_event.at), "data": _data(tx, subject, log)}
    return json.dumps(payload, ensure_ascii=False).encode()


def _data(tx: sa.Connection, subject: Mql, log: Sequence[Event]) -> dict[str, Any]:
    event = log[-1]
    status, owner = standing(log)
    clocks = {clock.kind: clock for clock in mqls.clocks(tx, subject.workspace_id, [subject.id])}
    response, feedback = clocks.get(ClockKind.RESPONSE), clocks.get(ClockKind.FEEDBACK)
    return {
        "workspace": subject.workspace_id,
        "number": subject.number,
        "external_id": subject.external_id,
        "email": subject.email,
        "source": subject.source,
        "channel": subject.channel,
        "campaign": subject.campaign,
        "score": subject.score,
        "tier": response.tier if response else None,
        "status": status,
        "owner": owner,
        "actor": event.actor,
        "received_at": _text(subject.received_at),
        "response_due_at": _text(response.due_at) if response else None,
        "feedback_due_at": _text(feedback.due_at) if feedback else None,
        "evidence": event.data.get("evidence"),
        **_outcome(_feedback(tx, subject, event)),
        **_deal(log),
    }


def _feedback(tx: sa.Connection, subject: Mql, event: Event) -> Feedback | None:
    # What was reported before a dispute was accepted is no outcome any more.
    feedback_id = None if event.type == EventType.REOPENED else event.data.get("feedback")
    return mqls.get_feedback(tx, subject.workspace_id, feedback_id) if feedback_id is not None else None


def _outcome(given: Feedback | None) -> dict[str, Any]:
    names = ("lost_reason", "amount", "recycle_on")
    return {name: getattr(given, name) if given else None for name in names}


def _deal(log: Sequence[Event]) -> dict[str, Any]:
    """Return whether the opportunity was won or lost, as far as this log goes; the amount where the last event tells of
    it."""
    known: Event | None = None
    for event in log:
        if event.type == EventType.DEAL:
            known = event if event.after else None
        elif event.type in _SETS_STATUS and event.after != Status.QUALIFIED:
            known = None
    # Outside, the deal result is the outcome: receivers rely on that word, which docs/openapi.yaml promises.
    values: dict[str, Any] = {"outcome": known.after if known else None, "outcome_on": None}
    if known is not None:
        values["outcome_on"] = known.data.get("on")
    return values | ({"amount": log[-1].data.get("amount")} if log[-1].type == EventType.DEAL else {})


def standing(log: Sequence[Event]) -> tuple[Status, str | None]:
    """Status and owner of an MQL after the last event of this log."""
    status, owner = Status.UNASSIGNED, None
    for event in log:
        if event.type == EventType.ASSIGNED:
            owner = event.after
            status = Status.ASSIGNED if status == Status.UNASSIGNED else status
        elif event.type == EventType.UNASSIGNED:
            owner, status = None, Status.UNASSIGNED
        elif event.type in _SETS_STATUS:
            status = Status(event.after or status)
    return status, owner


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
