"""What people do between two ticks: nothing that has happened is undone by it, and nothing is left running."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.base import period_words
from bot.core.base.results import Done, Refusal, Refused
from bot.core.mql import activity, escalation, feedback, pauses, policy_migration, response
from bot.core.mql.activity import Activity
from bot.core.mql.feedback import Answer
from bot.core.reports import weekly
from bot.core.reports.figures import WeeklyReport
from bot.core.sla.policy import Policy, read_policy
from storage import mqls, policies, workspaces
from storage.database import Database
from storage.models import Clock, Event
from storage.vocabulary import ClockKind, ClockState, Disposition, EventType, Evidence
from tests.workspace import NOW, WORKSPACE, configure, receive

HOUR = timedelta(hours=1)
QUALIFIED = Answer(disposition=Disposition.QUALIFIED)


@pytest.fixture
def office(database: Database) -> Database:
    configure(database)
    return database


def _agree(office: Database, **policy: Any) -> None:
    body = read_policy(Policy().model_dump(mode="json") | {"calendar": "always"} | policy).model_dump(mode="json")
    with office.transaction() as tx:
        policies.add(tx, WORKSPACE, body, "Asia/Tokyo", {}, NOW)


def _does(office: Database, act: Any, mql_id: int, *given: Any, at: datetime) -> None:
    with office.transaction() as tx:
        assert isinstance(act(tx, WORKSPACE, mql_id, *given, at), Done)


def _tick(office: Database, at: datetime) -> None:
    with office.transaction() as tx:
        for clock in mqls.due_clocks(tx, at, 10):
            escalation.check(tx, clock, at)


def _clock(office: Database, mql_id: int, kind: ClockKind = ClockKind.RESPONSE) -> Clock:
    with office.snapshot() as tx:
        (clock,) = [clock for clock in mqls.clocks(tx, WORKSPACE, [mql_id]) if clock.kind == kind]
    return clock


def _breaches(office: Database, mql_id: int) -> list[Event]:
    with office.snapshot() as tx:
        return [event for event in mqls.history(tx, WORKSPACE, mql_id) if event.type == EventType.BREACHED]


def test_an_outcome_stops_both_clocks_where_contact_is_the_response(office: Database) -> None:
    _agree(office, response="contacted")
    mql_id = receive(office)
    _does(office, response.accept, mql_id, "U1", at=NOW + HOUR)
    _does(office, feedback.give, mql_id, "U1", QUALIFIED, at=NOW + 2 * HOUR)
    assert {_clock(office, mql_id, kind).state for kind in ClockKind} == {ClockState.MET}


def test_a_pause_does_not_undo_the_breach_that_came_before_it(office: Database) -> None:
    _agree(office)
    mql_id = receive(office)
    _does(office, pauses.pause, mql_id, "U3", NOW + 90 * HOUR, "asked for it", at=NOW + 25 * HOUR)
    assert [event.at for event in _breaches(office, mql_id)] == [NOW + 24 * HOUR]
    assert _clock(office, mql_id).breached_at == NOW + 24 * HOUR
    _tick(office, NOW + 91 * HOUR)
    assert len(_breaches(office, mql_id)) == 1
    # One hour after the deadline had passed when the pause began: the step at 48 hours comes 23 hours after its end.
    assert _clock(office, mql_id).next_check_at == NOW + 113 * HOUR


def test_a_breach_that_a_press_finds_first_leaves_nothing_for_each_tick_to_look_at(office: Database) -> None:
    _agree(office, feedback_days=3, feedback_reminders=[], feedback_escalation_days=8)
    mql_id = receive(office)
    _does(office, response.accept, mql_id, "U1", at=NOW)
    _does(office, response.contacted, mql_id, "U1", at=NOW + 72 * HOUR)
    assert [event.data["clock"] for event in _breaches(office, mql_id)] == ["feedback"]
    assert _clock(office, mql_id, ClockKind.FEEDBACK).next_check_at == NOW + 8 * 24 * HOUR


def test_a_clock_that_is_looked_at_too_early_waits_for_its_next_checkpoint(office: Database) -> None:
    _agree(office, reminders=[], response_hours=24)
    mql_id = receive(office)
    with office.transaction() as tx:
        mqls.change_clock(tx, _clock(office, mql_id), next_check_at=NOW + HOUR)
    _tick(office, NOW + 2 * HOUR)
    assert _clock(office, mql_id).next_check_at == NOW + 24 * HOUR


def test_a_new_owner_who_gets_the_whole_time_does_not_undo_the_breach_of_the_old_one(office: Database) -> None:
    _agree(office, on_reassign="restart")
    mql_id = receive(office)
    _does(office, response.reassign, mql_id, "U3", "U2", None, at=NOW + 25 * HOUR)
    assert [event.before for event in _breaches(office, mql_id)] == ["U1"]
    clock = _clock(office, mql_id)
    assert (clock.breached_at, clock.due_at, clock.step) == (NOW + 24 * HOUR, NOW + 49 * HOUR, 0)


def test_the_second_owner_to_be_late_is_written_down_too(office: Database) -> None:
    _agree(office, on_reassign="restart")
    mql_id = receive(office)
    _does(office, response.reassign, mql_id, "U3", "U2", None, at=NOW + 25 * HOUR)
    _does(office, response.accept, mql_id, "U2", at=NOW + 50 * HOUR)
    assert [(event.before, event.at) for event in _breaches(office, mql_id)] == [
        ("U1", NOW + 24 * HOUR),
        ("U2", NOW + 49 * HOUR),
    ]


def _report(office: Database, now: datetime) -> WeeklyReport:
    with office.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        return weekly.weekly(tx, workspace, period_words.iso_week(NOW.date()), now)


def test_a_paused_deadline_is_not_counted_as_passed(office: Database) -> None:
    _agree(office)
    mql_id = receive(office)
    _does(office, pauses.pause, mql_id, "U3", NOW + 90 * HOUR, "asked for it", at=NOW + HOUR)
    assert _report(office, NOW + 30 * HOUR).now.due == 0


def test_a_week_in_which_a_deadline_passed_says_so_also_after_the_next_owner_got_more_time(office: Database) -> None:
    _agree(office, on_reassign="restart", response_hours=72, escalations=[], reminders=[])
    mql_id = receive(office)
    _tick(office, NOW + 72 * HOUR)
    _does(office, response.reassign, mql_id, "U3", "U2", None, at=NOW + 100 * HOUR)
    figures = _report(office, NOW + 14 * 24 * HOUR).now
    assert (figures.due, figures.in_time, figures.breached) == (1, 0, 1)


def test_a_paused_feedback_clock_is_no_debt_of_the_week(office: Database) -> None:
    _agree(office, feedback_days=1)
    mql_id = receive(office)
    _does(office, response.accept, mql_id, "U1", at=NOW)
    _does(office, pauses.pause, mql_id, "U3", NOW + 300 * HOUR, "asked for it", at=NOW + HOUR)
    report = _report(office, NOW + 200 * HOUR)
    assert (report.now.feedback_due, [rep.debt for rep in report.reps]) == (0, [0, 0])


def test_the_hours_of_a_pause_are_not_laid_at_the_reps_door(office: Database) -> None:
    _agree(office)
    mql_id = receive(office)
    _does(office, pauses.pause, mql_id, "U3", NOW + 30 * HOUR, "asked for it", at=NOW + 10 * HOUR)
    _tick(office, NOW + 44 * HOUR)
    (rep,) = [rep for rep in _report(office, NOW + 45 * HOUR).reps if rep.breached]
    assert (rep.user_id, rep.idle) == ("U1", 14 * HOUR)


def test_a_contact_before_the_pause_that_the_crm_tells_during_it_was_in_time(office: Database) -> None:
    _agree(office, response="contacted")
    mql_id = receive(office)
    _tick(office, NOW + 24 * HOUR)
    _does(office, pauses.pause, mql_id, "U3", NOW + 90 * HOUR, "asked for it", at=NOW + 25 * HOUR)
    with office.transaction() as tx:
        activity.record(tx, WORKSPACE, Activity(Evidence.CALL, NOW + 23 * HOUR, number=1), "U1", NOW + 26 * HOUR)
    clock = _clock(office, mql_id)
    assert (clock.state, clock.stopped_at) == (ClockState.MET, NOW + 23 * HOUR)


def test_an_answer_after_the_machines_clock_was_set_back_took_no_time(office: Database) -> None:
    mql_id = receive(office)
    _does(office, response.accept, mql_id, "U1", at=NOW - HOUR)
    assert _clock(office, mql_id).stopped_at == NOW
    assert _report(office, NOW + HOUR).now.median == timedelta(0)


def _moved(office: Database, now: datetime, **policy: Any) -> None:
    _agree(office, **policy)
    with office.transaction() as tx:
        workspace = workspaces.locked(tx, WORKSPACE)
        assert workspace is not None
        policy_migration.apply_to_all(tx, workspace, now)


def test_a_paused_clock_that_another_agreement_makes_late_is_late_from_then_on(office: Database) -> None:
    _agree(office)
    mql_id = receive(office)
    _does(office, pauses.pause, mql_id, "U3", NOW + 90 * HOUR, "asked for it", at=NOW + 20 * HOUR)
    _moved(office, NOW + 30 * HOUR, response_hours=10)
    _tick(office, NOW + 91 * HOUR)
    assert [event.at for event in _breaches(office, mql_id)] == [NOW + 30 * HOUR]
    assert _clock(office, mql_id).breached_at == NOW + 30 * HOUR


def test_a_clock_that_was_paused_while_the_machines_was_set_back_moves_by_what_it_has_counted(office: Database) -> None:
    _agree(office)
    mql_id = receive(office)
    _does(office, pauses.pause, mql_id, "U3", NOW + 90 * HOUR, "asked for it", at=NOW + 8 * HOUR)
    _does(office, pauses.resume, mql_id, "U3", at=NOW + 6 * HOUR)
    _moved(office, NOW + 7 * HOUR, response_hours=48, escalations=[])
    assert _clock(office, mql_id).due_at == NOW + (6 + 48 - 8) * HOUR


def test_a_week_that_is_over_reads_the_same_after_another_agreement_has_moved_its_deadlines(office: Database) -> None:
    terms: dict[str, Any] = {"feedback_days": 1, "feedback_escalation_days": 20, "response": "contacted"}
    _agree(office, response_hours=200, escalations=[], **terms)
    mql_id = receive(office)
    _does(office, response.accept, mql_id, "U1", at=NOW)
    _tick(office, NOW + 201 * HOUR)
    before = _report(office, NOW + 201 * HOUR).now
    _moved(office, NOW + 300 * HOUR, response_hours=1, escalations=[], **terms | {"feedback_days": 10})
    after = _report(office, NOW + 301 * HOUR).now
    assert [(figures.due, figures.feedback_due) for figures in (before, after)] == [(0, 1), (0, 1)]


def test_an_mql_has_one_pause_for_both_of_its_clocks(office: Database) -> None:
    _agree(office, response="contacted")
    mql_id, owner, asked = receive(office), "U1", "the customer asked for a date"
    _does(office, pauses.pause, mql_id, owner, NOW + 48 * HOUR, asked, at=NOW + HOUR)
    _does(office, response.accept, mql_id, owner, at=NOW + 2 * HOUR)
    with office.transaction() as tx:
        again = pauses.pause(tx, WORKSPACE, mql_id, owner, NOW + 4 * HOUR, asked, NOW + 3 * HOUR)
    assert again == Refused(Refusal.PAUSED_ALREADY, number=1)
    assert {_clock(office, mql_id, kind).next_check_at for kind in ClockKind} == {NOW + 48 * HOUR}
    _tick(office, NOW + 48 * HOUR)
    assert {_clock(office, mql_id, kind).state for kind in ClockKind} == {ClockState.RUNNING}


def test_a_new_owner_who_answers_in_time_is_not_late_although_the_machines_clock_was_set_back(office: Database) -> None:
    _agree(office, on_reassign="restart")
    mql_id, earlier = receive(office), NOW - 48 * HOUR
    _does(office, response.reassign, mql_id, "U3", "U2", "holiday", at=earlier)
    _does(office, response.accept, mql_id, "U2", at=earlier + HOUR)
    answered = _clock(office, mql_id)
    assert (answered.state, answered.stopped_at) == (ClockState.MET, NOW)
    assert _breaches(office, mql_id) == []
