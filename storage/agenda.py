"""What is due now and next, of clocks and reports together."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from storage.models import clock, report_due


def next_after(tx: sa.Connection, workspace_id: str, moment: datetime) -> datetime | None:
    """The first moment after this one at which a clock is checked or a report is made; None where nothing waits."""
    checked = sa.select(sa.func.min(clock.c.next_check_at)).where(
        clock.c.workspace_id == workspace_id, clock.c.next_check_at > moment
    )
    made = sa.select(sa.func.min(report_due.c.due_at)).where(
        report_due.c.workspace_id == workspace_id, report_due.c.done_at.is_(None), report_due.c.due_at > moment
    )
    found = [tx.execute(query).scalar() for query in (checked, made)]
    return min((one for one in found if one is not None), default=None)


def oldest_due(tx: sa.Connection, workspace_id: str, now: datetime) -> datetime | None:
    """Since when the clock or report waits that should have been looked at first; None where nothing is due."""
    checked = sa.select(sa.func.min(clock.c.next_check_at)).where(
        clock.c.workspace_id == workspace_id, clock.c.next_check_at <= now
    )
    made = sa.select(sa.func.min(report_due.c.due_at)).where(
        report_due.c.workspace_id == workspace_id, report_due.c.done_at.is_(None), report_due.c.due_at <= now
    )
    found = [tx.execute(query).scalar() for query in (checked, made)]
    return min((one for one in found if one is not None), default=None)
