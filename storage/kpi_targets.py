"""Revenue targets: added, never changed; and what they are worked back from and held against."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import rows
from storage.durations import elapsed
from storage.models import DISPOSED, UNDECIDED, KpiTarget, clock, kpi_target, mql
from storage.reports import COUNTED, Span, count_if, last_moves, owner_at
from storage.vocabulary import ClockKind, ClockState, DealResult, Status

ANSWERED = (ClockState.MET, ClockState.MET_LATE)
A_MICROSECOND = timedelta(microseconds=1)


class RepDay(NamedTuple):
    """The answers of one day, of MQLs that one rep had then."""

    owner: str | None
    day: int
    """Days since the first."""
    answers: int


def add(tx: sa.Connection, workspace_id: str, **values: Any) -> int:
    """Store another target, which counts from its moment on."""
    return rows.insert(tx, kpi_target, workspace_id=workspace_id, **values)


def newest(tx: sa.Connection, workspace_id: str, until: datetime, most: int = 1) -> list[KpiTarget]:
    """Return the targets that were set up to a moment, the one that counted then first."""
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
    """Return how many MQLs came in."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, span.holds(mql.c.received_at), COUNTED)
    return int(tx.execute(sa.select(sa.func.count()).select_from(mql).where(mine)).scalar_one())


def qualified(tx: sa.Connection, workspace_id: str, span: Span) -> int:
    """Return how many MQLs became opportunities in the span."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, mql.c.status == Status.QUALIFIED, span.holds(mql.c.disposed_at))
    return int(tx.execute(sa.select(sa.func.count()).select_from(mql).where(mine)).scalar_one())


def won_of(tx: sa.Connection, workspace_id: str, span: Span) -> tuple[int, int]:
    """Of the MQLs that became opportunities in a span, also of years, how many are won now, and how many they are."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, mql.c.status == Status.QUALIFIED, span.holds(mql.c.disposed_at))
    counts = (count_if(mql.c.deal_result == DealResult.WON), sa.func.count())
    row = tx.execute(sa.select(*counts).select_from(mql).where(mine)).one()
    return int(row[0]), int(row[1])


def answered(tx: sa.Connection, workspace_id: str, span: Span, midnight: datetime, day: timedelta) -> list[RepDay]:
    """Response clocks that were stopped by an answer in the span, by who had the MQL then and by day: so long each, the
    first from `midnight` on."""
    # An answer comes before the outcome. So it is an MQL that has none, or has got it since.
    mine = sa.select(mql.c.id, mql.c.owner).where(mql.c.workspace_id == workspace_id, COUNTED)
    since = mine.where(mql.c.status.in_(DISPOSED), mql.c.disposed_at >= span.start)
    subject = sa.union_all(mine.where(mql.c.status.in_(UNDECIDED)), since).subquery()
    # Nearly all have whom they had then; only of the others each log is looked through.
    moved = last_moves(workspace_id, span.start).subquery()
    owner = sa.case((moved.c.at > clock.c.stopped_at, owner_at(clock.c.stopped_at)), else_=subject.c.owner)
    began = sa.literal(midnight, clock.c.stopped_at.type)
    number = elapsed(began, clock.c.stopped_at) // (day // A_MICROSECOND)
    stopped = sa.and_(span.holds(clock.c.stopped_at), clock.c.state.in_(ANSWERED))
    ran = subject.join(clock, sa.and_(clock.c.mql_id == subject.c.id, clock.c.kind == ClockKind.RESPONSE))
    joined = ran.outerjoin(moved, moved.c.mql_id == clock.c.mql_id)
    answers = sa.select(owner.label("owner"), number.label("day")).select_from(joined).where(stopped).subquery()
    query = sa.select(answers.c.owner, answers.c.day, sa.func.count()).group_by(answers.c.owner, answers.c.day)
    return [RepDay(*row) for row in tx.execute(query).all()]
