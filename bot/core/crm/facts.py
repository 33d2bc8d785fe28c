"""What the bot says of an MQL, in its own words, for each field that may stand in a CRM."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from storage import mqls
from storage.models import Mql
from storage.vocabulary import ClockKind, CrmField, Disposition, Status

_DISPOSITIONS = {word.value for word in Disposition}


def facts(tx: sa.Connection, subject: Mql) -> dict[CrmField, str | None]:
    """Return every fact of an MQL; None where there is none."""
    disposition = subject.status if subject.status in _DISPOSITIONS else None
    return {
        CrmField.OWNER: subject.owner,
        CrmField.STATUS: subject.status,
        CrmField.STAGE: subject.status,
        CrmField.DISPOSITION: disposition,
        CrmField.LOST_REASON: _lost_reason(tx, subject),
        CrmField.SLA_DUE: _due(tx, subject),
    }


def is_told(subject: Mql) -> bool:
    """Return whether a CRM is told of an MQL: not of one that was withdrawn, merged, imported or erased."""
    gone = subject.erased_at is not None or subject.import_id is not None or subject.merged_into_id is not None
    return not gone and subject.status != Status.WITHDRAWN


def _lost_reason(tx: sa.Connection, subject: Mql) -> str | None:
    if subject.status != Status.DISQUALIFIED:
        return None
    newest = mqls.last_feedback(tx, subject.workspace_id, [subject.id])
    return newest[0].lost_reason if newest else None


def _due(tx: sa.Connection, subject: Mql) -> str | None:
    """Return the deadline that comes next: of the response, then of the outcome."""
    for kind in (ClockKind.RESPONSE, ClockKind.FEEDBACK):
        clock = mqls.open_clock(tx, subject.workspace_id, subject.id, kind)
        if clock is not None:
            return text_of(clock.due_at)
    return None


def text_of(moment: datetime) -> str:
    """Return a moment as it stands in a record: ISO 8601 in UTC, whole seconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
