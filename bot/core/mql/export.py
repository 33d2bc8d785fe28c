"""Every MQL as a row, as the reports count it: what it came with, and what became of it. `import history` reads it
back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.base import team
from storage import exports, members, mqls
from storage.models import AS_RECEIVED, Feedback, Mql, Workspace
from storage.vocabulary import Status

BATCH = 500
COLUMNS = (
    "number",
    "external_id",
    "company",
    "person",
    "title",
    "email",
    "phone",
    "channel",
    "campaign",
    "form",
    "score",
    "score_reason",
    "message",
    "crm_url",
    "received",
    "accepted",
    "contacted",
    "outcome",
    "outcome_date",
    "lost_reason",
    "comment",
    "deal",
    "deal_date",
    "amount",
    "owner",
    "owner_id",
    "mql_source",
    "tier",
    "imported",
    "attributes",
)
_OF_LEAD = ("external_id", "company", "person", "title", "email", "phone", "score_reason", "message", "crm_url")


def batch(tx: sa.Connection, workspace: Workspace, after: int) -> tuple[int, list[dict[str, Any]]]:
    """Return the next rows after the MQL of an id, and the id to go on from; no rows at the end. Moments are in the
    workspace's timezone, in ISO 8601."""
    subjects = exports.after(tx, workspace.id, after, BATCH)
    ids = [subject.id for subject in subjects]
    answers = {feedback.mql_id: feedback for feedback in mqls.last_feedback(tx, workspace.id, ids)} if ids else {}
    names = team.names(members.roster(tx, workspace.id))
    zone = ZoneInfo(workspace.timezone)
    rows = [dict(_cells(subject, answers.get(subject.id), names, zone)) for subject in subjects]
    return (ids[-1] if ids else after), rows


def _cells(
    subject: Mql, answer: Feedback | None, names: dict[str, str], zone: ZoneInfo
) -> Iterator[tuple[str, str | int | None]]:
    yield "number", subject.number
    lead = {name: getattr(subject, name) for name in _OF_LEAD}
    lead |= {name: getattr(subject, f"received_{name}") for name in AS_RECEIVED}
    outcome = answer if answer and subject.status == Status(answer.disposition) else None
    dated = subject.disposed_at != subject.received_at or subject.import_id is None
    decided = outcome is not None and dated
    values: dict[str, Any] = {
        **lead,
        "received": _moment(subject.received_at, zone),
        "accepted": _moment(subject.accepted_at, zone),
        "contacted": _moment(subject.contacted_at, zone),
        "outcome": "open" if outcome is None else outcome.disposition.value,
        "outcome_date": _moment(subject.disposed_at, zone) if decided else None,
        "lost_reason": outcome and outcome.lost_reason,
        "comment": outcome and outcome.comment,
        "deal": subject.deal_result and subject.deal_result.value,
        "deal_date": subject.deal_result_at and subject.deal_result_at.astimezone(zone).date().isoformat(),
        "amount": subject.amount,
        "owner": names.get(subject.owner or "", subject.owner),
        "owner_id": subject.owner,
        "mql_source": subject.source.value,
        "tier": subject.received_tier,
        "imported": subject.import_id,
        "attributes": json.dumps(subject.attributes, ensure_ascii=False) if subject.attributes else None,
    }
    yield from ((name, values[name]) for name in COLUMNS[1:])


def _moment(at: datetime | None, zone: ZoneInfo) -> str | None:
    return at.astimezone(zone).isoformat() if at else None
