"""Whose turn it is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.core.base.results import Done
from bot.core.mql import response, withdrawal
from bot.core.routing import assignment
from storage import mqls
from storage.database import Database
from storage.vocabulary import AssignmentVerdict, EventType, MessageKind, Status
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE, configure

MOMENT, HOUR = timedelta(microseconds=1), timedelta(hours=1)


@pytest.fixture
def engine(database: Database) -> Engine:
    """U1 and U2 are reps, U3 is a manager."""
    configure(database)
    return Engine(database)


def given(engine: Engine, count: int, at: datetime = NOW) -> list[str | None]:
    """Who gets so many MQLs, one after the other."""
    return [engine.mql(engine.receives(at)).owner for _ in range(count)]


def test_reps_take_turns_and_who_is_new_begins_where_the_team_is(engine: Engine) -> None:
    assert given(engine, 3) == ["U1", "U2", "U1"]
    engine.has("U4", "rep")
    assert given(engine, 6) == ["U2", "U4", "U1", "U2", "U4", "U1"]


def test_who_is_away_gets_nothing_until_the_moment_at_which_they_are_back(engine: Engine) -> None:
    engine.has("U1", "rep", away_until=NOW)
    engine.has("U2", "rep", away_until=NOW + MOMENT)
    assert given(engine, 2) == ["U1", "U1"]
    assert given(engine, 1, NOW + MOMENT) == ["U2"]


def test_who_left_or_has_no_account_gets_nothing(engine: Engine) -> None:
    engine.has("U1", "rep", active=False)
    engine.has("U2", "rep", deactivated=True)
    engine.has("U4", "manager")
    assert given(engine, 1) == [None]
    engine.has("U2", "rep", deactivated=False)
    assert given(engine, 1) == ["U2"]


def test_who_declined_or_let_it_lie_does_not_get_it_again(engine: Engine) -> None:
    mql_id = engine.receives()
    engine.does(response.decline, mql_id, "U1", "not mine", now=NOW)
    (declined,) = engine.log(mql_id, EventType.DECLINED)
    assert declined.id in [note.event_id for note in engine.messages(mql_id, MessageKind.NOTE)]
    assert engine.mql(mql_id).owner == "U2"
    engine.does(response.decline, mql_id, "U2", "nor mine", now=NOW)
    waiting = engine.mql(mql_id)
    assert (waiting.owner, waiting.status) == (None, Status.UNASSIGNED)
    assert engine.told(mql_id, MessageKind.UNASSIGNED) == ["U3"]


def test_a_manager_who_is_a_rep_too_may_get_what_they_had_handed_on(engine: Engine) -> None:
    engine.has("U3", "rep", "manager")
    mql_id = engine.receives()
    engine.does(response.reassign, mql_id, "U3", "U2", "load", now=NOW)
    engine.does(response.decline, mql_id, "U2", "busy", now=NOW)
    with engine.database.snapshot() as tx:
        considered = mqls.decisions(tx, WORKSPACE, mql_id)[0].considered
    assert {member.user: member.verdict for member in considered} == {
        "U1": AssignmentVerdict.ELIGIBLE,
        "U2": AssignmentVerdict.DECLINED,
        "U3": AssignmentVerdict.CHOSEN,
    }


def test_what_waits_is_given_out_once_somebody_is_there(engine: Engine) -> None:
    for user in ("U1", "U2"):
        engine.has(user, "rep", away_until=NOW + HOUR)
    first, second = engine.receives(), engine.receives()
    with engine.database.transaction() as tx:
        assert assignment.assign_waiting(tx, WORKSPACE, NOW) == 0
        assert assignment.assign_waiting(tx, "T0ANOTHER1", NOW + HOUR) == 0
        assert assignment.assign_waiting(tx, WORKSPACE, NOW + HOUR) == 2
        assert assignment.assign_waiting(tx, WORKSPACE, NOW + HOUR) == 0
    assert [engine.mql(mql_id).owner for mql_id in (first, second)] == ["U1", "U2"]
    assert engine.mql(first).status == Status.ASSIGNED
    assert engine.told(first, MessageKind.ASSIGNMENT) == ["U1"]


def test_who_takes_it_by_themselves_is_not_told_what_they_know(engine: Engine) -> None:
    mql_id = engine.receives()
    before = len(engine.messages(mql_id, MessageKind.NOTE))
    for to, by in (("U2", "U2"), ("U1", "U3")):
        with engine.database.transaction() as tx:
            subject = mqls.locked(tx, WORKSPACE, mql_id)
            assert subject is not None
            assignment.hand_over(tx, subject, to, NOW, by=by, reason="load")
    assert engine.told(mql_id, MessageKind.ASSIGNMENT) == ["U1", "U1"]
    assert len(engine.messages(mql_id, MessageKind.NOTE)) == before + 1
    moved = engine.log(mql_id, EventType.ASSIGNED)[1:]
    assert [(event.before, event.after, event.actor, event.reason) for event in moved] == [
        ("U1", "U2", "U2", "load"),
        ("U2", "U1", "U3", "load"),
    ]
    assert not engine.mql(mql_id).offered


def test_a_turn_that_is_given_back_is_waited_for_as_if_it_had_not_come(engine: Engine) -> None:
    first = engine.receives()
    second = engine.receives()
    assert [engine.mql(mql_id).owner for mql_id in (first, second)] == ["U1", "U2"]

    def turns(act: str) -> bool:
        with engine.database.transaction() as tx:
            subject = mqls.locked(tx, WORKSPACE, second)
            assert subject is not None
            changed: bool = getattr(assignment, act)(tx, subject, NOW)
            return changed

    assert turns("give_turns_back")
    assert not turns("give_turns_back")
    assert given(engine, 2) == ["U2", "U1"]
    assert turns("take_turns_again")
    assert not turns("take_turns_again")
    assert given(engine, 1) == ["U2"]


def test_what_somebody_who_left_had_not_answered_goes_on_and_what_they_had_stays_with_a_word_to_the_managers(
    engine: Engine,
) -> None:
    engine.agrees()
    answered, over = engine.receives(), engine.receives()
    for mql_id in (answered, over):
        engine.does(response.reassign, mql_id, "U3", "U1", "load", now=NOW)
    engine.does(response.accept, answered, "U1", now=NOW)
    waiting = over
    engine.has("U1", "rep", active=False)
    with engine.database.transaction() as tx:
        assert assignment.take_from(tx, WORKSPACE, "U1", NOW + HOUR) == 1
        assert assignment.take_from(tx, "T0ANOTHER1", "U1", NOW + HOUR) == 0
    assert engine.mql(waiting).owner == "U2"
    assert engine.mql(answered).owner == "U1"
    assert engine.told(answered, MessageKind.OWNER_LEFT) == ["U3"]
    assert engine.told(waiting, MessageKind.OWNER_LEFT) == []
    (left,) = engine.log(answered, EventType.OWNER_LEFT)
    assert (left.before, left.at) == ("U1", NOW + HOUR)
    assert [note.event_id for note in engine.messages(answered, MessageKind.NOTE)][-1] == left.id


def test_that_nobody_was_there_is_stored_with_who_was_considered(engine: Engine) -> None:
    for user in ("U1", "U2"):
        engine.has(user, "rep", active=False)
    mql_id = engine.receives()
    with engine.database.snapshot() as tx:
        (decision,) = mqls.decisions(tx, WORKSPACE, mql_id)
    assert (decision.chosen, decision.turn, len(decision.considered)) == (None, False, 2)


@pytest.mark.parametrize(("on_reassign", "data"), [("continue", {}), ("restart", {"restarted": True})])
def test_the_log_says_whether_the_clock_began_anew_for_the_next_owner(
    engine: Engine, on_reassign: str, data: dict[str, object]
) -> None:
    engine.agrees(on_reassign=on_reassign)
    mql_id = engine.receives()
    handed = engine.does(response.reassign, mql_id, "U3", "U2", "load", now=NOW + HOUR)
    first, second = engine.log(mql_id, EventType.ASSIGNED)
    assert isinstance(handed, Done)
    assert handed.event_id == second.id
    assert (first.data, second.data) == ({}, data)


def test_what_was_closed_while_we_waited_for_its_lock_is_not_handed_on(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    mql_id = engine.receives()
    seen = engine.mql(mql_id)
    engine.has("U4", "marketer")
    engine.does(withdrawal.withdraw, mql_id, "U4", "a test", now=NOW)
    monkeypatch.setattr(mqls, "open_of", lambda *_: [seen])  # as it was before
    with engine.database.transaction() as tx:
        assert assignment.take_from(tx, WORKSPACE, "U1", NOW) == 0
    assert engine.log(mql_id, EventType.OWNER_LEFT) == []


def test_what_somebody_took_while_we_waited_for_its_lock_stays_theirs(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in ("U1", "U2"):
        engine.has(user, "rep", away_until=NOW + HOUR)
    mql_id = engine.receives()
    seen = engine.mql(mql_id)
    engine.does(response.accept, mql_id, "U2", now=NOW)
    monkeypatch.setattr(mqls, "with_status", lambda *_: [seen])  # as it was before
    with engine.database.transaction() as tx:
        assert assignment.assign_waiting(tx, WORKSPACE, NOW + HOUR) == 0
    mql = engine.mql(mql_id)
    assert (mql.owner, mql.status) == ("U2", Status.ACCEPTED)
