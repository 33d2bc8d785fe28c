"""What a tick does with a row whose rule raises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
import sqlalchemy as sa

from bot import worker
from bot.slack.context import AppContext
from bot.worker import Job
from storage import workspaces
from storage.database import Database
from storage.due import Work
from storage.vocabulary import Locale, ReportKind

NOW = datetime(2026, 11, 17, 1, 0, tzinfo=UTC)


@dataclass
class Context:
    """As much of an AppContext as a job needs."""

    database: Database


@pytest.fixture
def context(database: Database) -> AppContext:
    return cast("AppContext", Context(database))


def _act(tx: sa.Connection, row: str, now: datetime) -> int:
    words = {"name": row, "locale": Locale.JA, "timezone": "UTC", "mql_channel": "C1"}
    workspaces.save(tx, row, now, **words, digest_weekday=0, digest_time="09:00")
    if row == "broken":
        raise ValueError(row)
    return 1


def _known(database: Database) -> set[str]:
    with database.snapshot() as tx:
        return {workspace.id for workspace in workspaces.every(tx)}


def test_a_broken_row_is_pushed_on_an_hour_and_the_others_are_done(context: AppContext) -> None:
    postponed: list[tuple[str, datetime]] = []
    job: Job[str] = Job(
        "row_broken", _act, lambda row: {"row": row}, lambda tx, row, until: postponed.append((row, until))
    )
    assert worker.work_off(context, job, ["first", "broken", "last"], NOW) == 2
    assert postponed == [("broken", NOW + timedelta(hours=1))]
    assert _known(context.database) == {"first", "last"}


def test_a_broken_row_that_is_found_again_anyway_keeps_nobody_waiting(context: AppContext) -> None:
    job: Job[str] = Job("row_broken", _act, lambda row: {"row": row})
    assert worker.work_off(context, job, ["broken", "last"], NOW) == 1
    assert _known(context.database) == {"last"}


def test_every_kind_of_work_is_done() -> None:
    assert [work for work, _ in worker.STEPS] == list(Work)


def test_what_one_step_makes_due_another_does_in_the_same_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    due, done = {Work.ABSENCES}, list[Work]()

    def come_back(_: AppContext) -> int:
        due.symmetric_difference_update({Work.ABSENCES, Work.WAITING})
        done.append(Work.ABSENCES)
        return 1

    def assign(_: AppContext) -> int:
        done.append(Work.WAITING)
        return 1

    monkeypatch.setattr(worker, "_due", lambda _: frozenset(due))
    monkeypatch.setattr(worker, "STEPS", ((Work.ABSENCES, come_back), (Work.CLOCKS, assign), (Work.WAITING, assign)))
    quiet = SimpleNamespace(wake=lambda: None, heartbeat=SimpleNamespace(beat=lambda: None))
    assert worker.tick(cast("AppContext", quiet)) == 2
    assert done == [Work.ABSENCES, Work.WAITING]


def test_every_periodic_report_has_a_sender() -> None:
    assert set(worker.PERIODIC) == set(ReportKind)
