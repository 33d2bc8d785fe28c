"""What the week's figures make of pauses, restarts, grace and cancelled clocks. On both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.mql import pauses, response
from bot.core.reports import weekly
from bot.core.reports.figures import WeeklyReport
from bot.core.routing import absences
from storage import reports, workspaces
from storage.database import Database
from storage.vocabulary import EventType
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE

pytestmark = pytest.mark.rules

HOUR = timedelta(hours=1)
STEP = ({"after_hours": 24, "to": "manager", "do": "reassign"},)


@pytest.fixture
def engine(office: Database) -> Engine:
    return Engine(office)


def week(engine: Engine, hours: float) -> WeeklyReport:
    """The figures of this week, so many hours after NOW, a Tuesday morning."""
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        return weekly.weekly(tx, workspace, "2026-W47", NOW + hours * HOUR)


def test_paused_time_is_nobodys_idle_time(engine: Engine) -> None:
    engine.agrees(escalations=())
    mql_id = engine.receives()
    engine.does(pauses.pause, mql_id, "U1", NOW + 20 * HOUR, "asked for a date", now=NOW + 4 * HOUR)
    engine.sweeps(NOW + 20 * HOUR)
    engine.sweeps(NOW + 41 * HOUR)
    (sato, _) = week(engine, 41).reps
    assert (sato.user_id, sato.breached, sato.idle) == ("U1", 1, 25 * HOUR)


def test_the_time_for_which_a_rep_was_away_is_off_duty(engine: Engine) -> None:
    engine.agrees(escalations=())
    engine.receives()
    with engine.database.transaction() as tx:
        absences.announce(tx, WORKSPACE, "U1", NOW + 4 * HOUR, NOW + 14 * HOUR)
    engine.sweeps(NOW + 24 * HOUR)
    (sato, _) = week(engine, 25).reps
    assert (sato.breached, sato.idle, sato.parts["off_duty"]) == (1, 15 * HOUR, 10 * HOUR)


def test_a_breach_counts_although_the_clock_began_anew_for_another(engine: Engine) -> None:
    engine.agrees(on_reassign="restart", escalations=STEP)
    mql_id = engine.receives()
    engine.sweeps(NOW + 24 * HOUR)
    before = week(engine, 30).now
    assert (before.due, before.in_time, before.breached) == (1, 0, 1)
    engine.does(response.accept, mql_id, "U2", now=NOW + 31 * HOUR)
    after = week(engine, 32)
    assert (after.now.due, after.now.in_time, after.now.breached) == (1, 0, 1)
    assert {rep.user_id: (rep.breached, rep.idle) for rep in after.reps} == {"U1": (1, 24 * HOUR), "U2": (0, 0 * HOUR)}


def test_an_answer_within_the_grace_counts_as_in_time(engine: Engine) -> None:
    engine.agrees(grace_minutes=30, escalations=())
    mql_id = engine.receives()
    assert week(engine, 24.4).now.due == 0
    engine.does(response.accept, mql_id, "U1", now=NOW + 24.4 * HOUR)
    assert (week(engine, 25).now.due, week(engine, 25).now.in_time, week(engine, 25).now.breached) == (1, 1, 0)


def test_a_clock_that_waits_is_not_due(engine: Engine) -> None:
    engine.agrees(escalations=(), feedback_days=1, feedback_escalation_days=1)
    waits, accepted = engine.receives(), engine.receives(company="Beta")
    engine.does(response.accept, accepted, "U2", now=NOW)
    for mql_id in (waits, accepted):
        engine.does(pauses.pause, mql_id, "U3", NOW + 90 * HOUR, "later", now=NOW + 4 * HOUR)
    report = week(engine, 60)
    assert (report.now.due, report.now.feedback_due) == (1, 0)
    assert [rep.debt for rep in report.reps] == [0, 0]


def test_a_breach_that_a_moved_deadline_undid_does_not_count(engine: Engine) -> None:
    engine.agrees(escalations=())
    mql_id = engine.receives()
    engine.sweeps(NOW + 25 * HOUR)
    engine.agrees(response_hours=40, escalations=())
    engine.moves(NOW + 26 * HOUR)
    assert week(engine, 27).now.breached == 0
    assert len(engine.log(mql_id, EventType.BREACHED)) == 1


def test_turns_of_more_mqls_than_a_statement_takes_are_all_found(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [engine.receives(email=f"{number}@acme.example") for number in range(5)]
    engine.does(response.reassign, ids[4], "U3", "U2", "load", now=NOW + HOUR)
    engine.does(pauses.pause, ids[4], "U2", NOW + 9 * HOUR, "asked for a date", now=NOW + 4 * HOUR)
    monkeypatch.setattr(reports, "AT_ONCE", 2)
    with engine.database.snapshot() as tx:
        logs = reports.clock_logs(tx, WORKSPACE, ids)
        assert reports.clock_logs(tx, "T2", ids) == {mql_id: [] for mql_id in ids}
    assert list(logs) == ids
    turns = [EventType.RECEIVED, EventType.ASSIGNED, EventType.ASSIGNED, EventType.PAUSED]
    assert [event.type for event in logs[ids[4]]] == turns
    assert all(logs.values())
