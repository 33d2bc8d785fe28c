"""When the reminder of the self-check is due, and of which quarter it speaks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.core.reports import checkup
from storage import reports_due, workspaces
from storage.database import Database
from tests.workspace import WORKSPACE, configure


@pytest.mark.parametrize(
    ("now", "period", "due_at"),
    [
        # The digest goes out on Mondays at 09:00 in Tokyo, which is 00:00 UTC.
        (datetime(2026, 12, 31, 14, 59, tzinfo=UTC), "2027-Q1", datetime(2027, 1, 4, tzinfo=UTC)),
        (datetime(2026, 12, 31, 15, 0, tzinfo=UTC), "2027-Q2", datetime(2027, 4, 5, tzinfo=UTC)),
        (datetime(2026, 6, 30, 14, 59, tzinfo=UTC), "2026-Q3", datetime(2026, 7, 6, tzinfo=UTC)),
        (datetime(2026, 9, 30, 14, 59, tzinfo=UTC), "2026-Q4", datetime(2026, 10, 5, tzinfo=UTC)),
    ],
)
def test_the_reminder_comes_with_the_first_digest_of_the_next_quarter(
    database: Database, now: datetime, period: str, due_at: datetime
) -> None:
    configure(database)
    with database.transaction() as tx:
        workspace = workspaces.locked(tx, WORKSPACE)
        assert workspace is not None
        checkup.REMINDER.schedule(tx, workspace, now)
        planned = reports_due.due(tx, due_at)
    assert [(report.period, report.due_at) for report in planned] == [(period, due_at)]
