"""What the reports count, and which reports are due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage import rows
from storage.models import Clock, Event, Mql, ReportDue, clock, event, feedback, mql, report_due
from storage.vocabulary import ClockKind, EventType, Evidence, ReportKind, Status

# Withdrawn: a test, a mistake, or nobody's business any more.
COUNTED = mql.c.status != Status.WITHDRAWN


@dataclass(frozen=True)
class Span:
    """From `start` (in) to `end` (out)."""

    start: datetime
    end: datetime

    def holds(self, column: sa.Column[datetime]) -> sa.ColumnElement[bool]:
        """The condition that a column lies in the span."""
        return sa.and_(column >= self.start, column < self.end)


def received(tx: sa.Connection, workspace_id: str, span: Span) -> list[Mql]:
    """MQLs received in the span, but for those that were withdrawn."""
    query = sa.select(mql).where(mql.c.workspace_id == workspace_id, span.holds(mql.c.received_at), COUNTED)
    return rows.many(tx, Mql, query.order_by(mql.c.id))


def withdrawn(tx: sa.Connection, workspace_id: str, span: Span) -> int:
    """How many MQLs received in the span were withdrawn."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, mql.c.status == Status.WITHDRAWN, span.holds(mql.c.received_at))
    return tx.execute(sa.select(sa.func.count()).select_from(mql).where(mine)).scalar_one()


def proven(tx: sa.Connection, workspace_id: str, mql_ids: list[int], moment: datetime) -> set[int]:
    """Of these MQLs those whose contact was proven by a moment: told by more than a press of the button."""
    told = event.c.data["evidence"].as_string()
    query = sa.select(event.c.mql_id).where(
        event.c.workspace_id == workspace_id,
        event.c.mql_id.in_(mql_ids),
        event.c.type.in_((EventType.CONTACTED, EventType.EVIDENCE)),
        event.c.at <= moment,
        event.c.after.is_not(None),  # without: recorded, and no contact of this MQL
        told != Evidence.BUTTON,
    )
    return set(tx.execute(query).scalars())


def disposed(tx: sa.Connection, workspace_id: str, span: Span) -> list[tuple[Mql, str | None]]:
    """MQLs first disposed in the span, with the lost reason of the feedback that counts: the newest. One that was
    reopened and then withdrawn has feedback, but no outcome."""
    newest = (
        sa.select(feedback.c.mql_id, sa.func.max(feedback.c.id).label("id"))
        .where(feedback.c.workspace_id == workspace_id)
        .group_by(feedback.c.mql_id)
        .subquery()
    )
    query = (
        sa.select(mql, feedback.c.lost_reason)
        .join(newest, newest.c.mql_id == mql.c.id)
        .join(feedback, feedback.c.id == newest.c.id)
        .where(mql.c.workspace_id == workspace_id, span.holds(mql.c.disposed_at), COUNTED)
        .order_by(mql.c.id)
    )
    return [(Mql.model_construct(**row._mapping), row.lost_reason) for row in tx.execute(query)]


def clocks_of(tx: sa.Connection, workspace_id: str, kind: ClockKind, span: Span) -> list[Clock]:
    """Clocks of the MQLs received in the span, but for those that were withdrawn."""
    mine = sa.and_(clock.c.workspace_id == workspace_id, clock.c.kind == kind, COUNTED)
    query = sa.select(clock).join(mql, mql.c.id == clock.c.mql_id).where(mine, span.holds(mql.c.received_at))
    return rows.many(tx, Clock, query)


def breaches(tx: sa.Connection, workspace_id: str, kind: ClockKind, span: Span) -> list[Clock]:
    """Clocks that were breached in the span, first of all if more than once."""
    mine = sa.and_(clock.c.workspace_id == workspace_id, clock.c.kind == kind, COUNTED)
    query = sa.select(clock).join(mql, mql.c.id == clock.c.mql_id).where(mine, span.holds(clock.c.breached_at))
    return rows.many(tx, Clock, query)


def overdue_at(tx: sa.Connection, workspace_id: str, kind: ClockKind, moment: datetime) -> list[tuple[Clock, str]]:
    """Clocks that were past their deadline and unanswered at a moment, with the MQL's present owner. One that was
    paused before its deadline is not; a breach on record counts wherever the deadline has moved since."""
    unanswered = sa.or_(clock.c.stopped_at.is_(None), clock.c.stopped_at > moment)
    ran = sa.or_(clock.c.paused_at.is_(None), clock.c.paused_at >= clock.c.breach_at)
    unseen = sa.and_(clock.c.breached_at.is_(None), clock.c.breach_at <= moment, ran)
    late = sa.or_(clock.c.breached_at <= moment, unseen)
    mine = sa.and_(clock.c.workspace_id == workspace_id, clock.c.kind == kind, unanswered, late, COUNTED)
    query = sa.select(clock, mql.c.owner).join(mql, mql.c.id == clock.c.mql_id).where(mine)
    return [(Clock.model_construct(**row._mapping), row.owner or "") for row in tx.execute(query)]


def events(tx: sa.Connection, workspace_id: str, span: Span, *kinds: EventType) -> list[Event]:
    """Events of these types whose true time lies in the span, of MQLs that count."""
    mine = sa.and_(event.c.workspace_id == workspace_id, event.c.type.in_(kinds), span.holds(event.c.at), COUNTED)
    query = sa.select(event).join(mql, mql.c.id == event.c.mql_id).where(mine)
    return rows.many(tx, Event, query.order_by(event.c.id))


def turns(tx: sa.Connection, workspace_id: str, mql_ids: list[int]) -> dict[int, list[Event]]:
    """For each MQL the events after which its time is spent on something else: another owner, a pause. In order."""
    kinds = (EventType.ASSIGNED, EventType.UNASSIGNED, EventType.PAUSED, EventType.RESUMED)
    query = sa.select(event).where(
        event.c.workspace_id == workspace_id, event.c.mql_id.in_(mql_ids), event.c.type.in_(kinds)
    )
    found: dict[int, list[Event]] = {mql_id: [] for mql_id in mql_ids}
    for change in rows.many(tx, Event, query.order_by(event.c.id)):
        found[change.mql_id].append(change)
    return found


def due(tx: sa.Connection, now: datetime) -> list[ReportDue]:
    """Reports of any workspace whose time has come, oldest first."""
    query = sa.select(report_due).where(report_due.c.done_at.is_(None), report_due.c.due_at <= now)
    return rows.many(tx, ReportDue, query.order_by(report_due.c.due_at))


def find(tx: sa.Connection, workspace_id: str, kind: ReportKind, period: str) -> ReportDue | None:
    """The report of one period."""
    return rows.one(tx, ReportDue, sa.select(report_due).where(_is(workspace_id, kind, period)))


def last_made(tx: sa.Connection, workspace_id: str, kind: ReportKind) -> ReportDue | None:
    """The newest period's report that was made."""
    mine = sa.and_(report_due.c.workspace_id == workspace_id, report_due.c.kind == kind)
    query = sa.select(report_due).where(mine, report_due.c.done_at.is_not(None))
    return rows.one(tx, ReportDue, query.order_by(report_due.c.period.desc()).limit(1))


def plan(
    tx: sa.Connection, workspace_id: str, kind: ReportKind, period: str, due_at: datetime, done_at: datetime | None
) -> None:
    """Plan a period's report, or move one that has not been made yet."""
    values = {"workspace_id": workspace_id, "kind": kind, "period": period, "due_at": due_at, "done_at": done_at}
    if not rows.insert_once(tx, report_due, **values):
        waiting = sa.and_(_is(workspace_id, kind, period), report_due.c.done_at.is_(None))
        tx.execute(report_due.update().where(waiting).values(due_at=due_at, done_at=done_at))


def forget_plans(tx: sa.Connection, workspace_id: str, kind: ReportKind, after: datetime) -> list[str]:
    """Drop planned reports that are not due yet, before they are planned at another time. Returns their periods."""
    mine = sa.and_(report_due.c.workspace_id == workspace_id, report_due.c.kind == kind)
    waiting = sa.and_(mine, report_due.c.done_at.is_(None), report_due.c.due_at > after)
    return list(tx.execute(report_due.delete().where(waiting).returning(report_due.c.period)).scalars())


def postpone(tx: sa.Connection, report: ReportDue, until: datetime) -> None:
    """Look at a report again later."""
    tx.execute(report_due.update().where(_waits(report)).values(due_at=until))


def finish(tx: sa.Connection, report: ReportDue, now: datetime) -> bool:
    """Mark a report as made. False: another worker was here first."""
    return tx.execute(report_due.update().where(_waits(report)).values(done_at=now)).rowcount == 1


def _is(workspace_id: str, kind: ReportKind, period: str) -> sa.ColumnElement[bool]:
    mine = sa.and_(report_due.c.workspace_id == workspace_id, report_due.c.kind == kind)
    return sa.and_(mine, report_due.c.period == period)


def _waits(report: ReportDue) -> sa.ColumnElement[bool]:
    mine = sa.and_(report_due.c.workspace_id == report.workspace_id, report_due.c.id == report.id)
    return sa.and_(mine, report_due.c.done_at.is_(None))
