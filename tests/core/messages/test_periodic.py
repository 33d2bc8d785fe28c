"""A report for each period: planned ahead, made once, and after a silence only the newest is sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.core.messages.periodic import Occasion, PassedOver, PeriodicReport
from storage import reports_due, rows, workspaces
from storage.database import Database
from storage.models import ReportDue, Workspace, report_due
from storage.vocabulary import ReportKind
from tests.workspace import NOW, WORKSPACE

pytestmark = pytest.mark.rules

DAY, A_MOMENT = timedelta(days=1), timedelta(microseconds=1)


class Daily:
    """A report at one hour of each day, about the day before; the hour is a setting."""

    def __init__(self, database: Database, passed_over: PassedOver = PassedOver.SENT_NOW, hour: int = 9) -> None:
        self.database, self.hour, self.sent = database, hour, list[Occasion]()
        self.report = PeriodicReport(ReportKind.WEEKLY, self._times, self._send, passed_over)

    def _times(self, _: sa.Connection, workspace: Workspace, after: datetime) -> Iterator[Occasion]:
        assert workspace.id == WORKSPACE
        day = after.replace(hour=self.hour, minute=0, second=0, microsecond=0)
        while True:
            if day > after:
                yield Occasion(day, f"{day - DAY:%Y-%m-%d}")
            day += DAY

    def _send(self, tx: sa.Connection, workspace: Workspace, occasion: Occasion, now: datetime) -> None:
        self.sent.append(occasion)

    def schedule(self, now: datetime) -> None:
        with self.database.transaction() as tx:
            workspace = workspaces.locked(tx, WORKSPACE)
            assert workspace is not None
            self.report.schedule(tx, workspace, now)

    def due(self, now: datetime) -> list[ReportDue]:
        with self.database.snapshot() as tx:
            return reports_due.due(tx, now)

    def tick(self, now: datetime, due: list[ReportDue] | None = None) -> None:
        for row in self.due(now) if due is None else due:
            with self.database.transaction() as tx:
                self.report.send_due(tx, row, now)

    def planned(self) -> dict[str, tuple[datetime, bool]]:
        with self.database.snapshot() as tx:
            plans = rows.many(tx, ReportDue, sa.select(report_due))
        return {row.period: (row.due_at, row.done_at is not None) for row in plans}


@pytest.fixture
def daily(office: Database) -> Daily:
    return Daily(office)


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def test_the_next_period_is_planned_once(daily: Daily) -> None:
    for _ in range(2):
        daily.schedule(NOW)
    assert daily.planned() == {"2026-11-16": (at(17), False)}


def test_it_is_due_at_its_very_moment_and_not_before(daily: Daily) -> None:
    daily.schedule(NOW)
    assert daily.due(at(17) - A_MOMENT) == []
    daily.tick(at(17))
    assert daily.sent == [Occasion(at(17), "2026-11-16")]
    assert daily.planned() == {"2026-11-16": (at(17), True), "2026-11-17": (at(18), False)}


def test_after_a_silence_only_the_newest_is_sent_and_the_others_are_noted(daily: Daily) -> None:
    daily.schedule(NOW)
    daily.tick(at(20) - A_MOMENT)
    assert daily.sent == [Occasion(at(19), "2026-11-18")]
    assert [period for period, (_, done) in daily.planned().items() if done] == [
        "2026-11-16",
        "2026-11-17",
        "2026-11-18",
    ]


def test_a_period_that_is_due_at_this_very_moment_is_the_newest(daily: Daily) -> None:
    daily.schedule(NOW)
    daily.tick(at(20))
    assert daily.sent == [Occasion(at(20), "2026-11-19")]
    assert daily.planned()["2026-11-20"] == (at(21), False)


def test_two_workers_send_it_once(daily: Daily) -> None:
    daily.schedule(NOW)
    due = daily.due(at(17))
    daily.tick(at(17), due)
    daily.tick(at(17), due)
    assert len(daily.sent) == 1


def test_what_was_made_is_not_planned_again(daily: Daily) -> None:
    daily.schedule(NOW)
    daily.tick(at(17))
    daily.schedule(NOW)  # the machine's clock was set back
    assert daily.planned() == {"2026-11-16": (at(17), True), "2026-11-17": (at(18), False)}


@pytest.mark.parametrize(
    ("passed_over", "planned"),
    [
        (PassedOver.SENT_NOW, {"2026-11-16": (at(17, 5), False), "2026-11-17": (at(18, 3), False)}),
        (PassedOver.DROPPED, {"2026-11-17": (at(18, 3), False)}),
        (PassedOver.KEPT, {"2026-11-16": (at(17), False), "2026-11-17": (at(18, 3), False)}),
    ],
)
def test_a_period_that_another_time_passes_over_is_sent_now_dropped_or_kept(
    office: Database, passed_over: PassedOver, planned: dict[str, tuple[datetime, bool]]
) -> None:
    daily = Daily(office, passed_over)
    daily.schedule(NOW)
    daily.hour = 3
    daily.schedule(at(17, 5))
    assert daily.planned() == planned


def test_a_period_that_is_due_already_stays_due(daily: Daily) -> None:
    daily.schedule(NOW)
    daily.schedule(at(17))
    assert daily.planned() == {"2026-11-16": (at(17), False), "2026-11-17": (at(18), False)}
