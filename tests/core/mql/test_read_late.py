"""A lead that was read later than it came: its time counts from when it came; what passed until then is nobody's."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.core.health import checks
from bot.core.mql import intake, response, withdrawal
from bot.core.mql.lead import Lead
from bot.core.reports import weekly
from bot.core.sla.time_breakdown import Part
from bot.core.views import mql as views
from storage import workspaces
from storage.database import Database
from storage.vocabulary import ClockKind, ClockState, EventType, MessageKind, Source
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE

pytestmark = pytest.mark.rules

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
READ = NOW + 5 * HOUR


@pytest.fixture
def engine(office: Database) -> Engine:
    return Engine(office)


def step(after_hours: float, to: str = "manager", **more: object) -> dict[str, object]:
    return {"after_hours": after_hours, "to": to, **more}


def read(engine: Engine, **lead: object) -> int:
    """A lead that came at NOW is read five hours later."""
    return engine.receives(at=READ, sent_at=NOW, **lead)


def test_the_deadline_counts_from_when_the_lead_came(engine: Engine) -> None:
    engine.agrees(response_hours=8, escalations=())
    mql_id = read(engine)
    mql, clock = engine.mql(mql_id), engine.clock(mql_id)
    assert (mql.received_at, mql.read_at) == (NOW, READ)
    assert (clock.started_at, clock.due_at) == (NOW, NOW + 8 * HOUR)
    (received,) = engine.log(mql_id, EventType.RECEIVED)
    assert (received.at, received.recorded_at) == (NOW, READ)


def test_what_lies_ahead_or_is_not_known_counts_from_now(engine: Engine) -> None:
    engine.agrees(response_hours=8, escalations=())
    for company, sent_at in (("Ahead", READ + HOUR), ("Unknown", None)):
        mql = engine.mql(engine.receives(at=READ, company=company, sent_at=sent_at))
        assert (mql.received_at, mql.read_at) == (READ, READ)


def test_a_breach_before_it_was_read_keeps_its_time_and_has_no_owner(engine: Engine) -> None:
    engine.agrees(response_hours=1, reminders=(0.5,), escalations=(step(1), step(2, "head", in_thread=True)))
    mql_id = read(engine)
    (breach,) = engine.log(mql_id, EventType.BREACHED)
    assert (breach.at, breach.recorded_at, breach.before) == (NOW + HOUR, READ, None)
    assert engine.clock(mql_id).breached_at == NOW + HOUR
    engine.sweeps(READ)
    assert [event.at for event in engine.log(mql_id, EventType.ESCALATED)] == [NOW + HOUR, NOW + 2 * HOUR]
    assert engine.log(mql_id, EventType.REMINDED) == []
    # The highest alone is announced, once to the manager who is the head too.
    assert engine.told(mql_id, MessageKind.ESCALATION) == ["U3"]
    assert engine.told(mql_id, MessageKind.REMINDER) == []
    assert len(engine.log(mql_id, EventType.BREACHED)) == 1


def test_what_a_late_reading_leaves_to_the_tick_has_not_waited_for_it_before(engine: Engine) -> None:
    engine.agrees(response_hours=1, escalations=(step(1),))
    read(engine)
    with engine.database.snapshot() as tx:
        assert checks.due(tx, WORKSPACE, READ + MINUTE / 2).ok
        assert not checks.due(tx, WORKSPACE, READ + HOUR).ok


@pytest.mark.sql
def test_a_reminder_that_came_before_it_was_read_is_passed_over_and_the_next_one_comes(engine: Engine) -> None:
    engine.agrees(response_hours=10, reminders=(0.4, 0.8), escalations=())
    mql_id = read(engine)
    engine.sweeps(READ)
    assert engine.log(mql_id, EventType.REMINDED) == []
    engine.sweeps(NOW + 8 * HOUR)
    assert [event.at for event in engine.log(mql_id, EventType.REMINDED)] == [NOW + 8 * HOUR]


def test_nobody_loses_it_by_a_step_that_came_before_it_was_read(engine: Engine) -> None:
    engine.agrees(response_hours=1, escalations=(step(2, do="reassign"), step(6, do="reassign")))
    mql_id = read(engine)
    owner = engine.mql(mql_id).owner
    engine.sweeps(READ)
    assert engine.mql(mql_id).owner == owner
    engine.sweeps(NOW + 6 * HOUR)
    assert engine.mql(mql_id).owner not in (None, owner)


def test_what_is_answered_after_it_was_read_is_late_if_the_deadline_had_passed(engine: Engine) -> None:
    engine.agrees(response_hours=1, escalations=())
    late, early = read(engine), engine.receives(at=READ, company="Beta", sent_at=READ - 30 * MINUTE)
    for mql_id in (late, early):
        engine.does(response.accept, mql_id, "U3", now=READ + MINUTE)
    assert [engine.clock(mql_id).state for mql_id in (late, early)] == [ClockState.MET_LATE, ClockState.MET]


def test_the_time_until_it_was_read_is_a_part_of_its_own_and_its_breach_is_nobodys(engine: Engine) -> None:
    engine.agrees(response_hours=1, escalations=())
    mql_id = read(engine)
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        view = views.mql_view(tx, workspace, mql_id)
        assert view is not None
        parts = views.breakdown_until(tx, workspace, view, READ + 2 * HOUR)
        assert (parts.total, parts[Part.UNREAD], parts[Part.UNASSIGNED]) == (7 * HOUR, 5 * HOUR, timedelta(0))
        assert [span for _, span in parts.with_owner] == [2 * HOUR]
        report = weekly.weekly(tx, workspace, "2026-W47", READ + 2 * HOUR)
    assert {rep.user_id: rep.breached for rep in report.reps} == {"U1": 0, "U2": 0, "": 1}


def test_one_that_came_on_sunday_night_belongs_to_the_week_in_which_it_came(engine: Engine) -> None:
    engine.agrees(response_hours=8, escalations=())
    midnight = NOW - 34 * HOUR  # Monday 2026-11-16 00:00 in Tokyo
    engine.receives(at=midnight + 5 * MINUTE, sent_at=midnight - 10 * MINUTE)
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        counts = [weekly.weekly(tx, workspace, week, NOW).now.received for week in ("2026-W46", "2026-W47")]
    assert counts == [1, 0]


def test_the_same_lead_again_is_told_at_its_own_time_and_never_before_the_first(engine: Engine) -> None:
    engine.agrees(response_hours=8, escalations=())
    mql_id = read(engine, email="jane@example.com")
    for sent_at in (NOW + HOUR, NOW - HOUR):
        engine.receives(at=READ + HOUR, email="jane@example.com", sent_at=sent_at)
    assert [event.at for event in engine.log(mql_id, EventType.RECEIVED_AGAIN)] == [NOW + HOUR, NOW]


def test_whether_it_is_the_same_lead_is_decided_when_it_is_read(engine: Engine) -> None:
    """It came while the first was open, which nobody knew: sales has not seen it, so it is an MQL of its own."""
    engine.agrees(response_hours=8, escalations=())
    first = engine.receives(at=NOW, email="jane@example.com")
    with engine.database.transaction() as tx:
        withdrawal.withdraw(tx, WORKSPACE, first, "U3", None, READ - HOUR)
    assert read(engine, email="jane@example.com") != first


@pytest.mark.sql
def test_an_unread_message_that_is_entered_by_hand_came_when_it_was_posted(engine: Engine) -> None:
    engine.agrees(response_hours=1, escalations=())
    with engine.database.transaction() as tx:
        lead = Lead(company="Acme", sent_at=NOW)
        mql_id = intake.receive(tx, WORKSPACE, lead, Source.MANUAL, READ, by="U3").mql_id
    assert engine.clock(mql_id, ClockKind.RESPONSE).due_at == NOW + HOUR


@pytest.mark.sql
def test_the_database_refuses_one_that_was_read_before_it_came(engine: Engine) -> None:
    mql_id = engine.receives()
    with pytest.raises(sa.exc.IntegrityError), engine.database.transaction() as tx:
        tx.execute(sa.text("UPDATE mql SET received_at = :later WHERE id = :id"), {"later": "2027-01-01", "id": mql_id})
