"""A workspace's revenue target: what its own figures say, what was agreed, and how it goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import groupby
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.base import audit, team, wall_clock
from bot.core.base.audit import Author
from bot.core.base.figure import Figure
from bot.core.reports import charges, kpi, nurturing
from bot.core.reports.kpi import Capacity, LeadTimes, Origin, Plan, Rate, Stage, Target
from bot.core.sla import clocks
from bot.core.sla.calendar import Calendar
from storage import kpi_targets, members, reports
from storage import nurturing as nurturing_weeks
from storage.models import KpiTarget, Workspace
from storage.reports import Span
from storage.vocabulary import AuditKind

MATURE_AFTER = timedelta(days=60)
"""After this an MQL counts as decided: what is not an opportunity by then mostly never becomes one."""
WON_AFTER = timedelta(days=180)
"""After this an opportunity counts as decided: what is not won by then mostly never is."""
COHORT = timedelta(days=365)
A_WEEK = timedelta(weeks=1)
LEADS_OVER = 52 * A_WEEK
HISTORY = timedelta(days=90)
IN_MONTH = "MQLs in the month, plan"


@dataclass(frozen=True)
class Actual:
    """What a month brought so far."""

    mqls: int
    opportunities: int


@dataclass(frozen=True)
class TargetView:
    """A target with what it needs and how it goes."""

    target: Target
    plan: Plan
    by: str
    """Display name; the user id of somebody whom the roster does not know."""
    at: datetime
    before: KpiTarget | None
    """The target before it."""
    capacity: Capacity
    response_hours: float
    """The deadline by which a capacity counts."""
    actuals: Mapping[date, Actual]
    """By month, for those that have begun since the workspace is here."""
    this_month: date
    lead_rate: Rate | None = None
    """From lead to MQL, as it is measured now; None where too little is known of new leads."""


@dataclass(frozen=True)
class Progress:
    """The MQLs of a month so far, against its plan."""

    received: Annotated[int, Figure(IN_MONTH, csv="plan", of="planned")]
    planned: Annotated[int, Figure(IN_MONTH, csv=None, why="the whole of received")]
    month: date
    until: date
    """The last day that counts."""


def months_offered(workspace: Workspace, now: datetime) -> list[date]:
    """Return the months with which a target may begin: from a year ago to a year ahead."""
    return [kpi.months_after(_month(workspace, now), i) for i in range(-12, 13)]


def counted(tx: sa.Connection, workspace_id: str, now: datetime) -> tuple[int, int]:
    """(opportunities, MQLs) of the matured cohort: received over a year, the last 60 days left out."""
    until = now - MATURE_AFTER
    return kpi_targets.qualified_of(tx, workspace_id, Span(until - COHORT, until))


def opportunity_rate(tx: sa.Connection, workspace_id: str, now: datetime) -> Rate:
    """Return what the workspace's MQLs have become, where there are enough; else the benchmark."""
    return Rate.own(*counted(tx, workspace_id, now)) or kpi.UNKNOWN


def won(tx: sa.Connection, workspace_id: str, now: datetime) -> tuple[int, int]:
    """(wins, opportunities) of the matured cohort: those of a year, the last 180 days left out."""
    until = now - WON_AFTER
    return kpi_targets.won_of(tx, workspace_id, Span(until - COHORT, until))


def win_rate(tx: sa.Connection, workspace_id: str, now: datetime) -> Rate:
    """Return what the workspace's opportunities have become, where there are enough; else the benchmark."""
    return Rate.own(*won(tx, workspace_id, now)) or kpi.UNKNOWN


def leads(tx: sa.Connection, workspace: Workspace, now: datetime) -> tuple[int, int]:
    """(MQLs received, new leads) of the last 52 weeks that are over: of those whose new leads were supplied, and in
    which the workspace was here."""
    today = wall_clock.day_in(workspace.timezone, now)
    this_week = today - timedelta(days=today.weekday())
    here = max(this_week - LEADS_OVER, wall_clock.day_in(workspace.timezone, workspace.created_at))
    weeks = [this_week - timedelta(weeks=back) for back in range(1, LEADS_OVER // A_WEEK + 1)]
    monday_of = {_iso_week(monday): monday for monday in weeks if monday >= here}
    if not monday_of:
        return 0, 0
    rows = nurturing_weeks.between(tx, workspace.id, min(monday_of), max(monday_of))
    known = {week: nurturing.total(of_week).new_leads for week, of_week in groupby(rows, lambda row: row.week)}
    supplied = {week: count for week, count in known.items() if count is not None and week in monday_of}
    spans = [Span(*(_start(workspace, monday_of[week] + days) for days in (timedelta(0), A_WEEK))) for week in supplied]
    return sum(kpi_targets.received(tx, workspace.id, span) for span in spans), sum(supplied.values())


def _iso_week(monday: date) -> str:
    iso = monday.isocalendar()
    return f"{iso.year}-W{iso.week:02}"


def lead_rate(tx: sa.Connection, workspace: Workspace, now: datetime) -> Rate | None:
    """Return how many of the new leads became MQLs; None where too few are known, or more MQLs came than leads."""
    mqls, new = leads(tx, workspace, now)
    return Rate.own(mqls, new) if mqls <= new else None


def store(tx: sa.Connection, workspace_id: str, target: Target, by: str, now: datetime) -> None:
    """Agree on a target. The one before it is kept, and counts for what was reported until now."""
    rates = {"win": target.win, "opportunity": target.opportunity, "mql": target.mql}
    newest = kpi_targets.newest(tx, workspace_id, now)
    before, after = _in_short(target_of(newest[0])) if newest else None, _in_short(target)
    author, subject = Author.in_slack(by), f"{target.first:%Y-%m}"
    audit.record(tx, workspace_id, AuditKind.KPI_TARGET, author, now, subject, before=before, after=after)
    kpi_targets.add(
        tx,
        workspace_id,
        revenue=target.revenue,
        deal=target.deal,
        first_month=f"{target.first:%Y-%m}",
        months=target.months,
        rates={name: _written(rate) for name, rate in rates.items()},
        lead_days=list(target.times.days),
        by=by,
        at=now,
    )


def _in_short(target: Target) -> dict[str, Any]:
    rates = {"win": target.win, "opportunity": target.opportunity, "mql": target.mql}
    shares = {name: round(float(rate.value), 4) for name, rate in rates.items()}
    return {"revenue": target.revenue, "deal": target.deal, "months": target.months, **shares}


def _written(rate: Rate) -> dict[str, object]:
    return {
        "origin": rate.origin.value,
        "value": str(rate.value),
        "successes": rate.successes,
        "trials": rate.trials,
    }


def target_of(stored: KpiTarget) -> Target:
    """Return a stored target as it was agreed."""
    rates = {
        name: Rate(Origin(rate["origin"]), Fraction(rate["value"]), rate["successes"], rate["trials"])
        for name, rate in stored.rates.items()
    }
    first = date.fromisoformat(f"{stored.first_month}-01")
    return Target(stored.revenue, stored.deal, first, stored.months, **rates, times=LeadTimes(*stored.lead_days))


def view(tx: sa.Connection, workspace: Workspace, now: datetime) -> TargetView | None:
    """Return the target that counts now; None while nobody has set one."""
    stored = kpi_targets.newest(tx, workspace.id, now, most=2)
    if not stored:
        return None
    newest, target = stored[0], target_of(stored[0])
    plan, month = kpi.work_back(target), _month(workspace, now)
    names = team.names(members.roster(tx, workspace.id))
    return TargetView(
        target=target,
        plan=plan,
        by=names.get(newest.by, newest.by),
        at=newest.at,
        before=stored[1] if len(stored) > 1 else None,
        capacity=capacity(tx, workspace, now),
        response_hours=clocks.require_agreement(tx, workspace.id).terms.response_hours,
        actuals=_actuals(tx, workspace, plan, month),
        this_month=month,
        lead_rate=lead_rate(tx, workspace, now),
    )


def progress(tx: sa.Connection, workspace: Workspace, as_of: datetime) -> Progress | None:
    """Return how the month stood at a moment, under the target of that moment; None without one, or where it plans
    no MQLs for that month."""
    stored = kpi_targets.newest(tx, workspace.id, as_of)
    until = as_of - timedelta(microseconds=1)
    month = _month(workspace, until)
    need = kpi.work_back(target_of(stored[0])).of(Stage.MQLS, month) if stored else None
    if need is None:
        return None
    received = kpi_targets.received(tx, workspace.id, Span(_start(workspace, month), as_of))
    return Progress(received, need.point, month, wall_clock.day_in(workspace.timezone, until))


def capacity(tx: sa.Connection, workspace: Workspace, now: datetime) -> Capacity:
    """Return what the active reps can answer in time, from the last 90 days."""
    span = Span(now - HISTORY, now)
    roster = [member for member in members.roster(tx, workspace.id) if team.is_rep(member) and not member.deactivated]
    calendar = clocks.require_agreement(tx, workspace.id).calendar
    zone = ZoneInfo(workspace.timezone)
    today = now.astimezone(zone).date()
    working_days = sum(_open(calendar, zone, today + timedelta(days=i)) for i in range(365))
    return kpi.capacity(handled(tx, workspace, span, calendar), len(roster), round(working_days / 12))


def handled(tx: sa.Connection, workspace: Workspace, span: Span, calendar: Calendar) -> list[int]:
    """For each rep and working day with answers the number of them, without days on which a deadline passed that is
    that rep's, or on which they answered, too late, what is theirs."""
    zone = ZoneInfo(workspace.timezone)
    missed = {(user, at.astimezone(zone).date()) for user, at in _missed(tx, workspace, span) if at < span.end}
    days: Counter[tuple[str | None, date]] = Counter()
    for first, length, part in _alike(workspace, span):
        for counts in kpi_targets.answered(tx, workspace.id, part, _start(workspace, first), length):
            days[counts.owner, first + timedelta(days=counts.day)] += counts.answers
    working = {day: _open(calendar, zone, day) for _, day in days}
    return [count for (owner, day), count in days.items() if owner and (owner, day) not in missed and working[day]]


def _missed(tx: sa.Connection, workspace: Workspace, span: Span) -> Iterator[tuple[str, datetime]]:
    """Yield whose deadlines passed and when, and when they answered, too late, what is theirs: all of a span."""
    late = dict(reports.responses_breached(tx, workspace.id, span) + reports.answered_late(tx, workspace.id, span))
    deadlines = charges.of_clocks(tx, workspace, list(late.items()))
    for charged in charges.charges(tx, workspace, deadlines, span.end):
        answered_at = charged.deadline.clock.stopped_at
        yield charged.user_id, charged.charge.at
        if answered_at is not None and charges.owner_at(charged.deadline.log, answered_at) == charged.user_id:
            yield charged.user_id, answered_at


def _alike(workspace: Workspace, span: Span) -> Iterator[tuple[date, timedelta, Span]]:
    """Yield a span in parts of days that are equally long, each with its first day and their length: the day on
    which the clocks change stands by itself."""
    zone = ZoneInfo(workspace.timezone)
    first, last = (moment.astimezone(zone).date() for moment in (span.start, span.end))
    days = (first + timedelta(days=i) for i in range((last - first).days + 1))
    for length, run in groupby(days, lambda day: _start(workspace, day + timedelta(days=1)) - _start(workspace, day)):
        begins, *rest = run
        ends = begins + timedelta(days=len(rest) + 1)
        part = Span(max(_start(workspace, begins), span.start), min(_start(workspace, ends), span.end))
        if part.start < part.end:
            yield begins, length, part


def _open(calendar: Calendar, zone: ZoneInfo, day: date) -> bool:
    start, end = (datetime.combine(on, time(), zone).astimezone(UTC) for on in (day, day + timedelta(days=1)))
    return calendar.open_between(start, end) > timedelta(0)


def _actuals(tx: sa.Connection, workspace: Workspace, plan: Plan, this_month: date) -> dict[date, Actual]:
    since = _month(workspace, workspace.created_at)
    begun = [month.first for month in plan.months if since <= month.first <= this_month]
    spans = [_span(workspace, month) for month in begun]
    received = [kpi_targets.received(tx, workspace.id, span) for span in spans]
    opportunities = [kpi_targets.qualified(tx, workspace.id, span) for span in spans]
    return {month: Actual(*counts) for month, *counts in zip(begun, received, opportunities, strict=True)}


def _span(workspace: Workspace, month: date) -> Span:
    return Span(_start(workspace, month), _start(workspace, kpi.months_after(month, 1)))


def _start(workspace: Workspace, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(workspace.timezone)).astimezone(UTC)


def _month(workspace: Workspace, moment: datetime) -> date:
    return wall_clock.day_in(workspace.timezone, moment).replace(day=1)
