"""Which reports are due: a row for each period, made once."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from storage import rows
from storage.due import CONDITIONS, Work
from storage.models import ReportDue, report_due
from storage.vocabulary import ReportKind


def due(tx: sa.Connection, now: datetime) -> list[ReportDue]:
    """Return the reports of any workspace whose time has come, oldest first."""
    query = sa.select(report_due).where(*CONDITIONS[Work.REPORTS]).order_by(report_due.c.due_at)
    return rows.many(tx, ReportDue, query, {"now": now})


def find(tx: sa.Connection, workspace_id: str, kind: ReportKind, period: str) -> ReportDue | None:
    """Return the report of one period."""
    return rows.one(tx, ReportDue, sa.select(report_due).where(_is(workspace_id, kind, period)))


def next_due(tx: sa.Connection, workspace_id: str, kind: ReportKind, after: datetime) -> datetime | None:
    """Return when the next report of a kind is due after a moment; None where none is scheduled."""
    waiting = sa.and_(report_due.c.workspace_id == workspace_id, report_due.c.kind == kind)
    query = sa.select(sa.func.min(report_due.c.due_at)).where(waiting, report_due.c.done_at.is_(None))
    return tx.execute(query.where(report_due.c.due_at > after)).scalar()


def last_made(tx: sa.Connection, workspace_id: str, kind: ReportKind) -> ReportDue | None:
    """Return the report of the newest period that was made."""
    mine = sa.and_(report_due.c.workspace_id == workspace_id, report_due.c.kind == kind)
    query = sa.select(report_due).where(mine, report_due.c.done_at.is_not(None))
    return rows.one(tx, ReportDue, query.order_by(report_due.c.period.desc()).limit(1))


def schedule(
    tx: sa.Connection, workspace_id: str, kind: ReportKind, period: str, due_at: datetime, done_at: datetime | None
) -> None:
    """Schedule a period's report, or move one that has not been made yet."""
    values = {"workspace_id": workspace_id, "kind": kind, "period": period, "due_at": due_at, "done_at": done_at}
    if not rows.insert_once(tx, report_due, **values):
        waiting = sa.and_(_is(workspace_id, kind, period), report_due.c.done_at.is_(None))
        tx.execute(report_due.update().where(waiting).values(due_at=due_at, done_at=done_at))


def unschedule(tx: sa.Connection, workspace_id: str, kind: ReportKind, after: datetime) -> list[str]:
    """Drop reports that are not due yet, before they are scheduled at another time. Returns their periods."""
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
