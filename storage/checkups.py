"""Self-checks: added, never changed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.engagements import score_as_received
from storage.models import Checkup, checkup, event, mql, outbox
from storage.reports import COUNTED, Span, count_if
from storage.vocabulary import DealResult, EventType, MessageKind, Source


def add(tx: sa.Connection, workspace_id: str, **values: Any) -> int:
    """Store a self-check."""
    return rows.insert(tx, checkup, workspace_id=workspace_id, **values)


def newest(tx: sa.Connection, workspace_id: str, most: int = 1) -> list[Checkup]:
    """Return the self-checks of a workspace, the newest first."""
    query = sa.select(checkup).where(checkup.c.workspace_id == workspace_id)
    return rows.many(tx, Checkup, query.order_by(checkup.c.at.desc(), checkup.c.id.desc()).limit(most))


def scored(tx: sa.Connection, workspace_id: str, span: Span) -> tuple[int, int]:
    """(MQLs that came with a score or had one by then in marketing's tool, all MQLs) received in the span."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, span.holds(mql.c.received_at), COUNTED)
    counts = tx.execute(
        sa.select(sa.func.count(score_as_received()), sa.func.count()).select_from(mql).where(mine)
    ).one()
    return int(counts[0]), int(counts[1])


BY_HAND = (Source.MANUAL, Source.IMPORT)


def automatic(tx: sa.Connection, workspace_id: str, span: Span) -> int:
    """Return MQLs received in the span that a tool sent, rather than a person."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, span.holds(mql.c.received_at), mql.c.source.not_in(BY_HAND))
    return int(tx.execute(sa.select(sa.func.count()).select_from(mql).where(mine, COUNTED)).scalar_one())


def crm_activities(tx: sa.Connection, workspace_id: str, span: Span) -> int:
    """Contacts and evidence that a CRM reported in the span."""
    by_crm = sa.and_(event.c.type.in_((EventType.CONTACTED, EventType.EVIDENCE)), event.c.data["reported"].as_boolean())
    mine = sa.and_(event.c.workspace_id == workspace_id, span.holds(event.c.at), by_crm)
    return int(tx.execute(sa.select(sa.func.count()).select_from(event).where(mine)).scalar_one())


def decided(tx: sa.Connection, workspace_id: str, span: Span) -> tuple[int, int]:
    """(Opportunities won, lost) in the span, as is known now."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, span.holds(mql.c.deal_result_at), COUNTED)
    counts = (count_if(mql.c.deal_result == DealResult.WON), count_if(mql.c.deal_result == DealResult.LOST))
    won, lost = tx.execute(sa.select(*counts).select_from(mql).where(mine)).one()
    return int(won), int(lost)


def digests_sent(tx: sa.Connection, workspace_id: str, span: Span) -> int:
    """Of how many weeks a digest reached anybody in the span."""
    mine = sa.and_(outbox.c.workspace_id == workspace_id, outbox.c.kind == MessageKind.DIGEST)
    weeks = sa.func.count(sa.distinct(outbox.c.data["period"].as_string()))
    return int(tx.execute(sa.select(weeks).where(mine, span.holds(outbox.c.sent_at))).scalar_one())
