"""What was a test or a mistake is taken back: no clock, no message, no turn and no figure is left of it. On both
databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.base.results import ActionResult, Done, Refusal, Refused
from bot.core.messages import relevance
from bot.core.mql import activity, feedback, pauses, response, withdrawal
from bot.core.mql.activity import Activity, CountedAs
from bot.core.mql.feedback import Answer
from bot.core.reports import weekly
from bot.core.reports.figures import Overdue, WeeklyReport
from storage import members, mqls, workspaces
from storage.database import Database
from storage.vocabulary import ClockKind, ClockState, Disposition, EventType, Evidence, MessageKind, Status
from tests.core.kit import Engine, accept_and_report
from tests.workspace import NOW, WORKSPACE

pytestmark = pytest.mark.rules

HOUR = timedelta(hours=1)
QUALIFIED = Answer(disposition=Disposition.QUALIFIED)


@pytest.fixture
def engine(office: Database) -> Engine:
    engine = Engine(office)
    for user, role in (("U4", "marketer"), ("U5", "head"), ("U6", "admin")):
        engine.has(user, role)
    return engine


def withdraw(engine: Engine, mql_id: int, by: str = "U4", at: float = 1) -> ActionResult:
    """Somebody takes it back, so many hours after NOW."""
    outcome: ActionResult = engine.does(withdrawal.withdraw, mql_id, by, "a test", now=NOW + at * HOUR)
    return outcome


def week(engine: Engine) -> WeeklyReport:
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        return weekly.weekly(tx, workspace, "2026-W47", NOW + 200 * HOUR)


def turns(engine: Engine) -> dict[str, int]:
    with engine.database.snapshot() as tx:
        return {member.user_id: member.last_turn for member in members.roster(tx, WORKSPACE)}


@pytest.mark.parametrize("status", [Status.ASSIGNED, Status.ACCEPTED, Status.CONTACTED, Status.UNASSIGNED])
def test_an_open_mql_is_withdrawn_with_its_clocks(engine: Engine, status: Status) -> None:
    if status == Status.UNASSIGNED:
        for user in ("U1", "U2"):
            engine.has(user, "rep", active=False)
    mql_id = engine.receives()
    if status in (Status.ACCEPTED, Status.CONTACTED):
        engine.does(response.accept, mql_id, "U1", now=NOW)
    if status == Status.CONTACTED:
        engine.does(response.contacted, mql_id, "U1", now=NOW)
    assert isinstance(withdraw(engine, mql_id), Done)
    left = engine.mql(mql_id)
    assert (left.status, left.disposed_at, left.offered, left.erased_at) == (
        Status.WITHDRAWN,
        NOW + HOUR,
        False,
        None,
    )
    (event,) = engine.log(mql_id, EventType.WITHDRAWN)
    assert (event.actor, event.before, event.after, event.reason) == ("U4", status, Status.WITHDRAWN, "a test")
    with engine.database.snapshot() as tx:
        assert all(clock.stopped_at for clock in mqls.clocks(tx, WORKSPACE, [mql_id]))
        assert mqls.due_clocks(tx, NOW + 2000 * HOUR, 10) == []
    if status in (Status.ASSIGNED, Status.UNASSIGNED):
        assert engine.clock(mql_id).state == ClockState.CANCELLED
    else:
        assert engine.clock(mql_id, ClockKind.FEEDBACK).state == ClockState.CANCELLED


@pytest.mark.parametrize(("by", "may"), [("U3", True), ("U4", True), ("U6", True), ("U1", False), ("U5", False)])
def test_marketers_managers_and_admins_may_and_the_attempt_of_others_is_an_event(
    engine: Engine, by: str, may: bool
) -> None:
    mql_id = engine.receives()
    outcome = withdraw(engine, mql_id, by)
    refused = [(event.actor, event.reason) for event in engine.log(mql_id, EventType.REFUSED)]
    if may:
        assert isinstance(outcome, Done)
        assert refused == []
    else:
        assert isinstance(outcome, Refused)
        assert outcome.reason == Refusal.WITHDRAW_NOT_ALLOWED
        assert engine.mql(mql_id).status == Status.ASSIGNED
        assert refused == [(by, "withdraw")]


def test_nothing_is_withdrawn_twice_or_after_its_outcome_or_without_being_there(engine: Engine) -> None:
    once, reported = engine.receives(), engine.receives(company="Beta")
    engine.does(accept_and_report, reported, "U2", QUALIFIED, now=NOW)
    withdraw(engine, once)
    before = [len(engine.log(mql_id)) for mql_id in (once, reported)]
    outcomes = [withdraw(engine, mql_id, at=2) for mql_id in (once, reported, 999)]
    assert [outcome.reason for outcome in outcomes if isinstance(outcome, Refused)] == [
        Refusal.WITHDRAWN,
        Refusal.HAS_DISPOSITION,
        Refusal.NOT_FOUND,
    ]
    assert [len(engine.log(mql_id)) for mql_id in (once, reported)] == before
    assert engine.mql(reported).status == Status.QUALIFIED


ACTS: dict[str, Callable[[sa.Connection, int], ActionResult]] = {
    "accept": lambda tx, mql_id: response.accept(tx, WORKSPACE, mql_id, "U1", NOW),
    "contacted": lambda tx, mql_id: response.contacted(tx, WORKSPACE, mql_id, "U1", NOW),
    "how": lambda tx, mql_id: response.contacted(tx, WORKSPACE, mql_id, "U1", NOW, Evidence.CALL),
    "take_over": lambda tx, mql_id: response.take_over(tx, WORKSPACE, mql_id, "U3", NOW),
    "reassign": lambda tx, mql_id: response.reassign(tx, WORKSPACE, mql_id, "U3", "U2", None, NOW),
    "decline": lambda tx, mql_id: response.decline(tx, WORKSPACE, mql_id, "U1", "busy", NOW),
    "remind": lambda tx, mql_id: response.remind(tx, WORKSPACE, mql_id, "U3", NOW),
    "pause": lambda tx, mql_id: pauses.pause(tx, WORKSPACE, mql_id, "U1", NOW + HOUR, "later", NOW),
    "resume": lambda tx, mql_id: pauses.resume(tx, WORKSPACE, mql_id, "U1", NOW),
    "feedback": lambda tx, mql_id: feedback.give(tx, WORKSPACE, mql_id, "U1", QUALIFIED, NOW),
}


@pytest.mark.parametrize("act", ACTS)
def test_nobody_does_anything_with_a_withdrawn_mql(engine: Engine, act: str) -> None:
    mql_id = engine.receives()
    engine.does(response.contacted, mql_id, "U1", now=NOW) if act == "how" else None
    withdraw(engine, mql_id)
    before = engine.log(mql_id)
    with engine.database.transaction() as tx:
        outcome = ACTS[act](tx, mql_id)
    assert isinstance(outcome, Refused)
    assert outcome.reason == Refusal.WITHDRAWN
    assert engine.log(mql_id) == before
    assert engine.mql(mql_id).status == Status.WITHDRAWN


def test_what_the_crm_reports_afterwards_is_only_recorded(engine: Engine) -> None:
    mql_id = engine.receives()
    withdraw(engine, mql_id, at=5)
    with engine.database.transaction() as tx:
        reported = Activity(Evidence.CALL, NOW + HOUR, number=1)
        assert activity.record(tx, WORKSPACE, reported, "U1", NOW + 6 * HOUR).counted_as == CountedAs.RECORD
    assert engine.mql(mql_id).contacted_at is None


def test_messages_that_wait_have_lost_their_reason(engine: Engine) -> None:
    engine.agrees(reminders=(0.5,), escalations=({"after_hours": 24, "to": "manager"},))
    mql_id = engine.receives()
    engine.sweeps(NOW + 25 * HOUR)
    kinds = (MessageKind.ASSIGNMENT, MessageKind.ESCALATION)
    with engine.database.snapshot() as tx:
        assert [relevance.reason_gone(tx, row) for row in engine.messages(mql_id, *kinds)] == [None, None]
    withdraw(engine, mql_id, at=26)
    with engine.database.snapshot() as tx:
        gone = [relevance.reason_gone(tx, row) for row in engine.messages(mql_id, *kinds)]
    assert gone == ["the MQL is withdrawn by now"] * 2
    assert engine.sweeps(NOW + 2000 * HOUR) == 0


def test_the_same_lead_comes_in_as_a_new_mql(engine: Engine) -> None:
    lead: dict[str, Any] = {"email": "jane@acme.example", "external_id": "7"}
    first = engine.receives(**lead)
    assert engine.receives(**lead) == first
    withdraw(engine, first)
    second = engine.receives(NOW + 2 * HOUR, **lead)
    assert engine.mql(second).number == engine.mql(first).number + 1


# Turns: U1 and U2 are the reps, and U1 is first.


def test_the_turn_is_given_back(engine: Engine) -> None:
    mql_id = engine.receives()
    assert engine.mql(mql_id).owner == "U1"
    withdraw(engine, mql_id)
    assert engine.mql(engine.receives(NOW + 2 * HOUR)).owner == "U1"


def test_a_turn_after_it_is_kept(engine: Engine) -> None:
    mql_id, _, third = engine.receives(), engine.receives(), engine.receives()
    assert engine.mql(third).owner == "U1"
    before = turns(engine)
    withdraw(engine, mql_id)
    assert turns(engine) == before


def test_of_two_withdrawn_one_after_the_other_neither_counts(engine: Engine) -> None:
    first, _, third = engine.receives(), engine.receives(), engine.receives()
    for mql_id in (first, third):
        withdraw(engine, mql_id)
    assert turns(engine)["U1"] == 0
    assert engine.mql(engine.receives(NOW + 2 * HOUR)).owner == "U1"


def test_whoever_declined_it_gets_the_turn_back_too(engine: Engine) -> None:
    mql_id = engine.receives()
    engine.does(response.decline, mql_id, "U1", "not mine", now=NOW)
    assert engine.mql(mql_id).owner == "U2"
    withdraw(engine, mql_id)
    assert (turns(engine)["U1"], turns(engine)["U2"]) == (0, 0)


def test_an_owner_chosen_by_hand_had_no_turn_to_lose(engine: Engine) -> None:
    mql_id, other = engine.receives(), engine.receives()
    engine.does(response.reassign, mql_id, "U3", "U2", None, now=NOW)
    before = turns(engine)["U2"]
    withdraw(engine, mql_id)
    assert (turns(engine)["U1"], turns(engine)["U2"]) == (0, before)
    assert engine.mql(other).owner == "U2"


# Figures


def test_no_figure_counts_it_but_the_one_of_the_withdrawn(engine: Engine) -> None:
    engine.agrees(escalations=({"after_hours": 24, "to": "manager"},), feedback_days=1, feedback_escalation_days=1)
    empty = week(engine)
    late, answered = engine.receives(email="a@a.example"), engine.receives(company="Beta")
    engine.receives(email="a@a.example")  # once more
    engine.does(response.accept, answered, "U2", now=NOW + HOUR)
    engine.sweeps(NOW + 60 * HOUR)
    counts = week(engine).now
    assert (counts.received, counts.repeated, counts.responded, counts.breached, counts.escalated) == (2, 1, 1, 1, 1)
    assert counts.feedback_due == 1
    for mql_id in (late, answered):
        withdraw(engine, mql_id, at=61)
    after = week(engine)
    assert after.now.withdrawn == 2
    assert vars(after.now) | {"withdrawn": 0} == vars(empty.now)
    assert after.reps == empty.reps
    assert (after.debt, after.waiting) == (Overdue(0), Overdue(0))
