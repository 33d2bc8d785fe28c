"""The report of a week for several readers: counted once while nothing changes, and anew as soon as something does."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.core.mql import response
from bot.core.reports import weekly
from bot.core.reports.figures import WeeklyReport
from bot.slack.messages.kept_week import KEPT_FOR, KeptWeek
from storage import mqls, workspaces
from storage.database import Database
from tests.workspace import NOW, WORKSPACE, configure, receive

THIS_WEEK, THE_ONE_BEFORE = "2026-W47", "2026-W46"
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The weeks that are counted, one after the other."""
    weeks: list[str] = []
    real = weekly.weekly

    def count(*given: object) -> WeeklyReport:
        weeks.append(str(given[2]))
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(weekly, "weekly", count)
    return weeks


def test_it_is_counted_once_for_all_readers_and_anew_when_anything_changes(
    database: Database, counted: list[str]
) -> None:
    configure(database)
    mql_id, kept = receive(database), KeptWeek()

    def read(now: datetime = NOW, period: str = THIS_WEEK) -> WeeklyReport:
        with database.snapshot() as tx:
            workspace = workspaces.get(tx, WORKSPACE)
            assert workspace is not None
            return kept.report(tx, workspace, period, now)

    assert read() is read() is read(NOW + KEPT_FOR - MOMENT)
    assert counted == [THIS_WEEK]
    read(NOW + KEPT_FOR)
    assert counted == [THIS_WEEK] * 2
    read(NOW)  # somebody has set the clock back
    assert counted == [THIS_WEEK] * 3
    read(period=THE_ONE_BEFORE)
    assert counted == [*[THIS_WEEK] * 3, THE_ONE_BEFORE]
    assert read().now.received == 1
    with database.transaction() as tx:
        subject = mqls.get(tx, WORKSPACE, mql_id)
        assert subject is not None
        response.accept(tx, WORKSPACE, mql_id, subject.owner or "", NOW)
    assert read().now.responded == 1
    with database.transaction() as tx:
        workspaces.save(tx, WORKSPACE, NOW, goals={"answered_in_time": 90})
    before = len(counted)
    read()
    assert len(counted) == before + 1
