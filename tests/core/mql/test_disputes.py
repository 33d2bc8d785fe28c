"""Marketing disputes a disqualification: who may, who decides, and what becomes of the MQL, its clocks, its turn and
the figures. On both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.core.base.results import ActionResult, Done, Refusal, Refused
from bot.core.messages import relevance
from bot.core.mql import disputes, erasure, feedback, pauses, response, withdrawal
from bot.core.mql.feedback import Answer
from bot.core.reports import weekly
from bot.core.reports.figures import WeeklyReport
from bot.core.views import home
from bot.core.views.board import Filter
from bot.core.views.disputes import OpenDispute
from storage import kpi_targets, members, mqls, workspaces
from storage.database import Database
from storage.models import LostReason
from storage.reports import Span
from storage.vocabulary import ClockKind, ClockState, Disposition, ErasedFor, EventType, MessageKind, Status
from tests.core.kit import Engine, accept_and_report
from tests.isolation.neighbour import rows_of
from tests.workspace import NOW, WORKSPACE

pytestmark = pytest.mark.rules

HOUR = timedelta(hours=1)
QUALIFIED = Answer(disposition=Disposition.QUALIFIED)
NO_BUDGET = Answer(disposition=Disposition.DISQUALIFIED, lost_reason="no_budget")
DUPLICATE = Answer(disposition=Disposition.DISQUALIFIED, lost_reason="duplicate")


@pytest.fixture
def engine(office: Database) -> Engine:
    """U1 and U2 are the reps, U3 manages, U4 is of marketing, U5 the head, U6 an admin."""
    engine = Engine(office)
    engine.agrees(feedback_days=5)
    for user, role in (("U4", "marketer"), ("U5", "head"), ("U6", "admin")):
        engine.has(user, role)
    reasons = [
        LostReason(workspace_id=WORKSPACE, key=key, position=place, ja=key, en=key, unfit=key == "duplicate")
        for place, key in enumerate(("no_budget", "duplicate"))
    ]
    with office.transaction() as tx:
        workspaces.save_reasons(tx, WORKSPACE, reasons)
    return engine


def disqualified(engine: Engine, answer: Answer = NO_BUDGET, at: float = 1, **lead: Any) -> int:
    mql_id = engine.receives(**lead)
    owner = engine.mql(mql_id).owner
    engine.does(response.accept, mql_id, owner, now=NOW)
    assert isinstance(engine.does(feedback.give, mql_id, owner, answer, now=NOW + at * HOUR), Done)
    return mql_id


def dispute(engine: Engine, mql_id: int, by: str = "U4", at: float = 2) -> ActionResult:
    outcome: ActionResult = engine.does(disputes.dispute, mql_id, by, "They have a budget", now=NOW + at * HOUR)
    return outcome


def opened(engine: Engine, mql_id: int) -> int:
    return engine.log(mql_id, EventType.DISPUTED)[-1].id


def decide(engine: Engine, act: Any, mql_id: int, by: str = "U3", at: float = 3) -> ActionResult:
    outcome: ActionResult = engine.does(act, opened(engine, mql_id), by, now=NOW + at * HOUR)
    return outcome


def reason_of(outcome: ActionResult) -> Refusal:
    assert isinstance(outcome, Refused)
    return outcome.reason


def week(engine: Engine, at: float = 100) -> WeeklyReport:
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        return weekly.weekly(tx, workspace, "2026-W47", NOW + at * HOUR)


def turns(engine: Engine) -> dict[str, int]:
    with engine.database.snapshot() as tx:
        return {member.user_id: member.last_turn for member in members.roster(tx, WORKSPACE)}


def waiting(engine: Engine, reader: str = "U3") -> list[OpenDispute]:
    """What somebody sees in their App Home."""
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        return list(home.home(tx, workspace, reader, NOW, Filter()).disputes)


def test_a_dispute_is_written_down_and_told_to_the_manager(engine: Engine) -> None:
    mql_id = disqualified(engine)
    before = engine.mql(mql_id)
    assert isinstance(dispute(engine, mql_id), Done)
    (event,) = engine.log(mql_id, EventType.DISPUTED)
    assert (event.actor, event.reason, event.at) == ("U4", "They have a budget", NOW + 2 * HOUR)
    after = engine.mql(mql_id)
    assert (after.status, after.disposed_at, after.disputed_at) == (Status.DISQUALIFIED, before.disposed_at, event.at)
    assert engine.told(mql_id, MessageKind.DISPUTED) == ["U3"]


def test_the_owners_own_manager_is_asked_else_the_head_else_the_admin(engine: Engine) -> None:
    engine.has("U7", "manager")
    engine.has("U1", "rep", manager_user_id="U7")
    mql_id = disqualified(engine)
    assert engine.mql(mql_id).owner == "U1"
    dispute(engine, mql_id)
    assert engine.told(mql_id, MessageKind.DISPUTED) == ["U7"]
    asked = []
    for leaving in (("U3", "U7"), ("U5",)):
        for user in leaving:
            engine.has(user, "manager", active=False)
        other = disqualified(engine, company=f"Other {leaving}")
        dispute(engine, other)
        asked.append(engine.told(other, MessageKind.DISPUTED))
    assert asked == [["U5"], ["U6"]]


@pytest.mark.parametrize(
    ("by", "may"), [("U4", True), ("U6", True), ("U1", False), ("U3", False), ("U5", False), ("U99", False)]
)
def test_marketers_and_admins_may_dispute_and_the_attempt_of_others_is_an_event(
    engine: Engine, by: str, may: bool
) -> None:
    mql_id = disqualified(engine)
    outcome = dispute(engine, mql_id, by)
    if may:
        assert isinstance(outcome, Done)
        return
    assert reason_of(outcome) == Refusal.DISPUTE_NOT_ALLOWED
    assert [(entry.actor, entry.reason) for entry in engine.log(mql_id, EventType.REFUSED)] == [(by, "dispute")]
    assert engine.mql(mql_id).disputed_at is None


def test_only_what_is_disqualified_can_be_disputed_and_only_once(engine: Engine) -> None:
    open_one, mql_id = engine.receives(company="Open"), disqualified(engine)
    qualified = disqualified(engine, company="Good")
    engine.does(feedback.give, qualified, "U3", QUALIFIED, now=NOW + 2 * HOUR)
    dispute(engine, mql_id)
    before = {subject_id: engine.log(subject_id) for subject_id in (open_one, qualified, mql_id)}
    reasons = [reason_of(dispute(engine, subject_id, at=4)) for subject_id in (open_one, qualified, mql_id, 999)]
    not_disqualified = Refusal.NOT_DISQUALIFIED
    assert reasons == [not_disqualified, not_disqualified, Refusal.DISPUTED_ALREADY, Refusal.NOT_FOUND]
    assert {subject_id: engine.log(subject_id) for subject_id in before} == before


@pytest.mark.parametrize(("by", "may"), [("U3", True), ("U5", True), ("U6", True), ("U1", False), ("U4", False)])
@pytest.mark.parametrize("act", [disputes.uphold, disputes.accept])
def test_leaders_decide_and_nobody_else(engine: Engine, act: Any, by: str, may: bool) -> None:
    mql_id = disqualified(engine)
    dispute(engine, mql_id)
    outcome = decide(engine, act, mql_id, by)
    assert isinstance(outcome, Done) == may
    if not may:
        assert reason_of(outcome) == Refusal.DECIDE_NOT_ALLOWED
        assert [(entry.actor, entry.reason) for entry in engine.log(mql_id, EventType.REFUSED)] == [(by, "decide")]
        assert engine.mql(mql_id).disputed_at is not None


def test_leaders_see_every_dispute_that_waits_and_marketing_its_own(engine: Engine) -> None:
    engine.has("U7", "marketer")
    first, second = disqualified(engine), disqualified(engine, company="Beta")
    dispute(engine, second, "U6", at=2)
    dispute(engine, first, "U4", at=3)
    seen = {
        user: [entry.view.mql.id for entry in waiting(engine, user)] for user in ("U1", "U3", "U4", "U5", "U6", "U7")
    }
    assert seen == {
        "U1": [],
        "U3": [second, first],
        "U4": [first],
        "U5": [second, first],
        "U6": [second, first],
        "U7": [],
    }
    decide(engine, disputes.uphold, first, at=4)
    assert [entry.view.mql.id for entry in waiting(engine)] == [second]
    assert waiting(engine, "U4") == []
    with engine.database.transaction() as tx:
        erasure.erase(tx, WORKSPACE, second, ErasedFor.REQUEST, NOW + 5 * HOUR)
    assert waiting(engine) == []


def test_an_upheld_disqualification_stays_as_it_was(engine: Engine) -> None:
    mql_id = disqualified(engine)
    before = week(engine)
    dispute(engine, mql_id)
    decide(engine, disputes.uphold, mql_id)
    (event,) = engine.log(mql_id, EventType.UPHELD)
    assert (event.actor, event.data["dispute"]) == ("U3", opened(engine, mql_id))
    left = engine.mql(mql_id)
    assert (left.status, left.disposed_at, left.disputed_at) == (Status.DISQUALIFIED, NOW + HOUR, None)
    assert engine.told(mql_id, MessageKind.DISPUTE_DECIDED) == ["U4"]
    assert week(engine) == before
    assert reason_of(dispute(engine, mql_id, at=5)) == Refusal.UPHELD_ALREADY


def test_a_new_answer_after_it_was_upheld_can_be_disputed_again(engine: Engine) -> None:
    mql_id = disqualified(engine)
    dispute(engine, mql_id)
    decide(engine, disputes.uphold, mql_id)
    engine.does(feedback.give, mql_id, "U1", DUPLICATE, now=NOW + 4 * HOUR)
    assert isinstance(dispute(engine, mql_id, at=5), Done)


def test_an_accepted_dispute_gives_the_mql_back_with_a_new_feedback_clock(engine: Engine) -> None:
    mql_id = disqualified(engine)
    first = engine.clock(mql_id, ClockKind.FEEDBACK)
    dispute(engine, mql_id)
    at = NOW + 300 * HOUR  # long after the first deadline
    assert isinstance(decide(engine, disputes.accept, mql_id, at=300), Done)
    subject, clock = engine.mql(mql_id), engine.clock(mql_id, ClockKind.FEEDBACK)
    assert (subject.status, subject.owner, subject.disposed_at) == (Status.ACCEPTED, "U1", None)
    assert subject.disputed_at is None
    assert (clock.state, clock.started_at, clock.stopped_at) == (ClockState.RUNNING, at, None)
    assert clock.due_at - at == first.due_at - first.started_at
    assert engine.clock(mql_id).state == ClockState.MET, "the response was given and stays given"
    assert engine.told(mql_id, MessageKind.REOPENED) == ["U1"]
    assert engine.told(mql_id, MessageKind.DISPUTE_DECIDED) == ["U4"]
    engine.sweeps(at + 200 * HOUR)
    assert engine.clock(mql_id, ClockKind.FEEDBACK).breached_at == clock.breach_at


def test_the_new_clock_knows_nothing_of_the_first_ones_breach(engine: Engine) -> None:
    mql_id = disqualified(engine, at=200)
    assert engine.clock(mql_id, ClockKind.FEEDBACK).state == ClockState.MET_LATE
    dispute(engine, mql_id, at=201)
    decide(engine, disputes.accept, mql_id, at=202)
    engine.does(feedback.give, mql_id, "U1", QUALIFIED, now=NOW + 203 * HOUR)
    clock = engine.clock(mql_id, ClockKind.FEEDBACK)
    assert (clock.state, clock.breached_at) == (ClockState.MET, None)
    assert len(engine.log(mql_id, EventType.BREACHED)) == 1, "the log keeps it"


def test_a_reopened_mql_that_is_late_again_is_late_in_another_round(engine: Engine) -> None:
    mql_id = disqualified(engine, at=200)
    dispute(engine, mql_id, at=201)
    decide(engine, disputes.accept, mql_id, at=202)
    engine.sweeps(NOW + 400 * HOUR)
    first, second = (event.data["round"] for event in engine.log(mql_id, EventType.BREACHED))
    assert second == first + 1


def test_a_pause_of_the_new_clock_counts_from_its_own_start(engine: Engine) -> None:
    mql_id = disqualified(engine)
    dispute(engine, mql_id)
    decide(engine, disputes.accept, mql_id, at=10)
    due_at = engine.clock(mql_id, ClockKind.FEEDBACK).due_at
    engine.does(pauses.pause, mql_id, "U1", NOW + 20 * HOUR, "later", now=NOW + 15 * HOUR)
    engine.sweeps(NOW + 20 * HOUR)
    assert engine.clock(mql_id, ClockKind.FEEDBACK).due_at == due_at + 5 * HOUR


def test_one_that_had_been_contacted_is_contacted_again_once_it_is_reopened(engine: Engine) -> None:
    mql_id = engine.receives()
    engine.does(response.contacted, mql_id, "U1", now=NOW)
    engine.does(feedback.give, mql_id, "U1", NO_BUDGET, now=NOW)
    dispute(engine, mql_id)
    decide(engine, disputes.accept, mql_id)
    assert engine.clock(mql_id, ClockKind.FEEDBACK).state == ClockState.RUNNING
    assert engine.mql(mql_id).status == Status.CONTACTED


def test_a_reopened_mql_can_be_handed_to_another_rep_and_reported_anew(engine: Engine) -> None:
    mql_id = disqualified(engine)
    dispute(engine, mql_id)
    decide(engine, disputes.accept, mql_id)
    engine.does(response.reassign, mql_id, "U3", "U2", None, now=NOW + 4 * HOUR)
    assert isinstance(engine.does(feedback.give, mql_id, "U2", NO_BUDGET, now=NOW + 5 * HOUR), Done)
    subject = engine.mql(mql_id)
    assert (subject.owner, subject.disposed_at) == ("U2", NOW + 5 * HOUR)
    assert [entry.type for entry in engine.log(mql_id, EventType.DISPOSED, EventType.CORRECTED)] == [
        EventType.DISPOSED
    ] * 2
    assert isinstance(dispute(engine, mql_id, at=6), Done), "it is another answer"


def test_one_that_got_two_outcomes_in_a_week_counts_once(engine: Engine) -> None:
    mql_id = disqualified(engine)
    dispute(engine, mql_id)
    decide(engine, disputes.accept, mql_id)
    assert week(engine).now.feedback_given == 0
    engine.does(feedback.give, mql_id, engine.mql(mql_id).owner, QUALIFIED, now=NOW + 5 * HOUR)
    figures = week(engine).now
    assert (figures.feedback_given, figures.qualified, figures.disqualified) == (1, 1, 0)
    with engine.database.snapshot() as tx:
        assert kpi_targets.won_of(tx, WORKSPACE, Span(NOW, NOW + 100 * HOUR)) == (0, 1)


def test_where_the_owner_has_left_a_leader_is_told(engine: Engine) -> None:
    mql_id = disqualified(engine)
    engine.has("U1", "rep", active=False)
    dispute(engine, mql_id)
    decide(engine, disputes.accept, mql_id)
    assert engine.told(mql_id, MessageKind.REOPENED) == []
    assert engine.told(mql_id, MessageKind.OWNER_LEFT) == ["U3"]


@pytest.mark.parametrize("act", [disputes.uphold, disputes.accept])
def test_what_is_decided_is_not_decided_again(engine: Engine, act: Any) -> None:
    mql_id = disqualified(engine)
    dispute(engine, mql_id)
    decide(engine, act, mql_id)
    before = engine.log(mql_id)
    for again in (disputes.uphold, disputes.accept):
        outcome = decide(engine, again, mql_id, by="U5", at=4)
        assert reason_of(outcome) == Refusal.DECIDED_ALREADY
        assert isinstance(outcome, Refused)
        assert outcome.by == "U3"
    assert engine.log(mql_id) == before


def test_the_button_of_an_earlier_dispute_decides_no_later_one(engine: Engine) -> None:
    mql_id = disqualified(engine)
    dispute(engine, mql_id)
    first = opened(engine, mql_id)
    decide(engine, disputes.accept, mql_id)
    engine.does(feedback.give, mql_id, "U1", NO_BUDGET, now=NOW + 4 * HOUR)
    dispute(engine, mql_id, at=5)
    assert reason_of(engine.does(disputes.uphold, first, "U3", now=NOW + 6 * HOUR)) == Refusal.DECIDED_ALREADY
    assert engine.mql(mql_id).disputed_at is not None


def test_a_correction_to_something_else_ends_the_dispute_and_one_of_the_reason_does_not(engine: Engine) -> None:
    corrected, kept = disqualified(engine), disqualified(engine, company="Beta")
    for mql_id, answer in ((corrected, QUALIFIED), (kept, DUPLICATE)):
        dispute(engine, mql_id)
        engine.does(feedback.give, mql_id, "U3", answer, now=NOW + 3 * HOUR)
    assert [entry.view.mql.id for entry in waiting(engine)] == [kept]
    assert reason_of(decide(engine, disputes.accept, corrected, at=4)) == Refusal.DISPUTE_OVER
    assert reason_of(dispute(engine, kept, at=4)) == Refusal.DISPUTED_ALREADY
    with engine.database.snapshot() as tx:
        (row,) = engine.messages(corrected, MessageKind.DISPUTED)
        assert relevance.reason_gone(tx, row) == "the MQL is qualified by now"


def test_events_that_open_no_dispute_decide_none(engine: Engine) -> None:
    mql_id = disqualified(engine)
    dispute(engine, mql_id)
    other = engine.log(mql_id, EventType.ACCEPTED)[0].id
    for dispute_id in (other, 999_999):
        assert reason_of(engine.does(disputes.uphold, dispute_id, "U3", now=NOW)) == Refusal.NOT_FOUND


def test_a_lead_that_has_come_to_sales_again_is_not_reopened_beside_itself(engine: Engine) -> None:
    lead: dict[str, Any] = {"email": "jane@acme.example", "external_id": "7"}
    late, early = disqualified(engine, **lead), disqualified(engine, external_id="8")
    dispute(engine, late)
    again = engine.receives(NOW + 3 * HOUR, **lead)
    engine.receives(NOW + 3 * HOUR, external_id="8")
    outcome = decide(engine, disputes.accept, late, at=4)
    assert reason_of(outcome) == Refusal.LEAD_IS_BACK
    assert isinstance(outcome, Refused)
    assert outcome.number == engine.mql(again).number
    assert engine.mql(late).status == Status.DISQUALIFIED
    assert reason_of(dispute(engine, early, at=4)) == Refusal.LEAD_IS_BACK
    assert isinstance(decide(engine, disputes.uphold, late, at=5), Done)


@pytest.mark.parametrize("lead", [{"external_id": "7"}, {"email": "jane@acme.example"}], ids=["id", "e-mail"])
@pytest.mark.parametrize("give", [feedback.give, feedback.give_first])
@pytest.mark.parametrize("before", [NO_BUDGET, Answer(disposition=Disposition.RECYCLED, comment="next year")])
def test_an_mql_whose_lead_is_with_sales_again_is_not_corrected_to_qualified(
    engine: Engine, before: Answer, give: Any, lead: dict[str, Any]
) -> None:
    """It was an error 500 by external id, and by e-mail the lead was with sales twice."""
    first = disqualified(engine, before, **lead)
    again = engine.receives(NOW + 3 * HOUR, **lead)
    assert again != first
    rows = rows_of(engine.database, WORKSPACE)
    outcome = engine.does(give, first, "U3", QUALIFIED, now=NOW + 4 * HOUR)
    expected = Refusal.LEAD_IS_BACK if give == feedback.give else Refusal.DISPOSED_ALREADY
    assert reason_of(outcome) == expected
    assert rows_of(engine.database, WORKSPACE) == rows
    assert isinstance(engine.does(feedback.give, first, "U3", DUPLICATE, now=NOW + 5 * HOUR), Done)


def test_the_second_time_that_a_lead_is_closed_the_first_may_be_corrected(engine: Engine) -> None:
    first = disqualified(engine, external_id="7")
    again = engine.receives(NOW + 3 * HOUR, external_id="7")
    owner = engine.mql(again).owner
    engine.does(response.accept, again, owner, now=NOW + 3 * HOUR)
    engine.does(feedback.give, again, owner, NO_BUDGET, now=NOW + 4 * HOUR)
    assert isinstance(engine.does(feedback.give, first, "U3", QUALIFIED, now=NOW + 5 * HOUR), Done)
    outcome = engine.does(feedback.give, again, "U3", QUALIFIED, now=NOW + 6 * HOUR)
    assert reason_of(outcome) == Refusal.LEAD_IS_BACK


def test_open_disputes_are_listed_the_oldest_first(engine: Engine) -> None:
    first, second, third = (disqualified(engine, company=name) for name in ("Acme", "Beta", "Gamma"))
    for at, mql_id in enumerate((second, first, third)):
        dispute(engine, mql_id, at=2 + at)
    decide(engine, disputes.uphold, third, at=9)
    listed = waiting(engine)
    assert [entry.view.mql.id for entry in listed] == [second, first]
    assert [(entry.opened.actor, entry.opened.event.reason) for entry in listed] == [("U4", "They have a budget")] * 2


def test_an_erased_mql_has_no_dispute_any_more(engine: Engine) -> None:
    mql_id = disqualified(engine)
    dispute(engine, mql_id)
    with engine.database.transaction() as tx:
        assert erasure.erase(tx, WORKSPACE, mql_id, ErasedFor.REQUEST, NOW + 3 * HOUR)
    assert waiting(engine) == []
    assert engine.log(mql_id, EventType.DISPUTED)[0].reason is None
    assert reason_of(decide(engine, disputes.accept, mql_id, at=4)) == Refusal.ERASED
    assert reason_of(dispute(engine, mql_id, at=4)) == Refusal.ERASED


# Turns: U1 and U2 are the reps, and U1 is first.


def test_an_unfit_lead_costs_no_turn_and_any_other_does(engine: Engine) -> None:
    assert engine.mql(disqualified(engine, DUPLICATE)).owner == "U1"
    assert turns(engine)["U1"] == 0
    fit = disqualified(engine, NO_BUDGET, company="Beta")
    assert engine.mql(fit).owner == "U1", "the turn was given back"
    assert turns(engine)["U1"] > 0


def test_the_turn_stays_given_back_where_the_disqualification_is_upheld(engine: Engine) -> None:
    mql_id = disqualified(engine, DUPLICATE)
    dispute(engine, mql_id)
    decide(engine, disputes.uphold, mql_id)
    assert turns(engine)["U1"] == 0
    assert engine.mql(engine.receives(company="Beta")).owner == "U1"


def test_the_turn_counts_again_where_the_lead_was_fit_after_all(engine: Engine) -> None:
    disputed, corrected = disqualified(engine, DUPLICATE), None
    dispute(engine, disputed)
    decide(engine, disputes.accept, disputed)
    assert engine.log(disputed, EventType.REOPENED)[0].data["turn"] == "taken_again"
    corrected = disqualified(engine, DUPLICATE, company="Beta")
    assert engine.mql(corrected).owner == "U2"
    engine.does(feedback.give, corrected, "U2", QUALIFIED, now=NOW + 4 * HOUR)
    with engine.database.snapshot() as tx:
        taken = [mqls.decisions(tx, WORKSPACE, mql_id)[0].id for mql_id in (disputed, corrected)]
    assert [turns(engine)[user] for user in ("U1", "U2")] == taken


def test_a_turn_between_is_not_forgotten_when_an_earlier_one_counts_again(engine: Engine) -> None:
    first = disqualified(engine, DUPLICATE)
    second = engine.receives(company="Beta")
    assert (engine.mql(first).owner, engine.mql(second).owner) == ("U1", "U1")
    dispute(engine, first)
    decide(engine, disputes.accept, first)
    engine.does(accept_and_report, second, "U1", DUPLICATE, now=NOW + 4 * HOUR)
    with engine.database.snapshot() as tx:
        assert turns(engine)["U1"] == mqls.decisions(tx, WORKSPACE, first)[0].id


# Figures


def test_one_that_was_reopened_and_withdrawn_is_in_no_figure_of_outcomes(engine: Engine) -> None:
    mql_id = disqualified(engine)
    dispute(engine, mql_id)
    decide(engine, disputes.accept, mql_id)
    assert isinstance(engine.does(withdrawal.withdraw, mql_id, "U4", "a test", now=NOW + 4 * HOUR), Done)
    figures = week(engine).now
    assert (figures.withdrawn, figures.feedback_given, figures.disqualified, figures.lost_reasons) == (1, 0, 0, ())


def test_a_reopened_mql_has_no_outcome_in_any_figure_until_the_next(engine: Engine) -> None:
    mql_id = disqualified(engine)
    figures = week(engine).now
    assert (figures.feedback_given, figures.disqualified, len(figures.lost_reasons)) == (1, 1, 1)
    dispute(engine, mql_id)
    decide(engine, disputes.accept, mql_id)
    figures = week(engine).now
    assert (figures.feedback_given, figures.feedback_due, figures.disqualified, figures.lost_reasons) == (0, 0, 0, ())
    assert (figures.received, figures.responded, figures.in_time) == (1, 1, 1)
    engine.does(feedback.give, mql_id, "U1", QUALIFIED, now=NOW + 4 * HOUR)
    figures = week(engine).now
    assert (figures.feedback_given, figures.qualified) == (1, 1)
