"""Reports that come round by the calendar: the digest, the monthly report, the self-check, the review meeting's agenda.

A periodic report is its kind, its times after a moment, and what is sent to whom. Each period is a row of `report_due`,
so that neither a restart nor a second worker loses or repeats one. This room is the lowest that knows both the rows
and the outbox; reports and the review meeting stand above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import NamedTuple

import sqlalchemy as sa

from storage import reports_due, workspaces
from storage.models import ReportDue, Workspace
from storage.vocabulary import ReportKind


class Occasion(NamedTuple):
    """One period's report and when it is due."""

    due_at: datetime
    period: str
    """2026-W47, 2026-10, 2026-Q4, 2026-11-17: what the report is about."""


class PassedOver(Enum):
    """What becomes of a scheduled period that another time, or another calendar, passes over."""

    SENT_NOW = auto()
    DROPPED = auto()
    KEPT = auto()
    """Its time stays: this report does not follow the settings."""


Times = Callable[[sa.Connection, Workspace, datetime], Iterator[Occasion]]
Send = Callable[[sa.Connection, Workspace, Occasion, datetime], None]


@dataclass(frozen=True)
class PeriodicReport:
    """A report that is made once for each period."""

    kind: ReportKind
    times: Times
    """The occasions after a moment, the next first; most are without end, some are none."""
    send: Send
    """Write the messages of an occasion to its readers."""
    passed_over: PassedOver

    def schedule(self, tx: sa.Connection, workspace: Workspace, now: datetime) -> None:
        """Schedule the next period. Safe to repeat, also after the settings that its times follow were changed."""
        forgotten = self._forget(tx, workspace, now)
        for occasion in self.times(tx, workspace, now):
            known = reports_due.find(tx, workspace.id, self.kind, occasion.period)
            if known is None or known.done_at is None:
                self._schedule(tx, workspace, occasion)
                for period in (period for period in forgotten if period < occasion.period):
                    self._schedule(tx, workspace, Occasion(now, period))
                return

    def send_due(self, tx: sa.Connection, row: ReportDue, now: datetime) -> None:
        """Send one report that is due, and schedule the next. After a long silence each missed period is noted, but
        only the newest is sent."""
        workspace = workspaces.locked(tx, row.workspace_id)
        if workspace is None or not reports_due.finish(tx, row, now):
            return
        newest = Occasion(row.due_at, row.period)
        for occasion in self.times(tx, workspace, row.due_at):
            if occasion.due_at > now:
                break
            newest = occasion
            self._schedule(tx, workspace, newest, done_at=now)
        self.send(tx, workspace, newest, now)
        self.schedule(tx, workspace, now)

    def _forget(self, tx: sa.Connection, workspace: Workspace, now: datetime) -> list[str]:
        """Drop what is scheduled for later; returns the periods that must not get lost by that."""
        if self.passed_over == PassedOver.KEPT:
            return []
        periods = reports_due.unschedule(tx, workspace.id, self.kind, now)
        return periods if self.passed_over == PassedOver.SENT_NOW else []

    def _schedule(
        self, tx: sa.Connection, workspace: Workspace, occasion: Occasion, done_at: datetime | None = None
    ) -> None:
        reports_due.schedule(tx, workspace.id, self.kind, occasion.period, occasion.due_at, done_at)
