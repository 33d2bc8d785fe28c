"""A rep who acts on an MQL without an owner takes it; a leader may see to it for whoever comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.core.base.results import ActionResult, Done, Refusal, Refused
from bot.core.mql import feedback, pauses, response
from bot.core.mql.feedback import Answer
from storage import members
from storage.database import Database
from storage.vocabulary import Disposition, EventType, MessageKind, Status
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE, configure

HOUR = timedelta(hours=1)
LATER = NOW + 9 * HOUR
OUTCOME = Answer(disposition=Disposition.QUALIFIED, amount=1)
Act = Callable[[sa.Connection, str, int, str], ActionResult]

ACTS: dict[str, Act] = {
    "accept": lambda tx, where, mql, by: response.accept(tx, where, mql, by, NOW),
    "contacted": lambda tx, where, mql, by: response.contacted(tx, where, mql, by, NOW),
    "take over": lambda tx, where, mql, by: response.take_over(tx, where, mql, by, NOW),
    "reassign": lambda tx, where, mql, by: response.reassign(tx, where, mql, by, "U4", "load", NOW),
    "pause": lambda tx, where, mql, by: pauses.pause(tx, where, mql, by, LATER, "on holiday", NOW),
}
OTHERS: dict[str, Act] = {
    "decline": lambda tx, where, mql, by: response.decline(tx, where, mql, by, "busy", NOW),
    "remind": lambda tx, where, mql, by: response.remind(tx, where, mql, by, NOW),
    "feedback": lambda tx, where, mql, by: feedback.give(tx, where, mql, by, OUTCOME, NOW),
    "resume": lambda tx, where, mql, by: pauses.resume(tx, where, mql, by, NOW),
    "reassign to who cannot": lambda tx, where, mql, by: response.reassign(tx, where, mql, by, "U5", None, NOW),
}


@pytest.fixture
def engine(database: Database) -> Engine:
    """U1, U2 and U4 are reps and away, U3 is a manager, U5 a marketer."""
    configure(database)
    engine = Engine(database)
    engine.has("U4", "rep")
    engine.has("U5", "marketer")
    for user in ("U1", "U2", "U4"):
        engine.has(user, "rep", away_until=NOW + 90 * HOUR)
    return engine


def done(engine: Engine, act: Act, mql_id: int, by: str) -> ActionResult:
    with engine.database.transaction() as tx:
        return act(tx, WORKSPACE, mql_id, by)


def owners(engine: Engine, mql_id: int) -> list[tuple[str | None, str | None, str | None]]:
    return [(event.before, event.after, event.actor) for event in engine.log(mql_id, EventType.ASSIGNED)]


@pytest.mark.parametrize("act", ACTS)
def test_a_rep_who_acts_on_it_has_taken_it(engine: Engine, act: str) -> None:
    mql_id = engine.receives()
    assert engine.mql(mql_id).status == Status.UNASSIGNED
    assert isinstance(done(engine, ACTS[act], mql_id, "U1"), Done)
    assert owners(engine, mql_id)[0] == (None, "U1", "U1")
    assert engine.mql(mql_id).owner == ("U4" if act == "reassign" else "U1")
    assert engine.mql(mql_id).status != Status.UNASSIGNED


def test_who_hands_it_on_is_named_as_who_had_it(engine: Engine) -> None:
    mql_id = engine.receives()
    done(engine, ACTS["reassign"], mql_id, "U1")
    assert owners(engine, mql_id) == [(None, "U1", "U1"), ("U1", "U4", "U1")]


def test_who_gives_it_to_themselves_takes_it_once(engine: Engine) -> None:
    mql_id = engine.receives()
    assert isinstance(engine.does(response.reassign, mql_id, "U1", "U1", None, now=NOW), Done)
    assert owners(engine, mql_id) == [(None, "U1", "U1")]


def test_who_ends_its_pause_takes_it(engine: Engine) -> None:
    mql_id = engine.receives()
    done(engine, ACTS["pause"], mql_id, "U3")
    assert engine.mql(mql_id).owner is None
    assert isinstance(done(engine, OTHERS["resume"], mql_id, "U2"), Done)
    assert owners(engine, mql_id) == [(None, "U2", "U2")]


@pytest.mark.parametrize("act", OTHERS)
def test_what_is_refused_takes_nothing(engine: Engine, act: str) -> None:
    mql_id = engine.receives()
    assert isinstance(done(engine, OTHERS[act], mql_id, "U1"), Refused)
    assert (engine.mql(mql_id).owner, owners(engine, mql_id)) == (None, [])


def test_a_second_pause_takes_nothing(engine: Engine) -> None:
    mql_id = engine.receives()
    done(engine, ACTS["pause"], mql_id, "U3")
    refused = done(engine, ACTS["pause"], mql_id, "U1")
    assert isinstance(refused, Refused)
    assert refused.reason == Refusal.PAUSED_ALREADY
    assert engine.mql(mql_id).owner is None


@pytest.mark.parametrize(("act", "owner"), [("pause", None), ("reassign", "U4")])
def test_a_leader_sees_to_it_without_taking_it(engine: Engine, act: str, owner: str | None) -> None:
    mql_id = engine.receives()
    assert isinstance(done(engine, ACTS[act], mql_id, "U3"), Done)
    assert engine.mql(mql_id).owner == owner
    assert [after for _, after, _ in owners(engine, mql_id)] == [owner] * (owner is not None)


def test_nobody_else_may_act_on_it(engine: Engine) -> None:
    mql_id = engine.receives()
    with engine.database.transaction() as tx:
        members.update(tx, WORKSPACE, "U2", active=False)
    for by in ("U2", "U5", "U9"):
        for act in ACTS.values():
            assert isinstance(done(engine, act, mql_id, by), Refused)
    assert engine.mql(mql_id).owner is None


@pytest.mark.parametrize("act", [*ACTS, *OTHERS])
def test_what_is_not_there_is_refused(engine: Engine, act: str) -> None:
    assert done(engine, (ACTS | OTHERS)[act], 999, "U3") == Refused(Refusal.NOT_FOUND)


def test_nobody_is_there_to_be_reminded_of_what_has_no_owner(engine: Engine) -> None:
    mql_id = engine.receives()
    refused = done(engine, OTHERS["remind"], mql_id, "U3")
    assert isinstance(refused, Refused)
    assert refused.reason == Refusal.NOT_ALLOWED
    assert engine.told(mql_id, MessageKind.REMINDER) == []
