"""Revenue targets: added, never changed; and what they are worked back from and held against."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import Clock, KpiTarget, clock, kpi_target, mql
from storage.reports import COUNTED, Span
from storage.vocabulary import ClockKind, ClockState, Status

ANSWERED = (ClockState.MET, ClockState.MET_LATE)


def add(tx: sa.Connection, workspace_id: str, **values: Any) -> int:
    """Store another target, which counts from its moment on."""
    return rows.insert(tx, kpi_target, workspace_id=workspace_id, **values)


def newest(tx: sa.Connection, workspace_id: str, until: datetime, most: int = 1) -> list[KpiTarget]:
    """The targets that were set up to a moment, the one that counted then first."""
    mine = sa.and_(kpi_target.c.workspace_id == workspace_id, kpi_target.c.at <= until)
    query = sa.select(kpi_target).where(mine).order_by(kpi_target.c.at.desc(), kpi_target.c.id.desc())
    return rows.many(tx, KpiTarget, query.limit(most))


def qualified_of(tx: sa.Connection, workspace_id: str, received: Span) -> tuple[int, int]:
    """Of the MQLs received in a span how many are qualified now, and how many they are."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, received.holds(mql.c.received_at), COUNTED)
    qualified = sa.func.count(sa.case((mql.c.status == Status.QUALIFIED, 1)))
    counted = tx.execute(sa.select(qualified, sa.func.count()).select_from(mql).where(mine)).one()
    return int(counted[0]), int(counted[1])


def received(tx: sa.Connection, workspace_id: str, span: Span) -> int:
    """How many MQLs came in."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, span.holds(mql.c.received_at), COUNTED)
    return int(tx.execute(sa.select(sa.func.count()).select_from(mql).where(mine)).scalar_one())


def qualified(tx: sa.Connection, workspace_id: str, span: Span) -> int:
    """How many MQLs became opportunities."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, span.holds(mql.c.disposed_at), mql.c.status == Status.QUALIFIED)
    return int(tx.execute(sa.select(sa.func.count()).select_from(mql).where(mine)).scalar_one())


def answered(tx: sa.Connection, workspace_id: str, span: Span) -> list[Clock]:
    """Response clocks that were stopped by an answer in the span."""
    mine = sa.and_(clock.c.workspace_id == workspace_id, clock.c.kind == ClockKind.RESPONSE, COUNTED)
    stopped = sa.and_(span.holds(clock.c.stopped_at), clock.c.state.in_(ANSWERED))
    query = sa.select(clock).join(mql, mql.c.id == clock.c.mql_id).where(mine, stopped)
    return rows.many(tx, Clock, query.order_by(clock.c.id))
