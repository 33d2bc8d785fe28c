"""When a deadline counts as missed: at its very moment, in the digest's figures and in the trend alike."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.mql import response
from bot.core.reports import trend, weekly
from storage import reports, workspaces
from storage.database import Database
from storage.models import clock
from storage.vocabulary import ClockKind, ClockState
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE, configure

MOMENT = timedelta(microseconds=1)
DEADLINE = NOW + timedelta(hours=24)
PAUSED: dict[str, Any] = {"state": ClockState.PAUSED}
CASES: dict[str, tuple[dict[str, Any], datetime, bool]] = {
    "before the deadline": ({}, DEADLINE - MOMENT, False),
    "at the deadline": ({}, DEADLINE, True),
    "paused before it": (PAUSED | {"paused_at": DEADLINE - MOMENT}, DEADLINE, False),
    "paused at it": (PAUSED | {"paused_at": DEADLINE}, DEADLINE, True),
    "breached later": ({"breached_at": DEADLINE + MOMENT}, DEADLINE, False),
    "breached at that moment": ({"breached_at": DEADLINE + MOMENT}, DEADLINE + MOMENT, True),
    "answered later, and no breach was written": (
        {"state": ClockState.MET, "stopped_at": DEADLINE + 2 * MOMENT, "next_check_at": None},
        DEADLINE + MOMENT,
        False,
    ),
    "breached, and the deadline has moved": (
        {"breached_at": NOW + MOMENT, "breach_at": DEADLINE + MOMENT},
        DEADLINE,
        True,
    ),
}


@pytest.fixture
def engine(database: Database) -> Engine:
    configure(database)
    engine = Engine(database)
    engine.agrees(escalations=(), feedback_days=1, feedback_escalation_days=1)
    return engine


def put(engine: Engine, kind: ClockKind, **columns: Any) -> None:
    """Let the clock of this kind, whose deadline is a day from now, look so."""
    with engine.database.transaction() as tx:
        values = {"breach_at": DEADLINE} | columns
        assert tx.execute(clock.update().where(clock.c.kind == kind).values(**values)).rowcount == 1


@pytest.mark.parametrize("case", CASES)
def test_a_first_response_is_due_from_its_deadline_on(engine: Engine, case: str) -> None:
    columns, moment, late = CASES[case]
    engine.receives()
    put(engine, ClockKind.RESPONSE, **columns)
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        assert weekly.weekly(tx, workspace, "2026-W47", moment).now.due == late
        assert trend.look_back(tx, workspace, "2026-W47", moment, weeks=1).points[0].due == late


@pytest.mark.parametrize("case", CASES)
def test_an_outcome_is_overdue_from_its_deadline_on(engine: Engine, case: str) -> None:
    columns, moment, late = CASES[case]
    mql_id = engine.receives()
    engine.does(response.accept, mql_id, "U1", now=NOW)
    put(engine, ClockKind.FEEDBACK, **columns)
    with engine.database.snapshot() as tx:
        assert reports.outcomes_overdue_at(tx, WORKSPACE, moment + MOMENT) == ({"U1": 1} if late else {})


def test_an_answer_counts_from_the_moment_at_which_it_was_given(engine: Engine) -> None:
    mql_id = engine.receives()
    engine.does(response.accept, mql_id, "U1", now=NOW + MOMENT)
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        for moment, given in ((NOW, 0), (NOW + MOMENT, 1)):
            (point,) = trend.look_back(tx, workspace, "2026-W47", moment, weeks=1).points
            figures = weekly.weekly(tx, workspace, "2026-W47", moment).now
            assert point.due == figures.due == given
            assert point.median == (MOMENT if given else None)
