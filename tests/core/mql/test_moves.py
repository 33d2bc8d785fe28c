"""What becomes of an open clock that follows a newer policy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.mql import pauses, policy_migration, response
from bot.core.mql.policy_migration import Effect
from storage import policies
from storage.database import Database
from storage.vocabulary import EventType, MessageKind
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE

HOUR = timedelta(hours=1)


def test_what_would_move_is_shown_the_earliest_first_and_then_it_moves_so(office: Database) -> None:
    engine = Engine(office)
    engine.agrees(response_hours=20, escalations=())
    for late in (2, 0, 1):
        engine.receives(NOW + late * HOUR, company=f"Company {late}")
    engine.agrees(response_hours=10, escalations=())
    with office.snapshot() as tx:
        wanted = policies.current(tx, WORKSPACE)
        assert wanted is not None
        shown = policy_migration.difference(tx, WORKSPACE, wanted, NOW + 3 * HOUR)
    assert [(move.number, move.after) for move in shown.moves] == [
        (2, NOW + 10 * HOUR),
        (3, NOW + 11 * HOUR),
        (1, NOW + 12 * HOUR),
    ]
    assert (shown.breached, shown.safe) == (0, 0)
    assert engine.moves(NOW + 3 * HOUR) == shown
    assert engine.moves(NOW + 3 * HOUR).moves == ()


@pytest.mark.parametrize("accepted", [False, True])
def test_a_pause_that_ended_while_no_tick_ran_is_over_in_what_is_shown(office: Database, accepted: bool) -> None:
    engine = Engine(office)
    engine.agrees(response_hours=20, feedback_days=2, escalations=(), pause_days=9)
    mql_id = engine.receives()
    if accepted:
        engine.does(response.accept, mql_id, "U1", now=NOW + HOUR)
    engine.does(pauses.pause, mql_id, "U1", NOW + 8 * HOUR, "they are away", now=NOW + 2 * HOUR)
    engine.agrees(response_hours=10, feedback_days=1, escalations=(), pause_days=9)
    now = NOW + 40 * HOUR  # nobody has ticked since
    with office.snapshot() as tx:
        wanted = policies.current(tx, WORKSPACE)
        assert wanted is not None
        shown = policy_migration.difference(tx, WORKSPACE, wanted, now)
    (move,) = shown.moves
    late = NOW + (HOUR * 31 if accepted else HOUR * 16)
    assert (move.after, move.effect) == (late, Effect.BREACHED if accepted else None)
    assert engine.moves(now) == shown


def test_what_a_move_makes_late_is_late_from_that_moment_on(office: Database) -> None:
    engine = Engine(office)
    engine.agrees(response_hours=20, escalations=())
    mql_id = engine.receives()
    engine.agrees(response_hours=10, escalations=())
    assert engine.moves(NOW + 15 * HOUR).breached == 1
    assert engine.clock(mql_id).breached_at == NOW + 15 * HOUR
    assert [event.at for event in engine.log(mql_id, EventType.BREACHED)] == [NOW + 15 * HOUR]
    engine.sweeps(NOW + 30 * HOUR)
    assert len(engine.log(mql_id, EventType.BREACHED)) == 1


def test_of_the_reminders_of_the_new_policy_those_still_to_come_are_sent(office: Database) -> None:
    engine = Engine(office)
    engine.agrees(response_hours=20, escalations=())
    mql_id = engine.receives()
    engine.agrees(response_hours=10, reminders=("2h", "5h", "8h"), escalations=())
    engine.moves(NOW + 5 * HOUR)
    clock = engine.clock(mql_id)
    assert (clock.step, clock.next_check_at) == (2, NOW + 8 * HOUR)
    engine.sweeps(NOW + 8 * HOUR)
    assert [event.at for event in engine.log(mql_id, EventType.REMINDED)] == [NOW + 8 * HOUR]
    assert engine.told(mql_id, MessageKind.REMINDER) == ["U1"]


def test_a_deadline_on_record_passes_once_though_the_machines_clock_was_set_back(office: Database) -> None:
    engine = Engine(office)
    engine.agrees(response_hours=20, escalations=())
    mql_id = engine.receives()
    engine.sweeps(NOW + 21 * HOUR)
    engine.agrees(response_hours=5, escalations=())
    engine.moves(NOW + 10 * HOUR)
    assert [event.at for event in engine.log(mql_id, EventType.BREACHED)] == [NOW + 20 * HOUR]


def test_a_deadline_of_a_later_owner_on_record_is_known_though_the_machines_clock_was_set_back(
    office: Database,
) -> None:
    engine = Engine(office)
    engine.agrees(response_hours=20, escalations=(), on_reassign="restart")
    mql_id = engine.receives()
    engine.sweeps(NOW + 21 * HOUR)
    engine.does(response.reassign, mql_id, "U3", "U2", None, now=NOW + 22 * HOUR)
    engine.sweeps(NOW + 43 * HOUR)
    assert len(engine.log(mql_id, EventType.BREACHED)) == 2
    engine.agrees(response_hours=200, escalations=())
    assert engine.moves(NOW + 30 * HOUR).safe == 1
