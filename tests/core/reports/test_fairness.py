"""What the week says of each rep is what they could have done, and a week that is over says the same later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.messages.payloads import OwnWeek
from bot.core.mql import pauses, response
from bot.core.reports import charges, kpi_target, own_week, trend, weekly
from bot.core.reports.figures import RepWeek, WeeklyReport
from bot.core.routing import absences, assignment
from bot.core.sla.calendar import Calendar
from storage import members, workspaces
from storage.database import Database
from storage.reports import Span
from storage.vocabulary import CalendarKind
from tests.core.calendars import local
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE

pytestmark = pytest.mark.rules

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
THIS, NEXT = "2026-W47", "2026-W48"
EIGHT: dict[str, Any] = {"response_hours": 8, "escalations": ()}
MONDAY = local("2026-11-23 00:00").astimezone(UTC)


@pytest.fixture
def engine(office: Database) -> Engine:
    return Engine(office)


def week(engine: Engine, now: datetime, period: str = THIS) -> WeeklyReport:
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        return weekly.weekly(tx, workspace, period, now)


def rows(report: WeeklyReport) -> dict[str, RepWeek]:
    return {rep.user_id: rep for rep in report.reps}


def overdue(report: WeeklyReport) -> dict[str, int]:
    return {rep.user_id: rep.breached for rep in report.reps if rep.breached}


def test_whoever_gets_it_a_minute_before_the_deadline_is_not_charged(engine: Engine) -> None:
    engine.agrees(**EIGHT)
    mql_id = engine.receives()
    engine.does(response.decline, mql_id, "U1", "too busy", now=NOW + 8 * HOUR - MINUTE)
    engine.sweeps(NOW + 8 * HOUR)
    engine.does(response.accept, mql_id, "U2", now=NOW + 9 * HOUR)
    report = week(engine, NOW + 10 * HOUR)
    assert overdue(report) == {"U1": 1}
    (charge,) = report.charges
    assert (charge.user_id, charge.shares) == ("U1", {"U1": 8 * HOUR - MINUTE, "U2": MINUTE})
    # 9:00 are shown as 9:00, and not as the 1:01 of whoever had it last.
    rep = rows(report)["U1"]
    assert (rep.idle, rep.others, rep.total) == (8 * HOUR - MINUTE, HOUR + MINUTE, 9 * HOUR)
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        own = [
            own_week.own_week(tx, workspace, user, OwnWeek(period=THIS), NOW + 10 * HOUR).week for user in ("U1", "U2")
        ]
    assert [(mine.breached, mine.total) for mine in own] == [(1, 9 * HOUR), (0, timedelta(0))]


def test_nobody_is_charged_who_had_it_for_less_than_a_quarter(engine: Engine) -> None:
    engine.agrees(**EIGHT)
    engine.receives()
    with engine.database.transaction() as tx:
        absences.announce(tx, WORKSPACE, "U1", NOW + HOUR, NOW + 90 * HOUR)
    engine.sweeps(NOW + 8 * HOUR)
    report = week(engine, NOW + 9 * HOUR)
    assert overdue(report) == {"": 1}
    nobodys = rows(report)[""]
    assert (nobodys.others, nobodys.parts["off_duty"], nobodys.total) == (HOUR, 8 * HOUR, 9 * HOUR)


@pytest.mark.sql
def test_from_the_moment_at_which_an_owner_leaves_it_is_nobodys(engine: Engine) -> None:
    engine.agrees(
        response="contacted", response_hours=20, escalations=(), feedback_days=0.5, feedback_escalation_days=1
    )
    mql_id = engine.receives()
    engine.does(response.accept, mql_id, "U1", now=NOW + HOUR)
    with engine.database.transaction() as tx:
        members.update(tx, WORKSPACE, "U1", active=False)
        assignment.take_from(tx, WORKSPACE, "U1", NOW + HOUR)
    engine.sweeps(NOW + 20 * HOUR)
    report = week(engine, NOW + 21 * HOUR)
    assert overdue(report) == {"": 1}
    assert {rep.user_id: rep.debt for rep in report.reps if rep.debt} == {"": 1}
    assert (rows(report)[""].parts["left"], rows(report)[""].others) == (20 * HOUR, HOUR)


def test_two_reps_cannot_hand_a_lead_over_for_ever(engine: Engine) -> None:
    """Every 7:50 they hand it over: two of them begin anew, then the clock goes on, and the figure of its age tells."""
    engine.agrees(**EIGHT, on_reassign="restart")
    mql_id = engine.receives()
    for turn in range(1, 6):
        to = ("U1", "U2")[turn % 2]
        engine.sweeps(NOW + turn * (8 * HOUR - 10 * MINUTE))
        engine.does(response.reassign, mql_id, "U3", to, None, now=NOW + turn * (8 * HOUR - 10 * MINUTE))
    anew = [event.data.get("restarted", False) for event in engine.log(mql_id) if event.type == "assigned"]
    assert anew == [False, True, True, False, False, False]
    deadline = NOW + 2 * (8 * HOUR - 10 * MINUTE) + 8 * HOUR
    assert engine.clock(mql_id).breached_at == deadline
    engine.does(response.accept, mql_id, "U2", now=NOW + 47 * HOUR)
    figures = week(engine, NOW + 48 * HOUR).now
    assert (figures.due, figures.in_time, figures.breached) == (1, 0, 1)
    assert (figures.lead_due, figures.lead_in_time) == (1, 0)


@pytest.mark.parametrize(("times", "at", "in_time"), [(1, 12, 1), (0, 12, 0)])
def test_a_lead_that_waited_longer_than_agreed_is_late_by_its_own_age(
    engine: Engine, times: int, at: float, in_time: int
) -> None:
    engine.agrees(**EIGHT, on_reassign="restart", restart_times=times)
    mql_id, quick = engine.receives(), engine.receives(company="Beta")
    engine.does(response.accept, quick, "U2", now=NOW + HOUR)
    engine.does(response.reassign, mql_id, "U3", "U2", None, now=NOW + 5 * HOUR)
    engine.sweeps(NOW + 9 * HOUR)
    assert (week(engine, NOW + 9 * HOUR).now.lead_due, week(engine, NOW + 9 * HOUR).now.due) == (2, 2 - times)
    engine.does(response.accept, mql_id, "U2", now=NOW + at * HOUR)
    figures = week(engine, NOW + 20 * HOUR).now
    assert (figures.in_time, figures.lead_in_time, figures.lead_due) == (1 + in_time, 1, 2)


@pytest.mark.sql
@pytest.mark.parametrize(("pause", "answer", "in_time"), [(0, 24, 1), (0, 28, 0), (2, 28, 1)])
def test_the_age_of_a_lead_is_open_time_without_its_pauses(
    engine: Engine, pause: int, answer: float, in_time: int
) -> None:
    """From 10:00 to 18:00 it is 8 hours old, and from 09:00 on the next day it goes on."""
    engine.agrees(calendar="business_hours", response_hours=12, escalations=(), on_reassign="restart")
    mql_id = engine.receives()
    engine.does(response.reassign, mql_id, "U3", "U2", None, now=NOW + 2 * HOUR)
    if pause:
        engine.does(pauses.pause, mql_id, "U3", NOW + (4 + pause) * HOUR, "asked for it", now=NOW + 4 * HOUR)
        engine.sweeps(NOW + (4 + pause) * HOUR)
    engine.does(response.accept, mql_id, "U2", now=NOW + answer * HOUR)
    figures = week(engine, NOW + 30 * HOUR).now
    assert (figures.lead_due, figures.lead_in_time, figures.in_time) == (1, in_time, 1)


def test_whoever_gets_it_in_the_very_moment_of_an_answer_has_it(engine: Engine) -> None:
    mql_id = engine.receives()
    engine.does(response.reassign, mql_id, "U3", "U2", None, now=NOW + HOUR)
    log, moment = engine.log(mql_id), timedelta.resolution
    at = [NOW - moment, NOW, NOW + HOUR - moment, NOW + HOUR]
    assert [charges.owner_at(log, when) for when in at] == [None, "U1", "U1", "U2"]


def test_the_deadline_of_a_second_owner_counts_too(engine: Engine) -> None:
    engine.agrees(**EIGHT, on_reassign="restart")
    mql_id = engine.receives()
    engine.sweeps(NOW + 9 * HOUR)
    engine.does(response.reassign, mql_id, "U3", "U2", None, now=NOW + 9 * HOUR)
    engine.sweeps(NOW + 18 * HOUR)
    report = week(engine, NOW + 18 * HOUR)
    assert (report.now.breached, report.now.due, overdue(report)) == (2, 1, {"U1": 1, "U2": 1})
    # Two are asked about one MQL: the time of either's row is that of the whole.
    assert [rep.total for rep in rows(report).values() if rep.breached] == [18 * HOUR, 18 * HOUR]


def test_the_rows_sum_to_the_total_also_where_a_leader_answered(engine: Engine) -> None:
    engine.agrees(**EIGHT)
    mql_ids = [engine.receives(company=f"Company {number}") for number in range(4)]
    engine.does(response.accept, mql_ids[0], "U3", now=NOW + HOUR)
    engine.does(response.accept, mql_ids[1], "U2", now=NOW + HOUR)
    # Whoever has it now did not answer it.
    engine.does(response.reassign, mql_ids[1], "U3", "U1", None, now=NOW + 2 * HOUR)
    report = week(engine, NOW + 9 * HOUR)
    assert report.now.in_time == sum(rep.in_time for rep in report.reps) == 2
    assert {user: rep.in_time for user, rep in rows(report).items() if rep.in_time} == {"U2": 1, "U3": 1}
    assert rows(report)["U3"].received == 1


def test_a_deadline_of_monday_0000_belongs_to_one_week_alone(engine: Engine) -> None:
    engine.agrees(**EIGHT)
    on_time, late = (engine.receives(MONDAY - 8 * HOUR, company=name) for name in ("Acme", "Beta"))
    engine.sweeps(MONDAY)
    engine.does(response.accept, on_time, "U1", now=MONDAY)
    engine.sweeps(MONDAY + 9 * HOUR)
    before, after = (week(engine, MONDAY + 9 * HOUR, period) for period in (THIS, NEXT))
    assert (before.now.due, before.now.responded, before.now.breached) == (0, 0, 0)
    assert after.now.breached == 2 == sum(rep.breached for rep in after.reps)
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        (point,) = trend.look_back(tx, workspace, THIS, MONDAY + 9 * HOUR, weeks=1).points
    assert (point.received, point.due) == (2, 0)
    assert engine.clock(late).breached_at == MONDAY


def test_an_answer_in_a_pause_over_the_weeks_end_leaves_the_week_as_it_was(engine: Engine) -> None:
    engine.agrees(**EIGHT)
    mql_id = engine.receives(MONDAY - 9 * HOUR)
    engine.does(pauses.pause, mql_id, "U1", MONDAY + 90 * HOUR, "asked for it", now=MONDAY - 4 * HOUR)
    before = week(engine, MONDAY + HOUR)
    engine.does(response.accept, mql_id, "U1", now=MONDAY + 2 * HOUR)
    assert week(engine, MONDAY + 3 * HOUR) == before
    assert (before.now.due, before.now.breached) == (0, 0)


@pytest.mark.parametrize("hours", [1, 40], ids=["late by the move", "safe by the move"])
def test_a_move_leaves_the_week_before_as_it_was(engine: Engine, hours: float) -> None:
    """What it makes late is this week's; what it makes safe was overdue all the same in the week before."""
    engine.agrees(response_hours=8 if hours > 8 else 30, escalations=({"after_hours": 30, "to": "manager"},))
    mql_id = engine.receives(MONDAY - 9 * HOUR)
    engine.sweeps(MONDAY + HOUR)
    before = week(engine, MONDAY + HOUR)
    assert before.now.due == (hours > 8)
    engine.agrees(response_hours=hours, escalations=({"after_hours": hours + 1, "to": "manager"},))
    engine.moves(MONDAY + 5 * HOUR)
    engine.sweeps(MONDAY + 6 * HOUR)
    assert week(engine, MONDAY + 6 * HOUR).now == before.now
    assert week(engine, MONDAY + 6 * HOUR).charges == before.charges
    moved = week(engine, MONDAY + 6 * HOUR, NEXT).now
    assert (moved.breached, moved.escalated) == ((0, 0) if hours > 8 else (1, 1))
    engine.does(response.accept, mql_id, "U1", now=MONDAY + 7 * HOUR)
    assert week(engine, MONDAY + 8 * HOUR).now == before.now


def test_an_outcome_that_a_move_makes_safe_was_overdue_until_then(
    engine: Engine,
) -> None:
    engine.agrees(escalations=(), feedback_days=1, feedback_escalation_days=2)
    mql_id = engine.receives(MONDAY - 40 * HOUR)
    engine.does(response.accept, mql_id, "U1", now=MONDAY - 30 * HOUR)
    engine.sweeps(MONDAY + HOUR)
    before = week(engine, MONDAY + HOUR)
    assert (before.now.feedback_due, rows(before)["U1"].debt) == (1, 1)
    engine.agrees(escalations=(), feedback_days=20, feedback_escalation_days=20)
    engine.moves(MONDAY + 2 * HOUR)
    assert week(engine, MONDAY + 3 * HOUR).now == before.now
    assert week(engine, MONDAY + 3 * HOUR, NEXT).now.feedback_due == 0


def test_a_step_to_the_peers_alone_is_no_escalation(engine: Engine) -> None:
    steps = ({"after_hours": 8, "to": "peers"}, {"after_hours": 10, "to": "manager"})
    engine.agrees(response_hours=8, escalations=steps)
    engine.receives()
    engine.sweeps(NOW + 9 * HOUR)
    assert week(engine, NOW + 9 * HOUR).now.escalated == 0
    engine.sweeps(NOW + 10 * HOUR)
    assert week(engine, NOW + 10 * HOUR).now.escalated == 1


def test_capacity_charges_no_breach_to_whoever_a_step_gives_the_mql_to(engine: Engine) -> None:
    engine.agrees(response_hours=8, escalations=({"after_hours": 8, "to": "manager", "do": "reassign"},))
    lapsed, other = engine.receives(), engine.receives(company="Beta")
    engine.does(response.accept, other, "U2", now=NOW + HOUR)
    engine.sweeps(NOW + 8 * HOUR)
    engine.does(response.accept, lapsed, "U2", now=NOW + 9 * HOUR)
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        always = Calendar.of(CalendarKind.ALWAYS, workspace.timezone)
        span = Span(NOW - HOUR, NOW + 10 * HOUR)
        assert kpi_target.handled(tx, workspace, span, always) == [2]
        (deadline,) = charges.passed(tx, workspace, span)
        assert [charge.user_id for charge in charges.charges(tx, workspace, [deadline], span.end)] == ["U1"]
