"""An outcome of an MQL that nobody has accepted is refused, whoever reports it and however. On both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.core.base.results import Done, Refusal, Refused
from bot.core.mql import activity, feedback, response, withdrawal
from bot.core.mql.activity import Activity
from bot.core.mql.feedback import Answer
from bot.core.routing import assignment
from storage.database import Database
from storage.vocabulary import ClockKind, ClockState, Disposition, EventType, Evidence, Status
from tests.core.kit import Engine
from tests.isolation.neighbour import rows_of
from tests.workspace import NOW, WORKSPACE

pytestmark = pytest.mark.rules

HOUR = timedelta(hours=1)
ANSWERS = {
    Disposition.QUALIFIED: Answer(disposition=Disposition.QUALIFIED, amount=5),
    Disposition.DISQUALIFIED: Answer(disposition=Disposition.DISQUALIFIED, lost_reason="no_budget"),
    Disposition.RECYCLED: Answer(disposition=Disposition.RECYCLED, comment="next year"),
}
QUALIFIED = ANSWERS[Disposition.QUALIFIED]


@pytest.fixture
def engine(office: Database) -> Engine:
    """U1 and U2 are the reps, U3 manages."""
    engine = Engine(office)
    engine.agrees()
    return engine


def unassigned(engine: Engine) -> int:
    for user in ("U1", "U2"):
        engine.has(user, "rep", away_until=NOW + 9 * HOUR)
    return engine.receives()


def refused(engine: Engine, give: Any, mql_id: int, by: str, answer: Answer = QUALIFIED) -> tuple[Refusal, str]:
    """Why, and who is named; nothing at all is written."""
    before = rows_of(engine.database, WORKSPACE)
    outcome = engine.does(give, mql_id, by, answer, now=NOW + HOUR)
    assert isinstance(outcome, Refused)
    assert rows_of(engine.database, WORKSPACE) == before
    assert outcome.number == engine.mql(mql_id).number
    return outcome.reason, outcome.by


@pytest.mark.parametrize("give", [feedback.give, feedback.give_first])
@pytest.mark.parametrize("disposition", Disposition)
def test_nothing_is_written_and_the_owner_is_told_to_accept(
    engine: Engine, give: Any, disposition: Disposition
) -> None:
    mql_id, answer = engine.receives(), ANSWERS[disposition]
    assert refused(engine, give, mql_id, "U1", answer) == (Refusal.NOT_ACCEPTED, "")
    assert refused(engine, give, mql_id, "U3", answer) == (Refusal.OWNER_HAS_NOT_ACCEPTED, "U1")
    engine.does(response.accept, mql_id, "U1", now=NOW + 2 * HOUR)
    assert isinstance(engine.does(give, mql_id, "U1", answer, now=NOW + 3 * HOUR), Done)
    assert engine.mql(mql_id).status == Status(disposition)
    assert {engine.clock(mql_id, kind).state for kind in ClockKind} == {ClockState.MET}


def test_one_without_an_owner_has_nobody_to_wait_for(engine: Engine) -> None:
    mql_id = unassigned(engine)
    assert [refused(engine, feedback.give, mql_id, by) for by in ("U1", "U3")] == [(Refusal.NOT_ACCEPTED, "")] * 2


def test_whoever_may_not_act_on_it_learns_only_that(engine: Engine) -> None:
    mql_id = engine.receives()
    outcome = engine.does(feedback.give, mql_id, "U2", QUALIFIED, now=NOW)
    assert outcome == Refused(Refusal.NOT_ALLOWED, number=1)
    assert [event.reason for event in engine.log(mql_id, EventType.REFUSED)] == ["feedback"]


def test_a_new_owner_of_what_nobody_accepted_has_to_accept_it(engine: Engine) -> None:
    mql_id = engine.receives()
    engine.does(response.reassign, mql_id, "U3", "U2", None, now=NOW)
    assert refused(engine, feedback.give, mql_id, "U2") == (Refusal.NOT_ACCEPTED, "")
    assert refused(engine, feedback.give, mql_id, "U3") == (Refusal.OWNER_HAS_NOT_ACCEPTED, "U2")


def test_an_accepted_one_stays_accepted_with_its_next_owner(engine: Engine) -> None:
    mql_id = engine.receives()
    engine.does(response.accept, mql_id, "U1", now=NOW)
    engine.does(response.reassign, mql_id, "U3", "U2", None, now=NOW)
    assert isinstance(engine.does(feedback.give, mql_id, "U2", QUALIFIED, now=NOW + HOUR), Done)


@pytest.mark.parametrize("how", ["contacted", "the crm"])
def test_a_contact_is_enough(engine: Engine, how: str) -> None:
    mql_id = engine.receives()
    if how == "contacted":
        engine.does(response.contacted, mql_id, "U1", now=NOW + HOUR)
    else:
        with engine.database.transaction() as tx:
            activity.record(tx, WORKSPACE, Activity(Evidence.CALL, NOW + HOUR, number=1), None, NOW + HOUR)
    assert isinstance(engine.does(feedback.give, mql_id, "U1", QUALIFIED, now=NOW + 2 * HOUR), Done)


def test_where_contact_is_the_response_an_accepted_one_needs_none(engine: Engine) -> None:
    engine.agrees(response="contacted")
    mql_id = engine.receives()
    assert refused(engine, feedback.give, mql_id, "U1") == (Refusal.NOT_ACCEPTED, "")
    engine.does(response.accept, mql_id, "U1", now=NOW + HOUR)
    assert engine.clock(mql_id).state == ClockState.RUNNING
    assert isinstance(engine.does(feedback.give, mql_id, "U1", QUALIFIED, now=NOW + 2 * HOUR), Done)
    assert engine.clock(mql_id).state == ClockState.MET


def test_what_was_withdrawn_is_called_that(engine: Engine) -> None:
    mql_id = engine.receives()
    engine.does(withdrawal.withdraw, mql_id, "U3", None, now=NOW)
    assert refused(engine, feedback.give, mql_id, "U1") == (Refusal.WITHDRAWN, "")


def test_one_that_is_given_out_again_after_its_owner_left_is_accepted_anew(engine: Engine) -> None:
    mql_id = engine.receives()
    with engine.database.transaction() as tx:
        assignment.take_from(tx, WORKSPACE, "U1", NOW)
    assert engine.mql(mql_id).owner == "U2"
    assert refused(engine, feedback.give, mql_id, "U2") == (Refusal.NOT_ACCEPTED, "")
