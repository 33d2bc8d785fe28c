"""Two at once around offers, steps that move an MQL, and policies that move clocks. On both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from bot.core.base.results import Done, Refusal, Refused
from bot.core.mql import escalation, pauses, response
from storage import mqls
from storage.database import Database
from storage.vocabulary import ClockState, EventType, MessageKind, Status
from tests.core.kit import Engine
from tests.core.mql.test_races import _together
from tests.core.overlap import overlapping
from tests.workspace import NOW

HOUR = timedelta(hours=1)
Act = Callable[[], object]


def at(hours: float) -> datetime:
    return NOW + hours * HOUR


@pytest.fixture
def engine(office: Database) -> Engine:
    engine = Engine(office)
    engine.has("U4", "rep")
    return engine


@pytest.fixture(params=["first", "second", "first held", "second held"])
def order(request: pytest.FixtureRequest, office: Database) -> Callable[[Act, Act], list[object]]:
    """One after the other, the other way round, and so that the later one begins before the earlier has committed."""

    def run(act: Act, other: Act) -> list[object]:
        if request.param == "first":
            return [act(), other()]
        if request.param == "second":
            return list(reversed([other(), act()]))
        if request.param == "first held":
            return list(overlapping(office, act, other))
        return list(reversed(overlapping(office, other, act)))

    return run


Order = Callable[[Act, Act], list[object]]


def test_of_the_owner_and_a_peer_one_takes_it_and_the_other_hears_who(engine: Engine, order: Order) -> None:
    engine.agrees(escalations=({"after_hours": 24, "to": "peers"},))
    mql_id = engine.receives()
    engine.sweeps(at(24))
    outcomes = order(
        lambda: engine.does(response.accept, mql_id, "U1", now=at(25)),
        lambda: engine.does(response.take_over, mql_id, "U2", now=at(25)),
    )
    (lost,) = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    mql = engine.mql(mql_id)
    assert (lost.reason, lost.by) == (Refusal.ALREADY_ACCEPTED, mql.owner)
    assert mql.owner in ("U1", "U2")
    assert len(engine.log(mql_id, EventType.ACCEPTED)) == 1
    assert engine.clock(mql_id).state == ClockState.MET_LATE


def test_of_two_peers_one_takes_it_and_the_other_hears_who(engine: Engine, order: Order) -> None:
    engine.agrees(response="contacted", escalations=({"after_hours": 24, "to": "peers"},))
    mql_id = engine.receives()
    engine.does(response.accept, mql_id, "U1", now=at(1))
    engine.sweeps(at(24))
    outcomes = order(
        lambda: engine.does(response.take_over, mql_id, "U2", now=at(25)),
        lambda: engine.does(response.take_over, mql_id, "U4", now=at(25)),
    )
    assert Counter(type(outcome) for outcome in outcomes) == {Done: 1, Refused: 1}
    assert [event.after for event in engine.log(mql_id, EventType.ASSIGNED)] == ["U1", engine.mql(mql_id).owner]
    assert not engine.mql(mql_id).offered


def test_a_step_that_moves_an_mql_beside_an_acceptance_leaves_one_of_them(engine: Engine, order: Order) -> None:
    engine.agrees(on_reassign="restart", escalations=({"after_hours": 24, "to": "manager", "do": "reassign"},))
    mql_id = engine.receives()
    outcomes = order(lambda: engine.does(response.accept, mql_id, "U1", now=at(24)), lambda: engine.sweeps(at(24)))
    mql, clock = engine.mql(mql_id), engine.clock(mql_id)
    (breach,) = engine.log(mql_id, EventType.BREACHED)
    assert (breach.at, breach.before, clock.breached_at) == (at(24), "U1", at(24))
    if isinstance(outcomes[0], Done):
        assert (mql.owner, mql.status, clock.state) == ("U1", Status.ACCEPTED, ClockState.MET_LATE)
        assert engine.log(mql_id, EventType.ESCALATED) == []
    else:
        assert (mql.owner, mql.status, clock.state) == ("U2", Status.ASSIGNED, ClockState.RUNNING)
        assert (clock.round, clock.due_at) == (1, at(48))


def test_a_reassignment_by_hand_beside_a_step_that_moves_it_gives_it_to_nobody_twice(
    engine: Engine, order: Order
) -> None:
    engine.agrees(on_reassign="restart", escalations=({"after_hours": 24, "to": "manager", "do": "reassign"},))
    mql_id = engine.receives()
    order(lambda: engine.does(response.reassign, mql_id, "U3", "U4", None, now=at(24)), lambda: engine.sweeps(at(24)))
    owners = [event.after for event in engine.log(mql_id, EventType.ASSIGNED)]
    assert owners in (["U1", "U4"], ["U1", "U2", "U4"])
    assert engine.mql(mql_id).owner == "U4"
    assert [event.at for event in engine.log(mql_id, EventType.BREACHED)] == [at(24)]
    clock = engine.clock(mql_id)
    assert (clock.due_at, clock.breached_at, clock.round, clock.step) == (at(48), at(24), len(owners) - 1, 0)


@pytest.mark.parametrize("hours", [12, 40])
def test_a_policy_that_moves_beside_a_sweep_loses_no_step_and_doubles_none(
    engine: Engine, order: Order, hours: float
) -> None:
    steps = [{"after_hours": 24, "to": "manager"}, {"after_hours": 48, "to": "head"}]
    engine.agrees(escalations=tuple(steps))
    mql_id = engine.receives()
    later = [{**step, "after_hours": step["after_hours"] - 24 + hours} for step in steps]  # type: ignore[operator]
    policy_id = engine.agrees(response_hours=hours, escalations=tuple(later))
    order(lambda: engine.moves(at(25)), lambda: engine.sweeps(at(25)))
    clock = engine.clock(mql_id)
    assert (clock.policy_id, clock.due_at, clock.round) == (policy_id, at(hours), 1)
    assert clock.breached_at is None or hours < 25
    for passed in range(25, 70):
        engine.sweeps(at(passed))
    targets = [event.data["to"] for event in engine.log(mql_id, EventType.ESCALATED)]
    swept_before = targets[:1] == ["manager"] and len(targets) == 3
    # The sweep came first: the manager had heard of a breach that the new policy then undid, and hears of the new one.
    assert targets == ["manager", "head"] or (hours > 25 and swept_before)
    assert engine.clock(mql_id).next_check_at is None


def test_what_was_seen_before_a_move_is_not_fired_after_it(engine: Engine) -> None:
    engine.agrees(escalations=({"after_hours": 24, "to": "manager"},))
    mql_id = engine.receives()
    with engine.database.snapshot() as tx:
        (seen,) = mqls.due_clocks(tx, at(24), 10)
    engine.agrees(response_hours=40, escalations=())
    engine.moves(at(24))
    with engine.database.transaction() as tx:
        assert escalation.check(tx, seen, at(24)) == 0
    assert engine.log(mql_id, EventType.ESCALATED) == []
    # What had happened is written down by the move, which then undoes it.
    assert [event.at for event in engine.log(mql_id, EventType.BREACHED)] == [at(24)]
    assert engine.clock(mql_id).breached_at is None


def test_what_was_seen_before_a_restart_is_not_fired_after_it(engine: Engine) -> None:
    engine.agrees(on_reassign="restart", reminders=(0.5,), escalations=())
    mql_id = engine.receives()
    with engine.database.snapshot() as tx:
        (seen,) = mqls.due_clocks(tx, at(12), 10)
    engine.does(response.reassign, mql_id, "U3", "U4", None, now=at(12))
    with engine.database.transaction() as tx:
        assert escalation.check(tx, seen, at(12)) == 0
    assert engine.told(mql_id, MessageKind.REMINDER) == []


def test_a_pause_beside_a_move_keeps_both(engine: Engine, order: Order) -> None:
    engine.agrees(escalations=())
    mql_id = engine.receives()
    policy_id = engine.agrees(response_hours=40, escalations=())
    order(
        lambda: engine.does(pauses.pause, mql_id, "U1", at(60), "later", now=at(10)),
        lambda: engine.moves(at(10)),
    )
    clock = engine.clock(mql_id)
    assert (clock.state, clock.paused_at, clock.next_check_at) == (ClockState.PAUSED, at(10), at(60))
    assert (clock.policy_id, clock.due_at) == (policy_id, at(40))
    engine.sweeps(at(60))
    assert engine.clock(mql_id).due_at == at(90)


def test_many_workers_and_people_on_many_clocks_fire_each_step_once(engine: Engine) -> None:
    engine.agrees(
        on_reassign="restart",
        escalations=({"after_hours": 24, "to": "manager"}, {"after_hours": 24, "to": "head", "do": "reassign"}),
    )
    ids = [engine.receives(company=f"C{n}") for n in range(6)]
    takers = [lambda mql_id=mql_id: engine.does(response.accept, mql_id, "U3", now=at(24)) for mql_id in ids[:3]]
    _together(*[lambda: engine.sweeps(at(24))] * 3, *takers, lambda: engine.moves(at(24)))
    engine.sweeps(at(24))  # what another had locked just then is left to the next tick
    for mql_id in ids:
        assert len(engine.log(mql_id, EventType.BREACHED)) == 1
        targets = Counter(event.data["to"] for event in engine.log(mql_id, EventType.ESCALATED))
        assert targets in ({}, {"manager": 1, "head": 1})
    with engine.database.snapshot() as tx:
        assert mqls.due_clocks(tx, at(24), 10) == []
