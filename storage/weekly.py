"""What the weekly digest asks beyond the counts of storage/reports: who waits now, who answered in time, how far MQLs
have come, and the answers of many weeks at once. Everything in sets, and counted by the database where it can be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage import mqls, rows
from storage.models import Mql, clock, event, mql
from storage.reports import COUNTED, Span, came_in
from storage.vocabulary import ClockKind, ClockState, DealResult, EventType, Status


@dataclass(frozen=True)
class Answer:
    """What the trend asks of one response clock."""

    received_at: datetime
    started_at: datetime
    stopped_at: datetime | None
    breached_at: datetime | None
    breach_at: datetime
    paused_at: datetime | None
    met: bool


@dataclass(frozen=True)
class Stages:
    """How many of the MQLs received in a span have come how far; whoever has come further has come so far too."""

    received: int
    taken: int
    """Accepted, contacted, or with an outcome."""
    contacted: int
    """Contacted, or qualified."""
    qualified: int
    won: int


def count_overdue(
    tx: sa.Connection, workspace_id: str, kind: ClockKind, now: datetime, owner: str | None = None
) -> int:
    """Return how many MQLs are overdue by their clock of this kind, paused ones too; with `owner` of these alone."""
    late = _overdue(workspace_id, kind, now, owner)
    asked = clock if owner is None else mql.join(clock, clock.c.mql_id == mql.c.id)
    query = sa.select(sa.func.count()).select_from(asked).where(late)
    return int(tx.execute(query).scalar_one())


def oldest_overdue(
    tx: sa.Connection, workspace_id: str, kind: ClockKind, now: datetime, most: int | None, owner: str | None = None
) -> list[Mql]:
    """Return those MQLs, the oldest deadline first; None: all of them."""
    late = _overdue(workspace_id, kind, now, owner)
    query = sa.select(mql).join(clock, clock.c.mql_id == mql.c.id).where(late)
    return rows.many(tx, Mql, query.order_by(clock.c.due_at, mql.c.id).limit(most))


def _overdue(workspace_id: str, kind: ClockKind, now: datetime, owner: str | None) -> sa.ColumnElement[bool]:
    # What closes an MQL stops its clocks. Of one owner there are few, of everybody the first deadlines are asked for.
    late = sa.and_(clock.c.kind == kind, clock.c.stopped_at.is_(None), mqls.past_deadline(now))
    if owner is None:
        return sa.and_(clock.c.workspace_id == workspace_id, late)
    mine = sa.and_(mql.c.workspace_id == workspace_id, mql.c.owner == owner, mqls.is_open())
    return sa.and_(mine, rows.unsought(clock.c.workspace_id) == workspace_id, late)


def due_within(tx: sa.Connection, workspace_id: str, owner: str, span: Span, most: int) -> tuple[int, list[Mql]]:
    """Return a rep's MQLs with a clock whose deadline, the grace included, comes in the span: how many, and the
    first."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, mqls.is_open(), mql.c.owner == owner)
    runs = sa.and_(
        mine, clock.c.state == ClockState.RUNNING, clock.c.breach_at > span.start, clock.c.breach_at < span.end
    )
    joined = mql.join(clock, clock.c.mql_id == mql.c.id)
    count = int(tx.execute(sa.select(sa.func.count()).select_from(joined).where(runs)).scalar_one())
    query = sa.select(mql).select_from(joined).where(runs).order_by(clock.c.breach_at, mql.c.id)
    return count, rows.many(tx, Mql, query.limit(most))


def disposed_by_owner(tx: sa.Connection, workspace_id: str, owner: str, span: Span) -> dict[Status, int]:
    """Of the MQLs that a rep has: first outcomes of the span, by what the newest outcome says."""
    disposal = sa.and_(event.c.workspace_id == workspace_id, event.c.type == EventType.DISPOSED, span.holds(event.c.at))
    joined = event.join(mql, mql.c.id == event.c.mql_id)
    mine = sa.and_(disposal, span.holds(mql.c.disposed_at), mql.c.owner == owner, COUNTED)
    query = sa.select(mql.c.status, sa.func.count(mql.c.id.distinct())).select_from(joined).where(mine)
    return {Status(status): int(count) for status, count in tx.execute(query.group_by(mql.c.status))}


def given(tx: sa.Connection, workspace_id: str, owner: str, span: Span) -> int:
    """Return how often an MQL that counts was given to a rep in the span."""
    mine = sa.and_(event.c.workspace_id == workspace_id, event.c.type == EventType.ASSIGNED, span.holds(event.c.at))
    joined = event.join(mql, mql.c.id == event.c.mql_id)
    query = sa.select(sa.func.count()).select_from(joined).where(mine, event.c.after == owner, COUNTED)
    return int(tx.execute(query).scalar_one())


def answers(tx: sa.Connection, workspace_id: str, span: Span) -> list[Answer]:
    """Return the response clocks of the MQLs received in the span."""
    mine = came_in(workspace_id, span)
    columns = (clock.c.started_at, clock.c.stopped_at, clock.c.breached_at, clock.c.breach_at, clock.c.paused_at)
    query = sa.select(mql.c.received_at, *columns, clock.c.state)
    joined = query.join(clock, clock.c.mql_id == mql.c.id).where(mine, clock.c.kind == ClockKind.RESPONSE)
    return [Answer(*row[:6], met=row.state == ClockState.MET) for row in tx.execute(joined)]


def stages(tx: sa.Connection, workspace_id: str, span: Span, as_of: datetime) -> Stages:
    """Return how far the MQLs received in the span had come before a moment."""
    disposed = mql.c.disposed_at < as_of
    qualified = sa.and_(disposed, mql.c.status == Status.QUALIFIED)
    contacted = sa.or_(mql.c.contacted_at < as_of, qualified)
    taken = sa.or_(mql.c.accepted_at < as_of, contacted, disposed)
    won = sa.and_(qualified, mql.c.deal_result == DealResult.WON, mql.c.deal_result_at < as_of)
    counts = [sa.func.count(sa.case((so_far, 1))) for so_far in (taken, contacted, qualified, won)]
    mine = came_in(workspace_id, span)
    row = tx.execute(sa.select(sa.func.count(), *counts).select_from(mql).where(mine)).one()
    return Stages(*(int(count) for count in row))
