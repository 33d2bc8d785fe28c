"""Revenue targets: added, never changed; and what they are worked back from and held against."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import rows
from storage.models import KpiTarget, clock, event, kpi_target, mql
from storage.reports import COUNTED, Span, count_if
from storage.vocabulary import ClockKind, ClockState, DealOutcome, EventType, Status

ANSWERED = (ClockState.MET, ClockState.MET_LATE)
ANSWERS = (EventType.ACCEPTED, EventType.CONTACTED, EventType.DISPOSED)


class Turn(NamedTuple):
    """Who had an MQL when something came of its response clock."""

    owner: str | None
    at: datetime
    state: ClockState


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


def qualified(tx: sa.Connection, workspace_id: str, spans: Sequence[Span]) -> list[int]:
    """How many MQLs became opportunities in each of some spans."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, mql.c.status == Status.QUALIFIED)
    counts = [count_if(span.holds(mql.c.disposed_at)) for span in spans]
    return [int(count) for count in tx.execute(sa.select(*counts).where(mine)).one()] if counts else []


def won_of(tx: sa.Connection, workspace_id: str, span: Span) -> tuple[int, int]:
    """Of the MQLs that became opportunities in a span, also of years, how many are won now, and how many they are."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, mql.c.status == Status.QUALIFIED, span.holds(mql.c.disposed_at))
    counts = (count_if(mql.c.outcome == DealOutcome.WON), sa.func.count())
    found = tx.execute(sa.select(*counts).select_from(mql).where(mine)).one()
    return int(found[0]), int(found[1])


def answered(tx: sa.Connection, workspace_id: str, span: Span) -> list[Turn]:
    """Response clocks that were stopped by an answer in the span, with who had the MQL then."""
    # Answers stand in the log, which has an index. One from before the lead came in stops the clock as it starts.
    told = sa.and_(event.c.workspace_id == workspace_id, event.c.type.in_(ANSWERS), span.holds(event.c.at))
    came = sa.and_(mql.c.workspace_id == workspace_id, span.holds(mql.c.received_at))
    candidates = sa.union_all(sa.select(event.c.mql_id).where(told), sa.select(mql.c.id).where(came))
    stopped = sa.and_(span.holds(clock.c.stopped_at), clock.c.state.in_(ANSWERED))
    return _turns(tx, workspace_id, clock.c.stopped_at, sa.and_(stopped, clock.c.mql_id.in_(candidates)))


def breached(tx: sa.Connection, workspace_id: str, span: Span) -> list[Turn]:
    """Response clocks whose deadline passed in the span, with who had the MQL then."""
    return _turns(tx, workspace_id, clock.c.breached_at, span.holds(clock.c.breached_at))


def _turns(tx: sa.Connection, workspace_id: str, moment: sa.Column[Any], which: sa.ColumnElement[bool]) -> list[Turn]:
    turns = event.c.type.in_((EventType.ASSIGNED, EventType.UNASSIGNED))
    held = sa.select(event.c.after).where(event.c.mql_id == clock.c.mql_id, turns, event.c.at <= moment)
    owner = held.order_by(event.c.id.desc()).limit(1).correlate(clock).scalar_subquery()
    mine = sa.and_(clock.c.workspace_id == workspace_id, clock.c.kind == ClockKind.RESPONSE, COUNTED)
    query = sa.select(owner, moment, clock.c.state).join(mql, mql.c.id == clock.c.mql_id).where(mine, which)
    return [Turn(*row) for row in tx.execute(query)]
