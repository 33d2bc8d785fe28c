"""The report of a week, counted once for all who get its digest one after the other."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

import sqlalchemy as sa

from bot.core.reports import weekly
from bot.core.reports.figures import WeeklyReport
from storage import homes
from storage.models import Workspace

KEPT_FOR = timedelta(minutes=1)
"""What `homes.state_of` does not see is seen so late at most, as in the App Home."""


class _Counted(NamedTuple):
    """A report, what it was counted from, and when."""

    of: tuple[str, Workspace, str]
    at: datetime
    report: WeeklyReport


class KeptWeek:
    """Keeps the newest report. A digest and its thread need it once for each reader, and to count it takes longer than
    all else that is done to send them."""

    def __init__(self) -> None:
        self._counting = Lock()
        self._newest: _Counted | None = None

    def report(self, tx: sa.Connection, workspace: Workspace, period: str, now: datetime) -> WeeklyReport:
        """Return the figures of a week: those of the last reader, where nothing has changed since and that is less than
        KEPT_FOR ago. Raises ValueError if `period` is no ISO week."""
        with self._counting:  # whoever comes meanwhile waits for what they need too
            of, known = (period, workspace, homes.state_of(tx, workspace.id)), self._newest
            if known is not None and known.of == of and timedelta(0) <= now - known.at < KEPT_FOR:
                return known.report
            self._newest = _Counted(of, now, weekly.weekly(tx, workspace, period, now))
            return self._newest.report
