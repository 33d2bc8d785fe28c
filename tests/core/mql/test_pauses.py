"""How far an owner may pause alone, and what a pause does to clocks that start or stop in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.core.base.results import Done
from bot.core.mql import activity, pauses, response
from bot.core.mql.activity import Activity
from bot.core.sla import pauses as log_of_pauses
from bot.core.sla import working_days
from bot.core.sla.checkpoints import Agreement
from bot.core.sla.clocks import require_agreement
from storage.database import Database
from storage.models import Event
from storage.vocabulary import ClockKind, ClockState, EventType, Evidence, MessageKind
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE

pytestmark = pytest.mark.rules

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = date(2026, 11, 17)


@pytest.fixture
def engine(office: Database) -> Engine:
    engine = Engine(office)
    engine.agrees(response_hours=400, escalations=(), pause_days=5)
    return engine


def paused(engine: Engine, mql_id: int, days: int, now: datetime = NOW, by: str = "U1") -> bool:
    """Whether somebody paused it alone until so many days later; False: a leader was asked."""
    done = engine.does(pauses.pause, mql_id, by, now.date() + days * DAY, "they are away", now=now)
    assert isinstance(done, Done)
    return not isinstance(done, pauses.Asked)


def resumed(engine: Engine, mql_id: int, now: datetime) -> None:
    assert isinstance(engine.does(pauses.resume, mql_id, "U1", now=now), Done)


def test_the_days_of_one_owner_and_clock_are_added_up(engine: Engine) -> None:
    mql_id = engine.receives()
    assert paused(engine, mql_id, 3)
    engine.sweeps(NOW + 3 * DAY)
    assert not paused(engine, mql_id, 3, NOW + 3 * DAY)
    assert paused(engine, mql_id, 2, NOW + 3 * DAY)
    engine.sweeps(NOW + 6 * DAY)
    assert not paused(engine, mql_id, 1, NOW + 6 * DAY)


def test_its_owner_hears_that_a_pause_is_over_unless_they_ended_it(engine: Engine) -> None:
    mql_id = engine.receives()
    assert paused(engine, mql_id, 3)
    resumed(engine, mql_id, NOW + HOUR)
    assert engine.told(mql_id, MessageKind.PAUSE_OVER) == []
    for days, by in ((1, None), (2, "U3")):
        assert paused(engine, mql_id, 1, NOW + days * DAY)
        if by:
            engine.does(pauses.resume, mql_id, by, now=NOW + days * DAY)
        else:
            engine.sweeps(NOW + (days + 1) * DAY)
        assert engine.told(mql_id, MessageKind.PAUSE_OVER) == ["U1"] * days


@pytest.mark.sql
def test_where_nobody_has_it_nobody_hears_that_its_pause_is_over(engine: Engine) -> None:
    for user in ("U1", "U2"):
        engine.has(user, "rep", away_until=NOW + 9 * DAY)
    mql_id = engine.receives()
    assert paused(engine, mql_id, 1, by="U3")
    engine.sweeps(NOW + 2 * DAY)
    assert len(engine.log(mql_id, EventType.RESUMED)) == 1
    assert engine.told(mql_id, MessageKind.PAUSE_OVER) == []


def test_days_that_were_not_used_are_given_back_and_a_day_counts_once(engine: Engine) -> None:
    mql_id = engine.receives()
    for hours in range(0, 8, 2):
        assert paused(engine, mql_id, 5, NOW + hours * HOUR)
        resumed(engine, mql_id, NOW + (hours + 1) * HOUR)
    assert paused(engine, mql_id, 4, NOW + DAY)


def test_who_pauses_by_day_and_resumes_at_night_has_used_the_day(engine: Engine) -> None:
    mql_id = engine.receives()
    for day in range(5):
        assert paused(engine, mql_id, 1, NOW + day * DAY)
        resumed(engine, mql_id, NOW + day * DAY + HOUR)
    assert not paused(engine, mql_id, 1, NOW + 5 * DAY)


def test_what_a_leader_pauses_takes_nothing_of_the_owners_days(engine: Engine) -> None:
    mql_id = engine.receives()
    assert paused(engine, mql_id, 60, by="U3")
    resumed(engine, mql_id, NOW + DAY)
    assert paused(engine, mql_id, 5, NOW + DAY)
    (by_leader, own) = engine.log(mql_id, EventType.PAUSED)
    assert (by_leader.actor, by_leader.data["by_leader"], "by_leader" in own.data) == ("U3", True, False)


def test_each_clock_and_each_owner_has_the_days_anew(engine: Engine) -> None:
    mql_id = engine.receives()
    assert paused(engine, mql_id, 5)
    engine.sweeps(NOW + 6 * DAY)
    engine.does(response.reassign, mql_id, "U3", "U2", None, now=NOW + 6 * DAY)
    assert paused(engine, mql_id, 5, NOW + 6 * DAY, by="U2")
    engine.sweeps(NOW + 12 * DAY)
    assert not paused(engine, mql_id, 1, NOW + 12 * DAY, by="U2")
    engine.does(response.accept, mql_id, "U2", now=NOW + 12 * DAY)
    assert paused(engine, mql_id, 5, NOW + 12 * DAY, by="U2")
    assert engine.log(mql_id, EventType.PAUSED)[-1].data["days"] == 15


def test_without_days_every_pause_is_asked_for(engine: Engine) -> None:
    engine.agrees(pause_days=0)
    mql_id = engine.receives()
    assert not paused(engine, mql_id, 1)
    assert engine.told(mql_id, MessageKind.PAUSE_REQUEST) == ["U3"]
    assert engine.clock(mql_id).state == ClockState.RUNNING


@pytest.mark.sql
def test_leaders_are_asked_and_told_after_the_quiet_hours(engine: Engine) -> None:
    engine.agrees(response_hours=10, escalations=(), pause_days=5, quiet={"start": "20:00", "end": "08:00"})
    mql_id = engine.receives()
    night, morning = NOW + 11 * HOUR, datetime(2026, 11, 17, 23, 0, tzinfo=UTC)
    assert not paused(engine, mql_id, 30, night)
    (request,) = engine.messages(mql_id, MessageKind.PAUSE_REQUEST)
    assert request.due_at == morning
    assert paused(engine, mql_id, 3, night)
    assert engine.messages(mql_id, MessageKind.PAUSED_OVERDUE) == []  # it waits in a list


def test_a_pause_that_no_tick_has_ended_yet_saves_no_answer_from_being_late(engine: Engine) -> None:
    engine.agrees(response_hours=24, escalations=())
    mql_id = engine.receives()
    assert paused(engine, mql_id, 2)
    engine.does(response.accept, mql_id, "U1", now=NOW + 9 * DAY)
    assert engine.clock(mql_id).state == ClockState.MET_LATE
    assert engine.clock(mql_id, ClockKind.FEEDBACK).state == ClockState.RUNNING
    assert len(engine.log(mql_id, EventType.RESUMED)) == 1


def test_a_call_that_the_crm_reports_late_counts_only_what_was_not_paused(engine: Engine) -> None:
    mql_id = engine.receives()
    engine.does(pauses.pause, mql_id, "U1", NOW + 30 * HOUR, "away", now=NOW + 10 * HOUR)
    engine.sweeps(NOW + 30 * HOUR)
    engine.does(pauses.pause, mql_id, "U1", NOW + 60 * HOUR, "away", now=NOW + 50 * HOUR)
    reported = Activity(Evidence.CALL, NOW + 4 * HOUR, number=1)
    with engine.database.transaction() as tx:
        activity.record(tx, WORKSPACE, reported, None, NOW + 55 * HOUR)
    waits = engine.clock(mql_id, ClockKind.FEEDBACK)
    assert (waits.state, waits.started_at, waits.paused_at) == (ClockState.PAUSED, NOW + 4 * HOUR, NOW + 50 * HOUR)
    engine.sweeps(NOW + 60 * HOUR)
    runs = engine.clock(mql_id, ClockKind.FEEDBACK)
    # 6 hours before the first pause, 20 between the two.
    assert runs.counted_us == 26 * HOUR // timedelta(microseconds=1)
    assert runs.due_at == NOW + 60 * HOUR + 5 * DAY - 26 * HOUR
    engine.moves(NOW + 61 * HOUR)
    assert engine.clock(mql_id, ClockKind.FEEDBACK).due_at == runs.due_at


@pytest.mark.parametrize(
    ("calendar", "day", "expected"),
    [
        ("always", date(2026, 11, 22), "2026-11-22T09:00"),
        ("business_days", date(2026, 11, 22), "2026-11-23T09:00"),
        (
            {"kind": "business_hours", "hours": {"thursday": ["13:00-18:00"]}},
            date(2026, 11, 18),
            "2026-11-19T13:00",
        ),
        (
            {"kind": "business_hours", "hours": {"thursday": ["06:00-18:00"]}},
            date(2026, 11, 19),
            "2026-11-19T08:00",
        ),
        (
            {"kind": "business_days", "half_days": {date(2026, 11, 18): ["13:00-24:00"]}},
            date(2026, 11, 18),
            "2026-11-18T13:00",
        ),
    ],
)
def test_work_begins(engine: Engine, calendar: Any, day: date, expected: str) -> None:
    engine.agrees(calendar=calendar, quiet={"start": "20:00", "end": "08:00"})
    with engine.database.snapshot() as tx:
        agreed: Agreement = require_agreement(tx, WORKSPACE)
    opens = working_days.opening(agreed, day, "09:00")
    assert opens == datetime.fromisoformat(f"{expected}+09:00")


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ({}, "2026-11-23T09:00+09:00"),
        ({"hours": {"tuesday": ["10:00-19:00"], "saturday": ["10:00-19:00"]}}, "2026-11-24T10:00+09:00"),
        ({"timezone": "America/New_York"}, "2026-11-23T09:00-05:00"),
    ],
)
def test_it_ends_when_work_begins_for_the_owner_by_whose_calendar_the_clock_runs(
    engine: Engine, member: dict[str, Any], expected: str
) -> None:
    engine.has("U1", "rep", **member)
    terms = {"kind": "business_hours"}, {"start": "20:00", "end": "08:00"}
    engine.agrees(calendar=terms[0], quiet=terms[1], response_calendar="owner", response_hours=40, escalations=())
    mql_id = engine.receives()
    engine.does(response.reassign, mql_id, "U3", "U1", None, now=NOW)
    until = date(2026, 11, 23)  # a Monday
    assert isinstance(engine.does(pauses.pause, mql_id, "U1", until, "they are away", now=NOW), Done)
    assert engine.clock(mql_id).next_check_at == datetime.fromisoformat(expected)


def test_a_deadline_that_passed_before_a_pause_stays_where_it_was_when_somebody_in_another_office_gets_it(
    engine: Engine,
) -> None:
    engine.has("U2", "rep", timezone="America/New_York")
    engine.agrees(response_calendar="owner", response_hours=24, escalations=(), pause_days=5)
    mql_id = engine.receives()
    engine.does(response.reassign, mql_id, "U3", "U1", None, now=NOW)
    engine.sweeps(NOW + 30 * HOUR)
    assert paused(engine, mql_id, 2, NOW + 30 * HOUR)
    engine.sweeps(NOW + 4 * DAY)
    engine.does(response.reassign, mql_id, "U3", "U2", None, now=NOW + 4 * DAY)
    assert (engine.clock(mql_id).due_at, engine.clock(mql_id).breach_at) == (NOW + DAY, NOW + DAY)


def test_pauses_of_release_0_1_0_count_for_the_clock_that_was_to_be_answered(engine: Engine) -> None:
    def event(kind: EventType, hours: int, **words: Any) -> Event:
        at = NOW + hours * HOUR
        return Event(id=hours, workspace_id="T1", mql_id=1, type=kind, at=at, recorded_at=at, **words)

    log = [
        event(EventType.ASSIGNED, 0, after="U1"),
        event(EventType.PAUSED, 1, after=(NOW + 2 * DAY).isoformat(), actor="U1"),
        event(EventType.ACCEPTED, 5, actor="U1"),  # which ended the pause
        event(EventType.PAUSED, 24, after=(NOW + 4 * DAY).isoformat(), actor="U1"),
    ]
    first, second = log_of_pauses.read(log, "UTC")
    assert (first.owner, set(first.clocks), first.ended) == ("U1", {ClockKind.RESPONSE}, NOW + 5 * HOUR)
    assert (set(second.clocks), second.ended) == ({ClockKind.FEEDBACK}, None)
    taken = log_of_pauses.taken((first, second), "U1", ClockKind.FEEDBACK, "UTC")
    assert taken == {TODAY + DAY, TODAY + 2 * DAY, TODAY + 3 * DAY}


def _escalated_at(engine: Engine, mql_id: int) -> list[tuple[ClockKind, datetime]]:
    return [(event.data["clock"], event.at) for event in engine.log(mql_id, EventType.ESCALATED)]


@pytest.mark.parametrize("ends_by", ["itself", "hand", "acceptance", "consent"])
def test_what_a_move_in_a_pause_makes_late_is_escalated_when_the_pause_is_over(engine: Engine, ends_by: str) -> None:
    """The move lies in one week, the end of the pause in the next: the first has told its figures by then."""
    terms: dict[str, Any] = {"pause_days": 9, "response": "contacted"}
    engine.agrees(response_hours=400, escalations=(), **terms)
    mql_id, over = engine.receives(), NOW + 9 * DAY
    assert paused(engine, mql_id, 9, NOW + 20 * HOUR)
    engine.agrees(response_hours=10, escalations=({"after_hours": 11, "to": "manager"},), **terms)
    assert engine.moves(NOW + 30 * HOUR).breached == 1
    engine.agrees(response_hours=9, escalations=({"after_hours": 11, "to": "manager"},), **terms)
    engine.moves(NOW + 31 * HOUR)
    clock = engine.clock(mql_id)
    assert clock.next_check_at is not None
    if ends_by == "hand":
        over = NOW + 8 * DAY
        resumed(engine, mql_id, over)
    else:
        over = clock.next_check_at
    if ends_by == "acceptance":
        engine.does(response.accept, mql_id, "U1", now=over + HOUR)
    elif ends_by == "consent":  # the next pause begins before a tick has ended this one
        assert isinstance(engine.does(pauses.pause, mql_id, "U3", over + 48 * HOUR, "away", now=over + HOUR), Done)
        over += 48 * HOUR
    engine.sweeps(over + HOUR)
    assert _escalated_at(engine, mql_id) == [(ClockKind.RESPONSE, over)]
    assert [event.at for event in engine.log(mql_id, EventType.BREACHED)] == [NOW + 30 * HOUR]


def test_an_escalation_that_a_pause_forestalls_by_seconds_is_told_and_dated_when_it_ends(engine: Engine) -> None:
    engine.agrees(response_hours=10, escalations=({"after_hours": 10, "to": "manager"},), pause_days=5)
    mql_id = engine.receives()
    assert paused(engine, mql_id, 2, NOW + 10 * HOUR)
    over = engine.clock(mql_id).next_check_at
    assert over is not None
    engine.sweeps(over + HOUR)
    assert [event.at for event in engine.log(mql_id, EventType.BREACHED)] == [NOW + 10 * HOUR]
    assert _escalated_at(engine, mql_id) == [(ClockKind.RESPONSE, over)]


def test_an_outcome_that_a_move_in_a_pause_makes_overdue_is_escalated_when_the_pause_is_over(engine: Engine) -> None:
    engine.agrees(feedback_days=50, feedback_escalation_days=60, pause_days=9)
    mql_id = engine.receives()
    engine.does(response.accept, mql_id, "U1", now=NOW)
    assert paused(engine, mql_id, 9, NOW + 3 * DAY)
    engine.agrees(feedback_days=1, feedback_escalation_days=2, pause_days=9)
    engine.moves(NOW + 4 * DAY)
    over = engine.clock(mql_id, ClockKind.FEEDBACK).next_check_at
    assert over is not None
    engine.sweeps(over + HOUR)
    assert _escalated_at(engine, mql_id) == [(ClockKind.FEEDBACK, over)]


def test_a_pause_that_no_tick_has_ended_yet_is_over_before_a_move(engine: Engine) -> None:
    engine.agrees(response_hours=30, escalations=({"after_hours": 30, "to": "manager"},), pause_days=9)
    mql_id = engine.receives()
    assert paused(engine, mql_id, 2, NOW + 20 * HOUR)
    over = engine.clock(mql_id).next_check_at
    assert over is not None
    engine.agrees(response_hours=300, escalations=(), pause_days=9)
    engine.moves(over + 20 * HOUR)
    assert [event.at for event in engine.log(mql_id, EventType.RESUMED)] == [over]
    assert [event.at for event in engine.log(mql_id, EventType.BREACHED)] == [over + 10 * HOUR]


def test_the_form_tells_the_limit_also_where_no_tick_has_ended_a_pause_that_is_over(engine: Engine) -> None:
    mql_id = engine.receives()
    assert paused(engine, mql_id, 3)
    later = NOW + 4 * DAY
    with engine.database.snapshot() as tx:
        assert pauses.last_day(tx, WORKSPACE, mql_id, "U1", NOW + DAY) is None, "it is paused"
        shown = pauses.last_day(tx, WORKSPACE, mql_id, "U1", later)
    engine.sweeps(later)
    with engine.database.snapshot() as tx:
        assert pauses.last_day(tx, WORKSPACE, mql_id, "U1", later) == shown == TODAY + 6 * DAY


def test_a_deadline_before_the_pause_is_in_the_log_where_the_acceptance_is_told_late(engine: Engine) -> None:
    engine.agrees(response_hours=400, escalations=(), feedback_days=1, pause_days=5)
    mql_id = engine.receives()
    assert paused(engine, mql_id, 3, NOW + 40 * HOUR)
    call = Activity(Evidence.CALL, NOW + HOUR, number=1)
    with engine.database.transaction() as tx:
        activity.record(tx, WORKSPACE, call, "U1", NOW + 50 * HOUR)
    (breach,) = engine.log(mql_id, EventType.BREACHED)
    assert (breach.data["clock"], breach.at, breach.recorded_at) == ("feedback", NOW + 25 * HOUR, NOW + 50 * HOUR)
    engine.sweeps(NOW + 10 * DAY)
    assert [event.at for event in engine.log(mql_id, EventType.BREACHED)] == [breach.at]
