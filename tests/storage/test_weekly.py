"""The questions of the digest and of a plan find what they want by an index, however many MQLs there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from storage import kpi_targets, reports, weekly
from storage.database import Database
from storage.reports import Span
from storage.vocabulary import ClockKind
from tests.workspace import NOW, WORKSPACE

WEEK = Span(NOW - timedelta(days=2), NOW + timedelta(days=5))
LATER = NOW + timedelta(days=6)
ASKED: dict[str, Callable[[sa.Connection], Any]] = {
    "count_overdue": lambda tx: weekly.count_overdue(tx, WORKSPACE, ClockKind.RESPONSE, LATER),
    "oldest_overdue": lambda tx: weekly.oldest_overdue(tx, WORKSPACE, ClockKind.FEEDBACK, LATER, 10, "U1"),
    "due_within": lambda tx: weekly.due_within(tx, WORKSPACE, "U1", WEEK, 5),
    "in_time": lambda tx: reports.in_time(tx, WORKSPACE, WEEK, LATER),
    "in_time of one": lambda tx: reports.in_time(tx, WORKSPACE, WEEK, LATER, "U1"),
    "disposed_by_owner": lambda tx: weekly.disposed_by_owner(tx, WORKSPACE, "U1", WEEK),
    "given": lambda tx: weekly.given(tx, WORKSPACE, "U1", WEEK),
    "responses_breached": lambda tx: reports.responses_breached(tx, WORKSPACE, WEEK),
    "responses_breached of one": lambda tx: reports.responses_breached(tx, WORKSPACE, WEEK, "U1"),
    "answered_late": lambda tx: reports.answered_late(tx, WORKSPACE, WEEK),
    "restarted": lambda tx: reports.restarted(tx, WORKSPACE, WEEK, LATER),
    "answers": lambda tx: weekly.answers(tx, WORKSPACE, WEEK),
    "answers counted": lambda tx: reports.answers(tx, WORKSPACE, WEEK, LATER),
    "disposed": lambda tx: reports.disposed(tx, WORKSPACE, WEEK),
    "outcomes_overdue_at": lambda tx: reports.outcomes_overdue_at(tx, WORKSPACE, LATER),
    "breaches": lambda tx: reports.breaches(tx, WORKSPACE, ClockKind.RESPONSE, WEEK),
    "answered": lambda tx: kpi_targets.answered(tx, WORKSPACE, WEEK, WEEK.start, timedelta(days=1)),
    "qualified": lambda tx: kpi_targets.qualified(tx, WORKSPACE, WEEK),
    "won_of": lambda tx: kpi_targets.won_of(tx, WORKSPACE, WEEK),
    "stages": lambda tx: weekly.stages(tx, WORKSPACE, WEEK, LATER),
}


@contextmanager
def plans(database: Database) -> Iterator[list[str]]:
    """How SQLite answers each question meanwhile."""
    steps: list[str] = []

    def explain(connection: Any, _: Any, statement: str, parameters: Any, *__: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            cursor = connection.connection.cursor()
            steps.extend(row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))
            cursor.close()

    sa.event.listen(database.engine, "before_cursor_execute", explain)
    yield steps
    sa.event.remove(database.engine, "before_cursor_execute", explain)


@pytest.mark.parametrize("name", ASKED)
def test_no_question_reads_a_whole_table(database: Database, name: str) -> None:
    with plans(database) as steps, database.snapshot() as tx:
        ASKED[name](tx)
    assert steps
    assert [step for step in steps if _reads_all(step)] == []


OPEN_CLOCKS = "SEARCH clock USING INDEX ix_clock_open (workspace_id=?)"
"""Those that are not stopped, of which there are few: each of them may be overdue."""


def _reads_all(step: str) -> bool:
    """Of a table, or of a workspace, which mostly is all that there is; or of what was found, for each row again."""
    scans = step.startswith("SCAN") and ("anon_" not in step or "JOIN" in step)
    return scans or ("(workspace_id=?)" in step and step != OPEN_CLOCKS)
