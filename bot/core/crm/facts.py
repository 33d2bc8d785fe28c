"""What the bot says of an MQL, in its own words, for each field that may stand in a CRM."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.mql.deals import Deal
from storage import mqls, workspaces
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
        CrmField.DEAL: _deal(tx, subject),
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


def _deal(tx: sa.Connection, subject: Mql) -> str | None:
    """Return what came of an opportunity, as `deal_text` writes it; None while it is under way."""
    workspace = workspaces.get(tx, subject.workspace_id)
    if workspace is None or subject.deal_result is None or subject.deal_result_at is None:
        return None
    on = subject.deal_result_at.astimezone(ZoneInfo(workspace.timezone)).date()
    return deal_text(Deal(result=subject.deal_result, on=on, amount=subject.amount), None)


def deal_text(deal: Deal | None, created_at: datetime | None) -> str:
    """Return what came of a deal as conflicts and shadows keep it: JSON with result, day, amount, and when it was made
    in the CRM."""
    came = {"result": deal.result.value, "on": deal.on.isoformat(), "amount": deal.amount} if deal else {}
    made = {"created": text_of(created_at)} if created_at else {}
    return json.dumps({**came, **made}, sort_keys=True)


def deal_of(text: str | None) -> Deal | None:
    """Return what came of a deal from what `facts.deal_text` wrote; None: it is under way."""
    known = json.loads(text) if text else {}
    if "result" not in known:
        return None
    return Deal(result=known["result"], on=date.fromisoformat(known["on"]), amount=known["amount"])


def deal_created(text: str | None) -> datetime | None:
    """Return when a deal was made in the CRM, where that is known."""
    created = json.loads(text).get("created") if text else None
    return datetime.fromisoformat(created) if created else None


def same_deal(ours: str | None, theirs: str | None) -> bool:
    """Return whether two texts say the same of a deal."""
    return deal_of(ours) == deal_of(theirs)
