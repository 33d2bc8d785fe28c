"""What is due now and next, of clocks, absences, reports, actions and the queue together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from storage import rows
from storage.models import absence, action_item, clock, report_due, unreadable


def next_after(tx: sa.Connection, workspace_id: str, moment: datetime) -> datetime | None:
    """Return the first moment after this one at which a clock is checked, an absence begins or ends, a report is made
    or somebody is told of an action or of an entry of the queue; None where nothing waits."""
    return _first(tx, workspace_id, lambda when: when > moment)


def oldest_due(tx: sa.Connection, workspace_id: str, now: datetime) -> datetime | None:
    """Since when the clock, absence, report, action or entry waits that should have been looked at first; None where
    nothing is due."""
    return _first(tx, workspace_id, lambda when: when <= now)


def _first(
    tx: sa.Connection, workspace_id: str, asked: Callable[[sa.Column[datetime]], sa.ColumnElement[bool]]
) -> datetime | None:
    checked, made, remind = clock.c.next_check_at, report_due.c.due_at, action_item.c.remind_at
    queued = unreadable.c.check_at
    queries = (
        sa.select(sa.func.min(checked)).where(clock.c.workspace_id == workspace_id, asked(checked)),
        sa.select(sa.func.min(absence.c.next_at)).where(
            rows.unsought(absence.c.workspace_id) == workspace_id, asked(absence.c.next_at)
        ),
        sa.select(sa.func.min(made)).where(
            report_due.c.workspace_id == workspace_id, report_due.c.done_at.is_(None), asked(made)
        ),
        sa.select(sa.func.min(remind)).where(action_item.c.workspace_id == workspace_id, asked(remind)),
        sa.select(sa.func.min(queued)).where(rows.unsought(unreadable.c.workspace_id) == workspace_id, asked(queued)),
    )
    moments = [tx.execute(query).scalar() for query in queries]
    return min((moment_due for moment_due in moments if moment_due is not None), default=None)
