"""Who comes second while the first has decided but not committed: learns it, changes nothing, loses nothing. Each race
in both orders, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.base.results import Done, Refusal, Refused
from bot.core.mql import covers, response, undo
from bot.core.routing import absences
from storage import absences as stored_absences
from storage import claims, members, undelivered, undos
from storage.database import Database
from storage.models import Outbox
from storage.vocabulary import AbsenceSource, EventType, MessageKind, OutboxState, Status
from tests.core.kit import Engine
from tests.core.overlap import Act, overlapping
from tests.workspace import NOW, WORKSPACE

HOUR = timedelta(hours=1)


def at(hours: float) -> datetime:
    return NOW + hours * HOUR


@pytest.fixture
def engine(office: Database) -> Engine:
    engine = Engine(office)
    engine.has("U4", "rep")
    return engine


@pytest.fixture(params=["one", "other"])
def first(request: pytest.FixtureRequest) -> str:
    """Which of the two has written when the other begins."""
    return str(request.param)


def race(engine: Engine, first: str, act: Act, other: Act) -> tuple[Any, Any]:
    """What `act` and `other` returned."""
    if first == "one":
        return overlapping(engine.database, act, other)
    return overlapping(engine.database, other, act)[::-1]


def test_accept_against_accept(engine: Engine, first: str) -> None:
    mql_id = engine.receives()
    outcomes = race(
        engine,
        first,
        lambda: engine.does(response.accept, mql_id, "U1", now=at(1)),
        lambda: engine.does(response.accept, mql_id, "U3", now=at(1)),
    )
    won, lost = outcomes if first == "one" else outcomes[::-1]
    assert isinstance(won, Done)
    assert isinstance(lost, Refused)
    assert (lost.reason, lost.by) == (Refusal.ALREADY_ACCEPTED, "U1" if first == "one" else "U3")
    assert len(engine.log(mql_id, EventType.ACCEPTED)) == 1


def test_accept_against_escalate(engine: Engine, first: str) -> None:
    engine.agrees(escalations=({"after_hours": 24, "to": "manager"},))
    mql_id = engine.receives()
    accepted, _ = race(
        engine,
        first,
        lambda: engine.does(response.accept, mql_id, "U1", now=at(23)),
        lambda: engine.sweeps(at(24)),
    )
    assert isinstance(accepted, Done)
    escalated = [] if first == "one" else ["U3"]
    assert engine.told(mql_id, MessageKind.ESCALATION) == escalated
    assert len(engine.log(mql_id, EventType.ESCALATED)) == len(escalated)
    assert engine.clock(mql_id).next_check_at is None
    assert engine.sweeps(at(48)) == 0


def test_reassign_against_sweep(engine: Engine, first: str) -> None:
    engine.agrees(on_reassign="restart", escalations=({"after_hours": 24, "to": "manager"},))
    mql_id = engine.receives()
    reassigned, _ = race(
        engine,
        first,
        lambda: engine.does(response.reassign, mql_id, "U3", "U4", None, now=at(24)),
        lambda: engine.sweeps(at(24)),
    )
    assert isinstance(reassigned, Done)
    clock = engine.clock(mql_id)
    assert (engine.mql(mql_id).owner, clock.due_at, clock.step, clock.round) == ("U4", at(48), 0, 1)
    assert [event.before for event in engine.log(mql_id, EventType.BREACHED)] == ["U1"]
    assert len(engine.log(mql_id, EventType.ESCALATED)) == (first == "other")
    engine.sweeps(at(48))
    assert len(engine.log(mql_id, EventType.ESCALATED)) == (first == "other") + 1


def test_undo_against_cover(engine: Engine, first: str) -> None:
    mql_id = engine.receives()
    engine.does(response.accept, mql_id, "U1", now=at(1))
    with engine.database.transaction() as tx:
        absences.announce(tx, WORKSPACE, "U1", at(1), at(9), since=at(1))
        (act,) = undos.over(tx, at(1000), 9)
    undone, covered = race(
        engine,
        first,
        lambda: engine.does(undo.undo, act.id, "U1", now=at(1.01)),
        lambda: engine.does(covers.cover, mql_id, "U3", "U4", now=at(1.01)),
    )
    assert isinstance(covered, Done)
    assert (engine.mql(mql_id).owner, engine.mql(mql_id).cover) == ("U1", "U4")
    if first == "one":
        assert (isinstance(undone, Done), engine.mql(mql_id).status) == (True, Status.ASSIGNED)
    else:
        assert isinstance(undone, Refused)
        assert (undone.reason, engine.mql(mql_id).status) == (Refusal.UNDO_OVERTAKEN, Status.ACCEPTED)


def away(engine: Engine, user: str, until: datetime, by: str, now: datetime) -> None:
    source = AbsenceSource.PERSON if by == user else AbsenceSource.MANAGER
    with engine.database.transaction() as tx:
        absences.announce(tx, WORKSPACE, user, now, until, by=by, source=source)


def back(engine: Engine, user: str, now: datetime) -> bool:
    with engine.database.transaction() as tx:
        return absences.come_back(tx, WORKSPACE, user, now)


def away_until(engine: Engine, user: str) -> tuple[datetime | None, list[datetime]]:
    """What the roster says, and the ends of the absences that are not over."""
    with engine.database.snapshot() as tx:
        member = members.get(tx, WORKSPACE, user)
        assert member is not None
        return member.away_until, [row.until_at for row in stored_absences.of(tx, WORKSPACE, user, at(2))]


def test_a_leader_who_sets_a_rep_away_against_the_rep_who_is_back(engine: Engine, first: str) -> None:
    away(engine, "U1", at(5), "U1", NOW)
    race(
        engine,
        first,
        lambda: away(engine, "U1", at(9), "U3", at(1)),
        lambda: back(engine, "U1", at(1)),
    )
    # Who came last has the last word.
    assert away_until(engine, "U1") == ((None, []) if first == "one" else (at(9), [at(9)]))


def test_two_who_set_the_same_rep_away(engine: Engine, first: str) -> None:
    race(
        engine,
        first,
        lambda: away(engine, "U1", at(5), "U1", at(1)),
        lambda: away(engine, "U1", at(9), "U3", at(1)),
    )
    last = at(9) if first == "one" else at(5)
    assert away_until(engine, "U1") == (last, [last])


def test_a_rep_who_is_back_against_a_sweep_that_holds_what_waits(engine: Engine, first: str) -> None:
    engine.agrees(escalations=({"after_hours": 24, "to": "manager"},))
    for user in ("U1", "U2", "U4"):
        away(engine, user, at(100), user, NOW)
    mql_id = engine.receives()
    assert engine.mql(mql_id).owner is None
    was_away, _ = race(engine, first, lambda: back(engine, "U1", at(24)), lambda: engine.sweeps(at(24)))
    assert was_away
    assert engine.mql(mql_id).owner == "U1"
    engine.sweeps(at(24))  # what was held by the other is found by the next tick
    assert len(engine.log(mql_id, EventType.BREACHED)) == 1
    assert len(engine.log(mql_id, EventType.ESCALATED)) == 1


@pytest.mark.parametrize("hours", [12, 40])
def test_policy_change_against_sweep(engine: Engine, first: str, hours: int) -> None:
    engine.agrees(escalations=({"after_hours": 24, "to": "manager"},))
    mql_id = engine.receives()
    policy_id = engine.agrees(response_hours=hours, escalations=({"after_hours": hours, "to": "manager"},))
    race(engine, first, lambda: engine.moves(at(25)), lambda: engine.sweeps(at(25)))
    engine.sweeps(at(25))  # what was held by the other is found by the next tick
    clock = engine.clock(mql_id)
    assert (clock.policy_id, clock.due_at, clock.round) == (policy_id, at(hours), 1)
    engine.sweeps(at(50))
    # Of the old deadline the manager has heard where the sweep came first, and hears again of a later one.
    times = 2 if first == "other" and hours > 25 else 1
    assert len(engine.log(mql_id, EventType.ESCALATED)) == len(engine.told(mql_id, MessageKind.ESCALATION)) == times


def test_two_workers_on_one_clock(engine: Engine) -> None:
    engine.agrees(escalations=({"after_hours": 24, "to": "manager"},))
    mql_id = engine.receives()
    fired = overlapping(engine.database, lambda: engine.sweeps(at(24)), lambda: engine.sweeps(at(24)))
    assert fired == (2, 0)  # the breach and its step
    assert len(engine.log(mql_id, EventType.BREACHED)) == len(engine.log(mql_id, EventType.ESCALATED)) == 1


def claimed(engine: Engine, now: datetime) -> list[Outbox]:
    with engine.database.transaction() as tx:
        return claims.claim(tx, WORKSPACE, now, now + HOUR, 50)


def test_two_workers_on_one_message(engine: Engine) -> None:
    engine.receives()
    first, second = overlapping(engine.database, lambda: claimed(engine, NOW), lambda: claimed(engine, NOW))
    assert {row.kind for row in first} == {MessageKind.CARD, MessageKind.ASSIGNMENT}
    assert second == []


def test_two_workers_on_one_message_whose_worker_died(engine: Engine) -> None:
    engine.receives()
    gone = claimed(engine, NOW)
    first, second = overlapping(engine.database, lambda: claimed(engine, at(2)), lambda: claimed(engine, at(2)))
    assert {row.id for row in first} == {row.id for row in gone}
    assert all(row.maybe_sent for row in first)
    assert second == []


def test_retry_against_what_an_earlier_worker_says_of_the_message(engine: Engine, first: str) -> None:
    """A worker is late: its lease was over, another one was refused, and an admin has the message sent again."""
    engine.receives()
    late = next(row for row in claimed(engine, NOW) if row.kind == MessageKind.CARD)
    refused = next(row for row in claimed(engine, at(2)) if row.id == late.id)
    settles(engine, refused, OutboxState.DEAD, error="not_in_channel")

    def resend() -> int:
        with engine.database.transaction() as tx:
            return undelivered.revive(tx, WORKSPACE, at(3))

    resent, mine = race(engine, first, resend, lambda: settles(engine, late, OutboxState.PENDING, maybe_sent=False))
    assert (resent, mine) == (1, False)
    again = next(row for row in claimed(engine, at(3)) if row.id == late.id)
    assert again.maybe_sent
    # Also while the message is being sent for the third time: the late one knows nothing of it.
    assert not settles(engine, late, OutboxState.PENDING, maybe_sent=False)
    assert settles(engine, again, OutboxState.SENT, sent_at=at(3), channel="C1", ts="1.1")


def settles(engine: Engine, row: Outbox, state: OutboxState, **values: Any) -> bool:
    with engine.database.transaction() as tx:
        return claims.settle(tx, row, state, **values)
