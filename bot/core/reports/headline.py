"""What the weekly digest says first: what can still be answered, then the goal that was missed by most, then the rest
in this order. So the same week always begins with the same sentence. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction

from bot.core.agreement.goals import reached
from bot.core.reports.figures import WeeklyReport
from bot.core.reports.kpi_target import Progress

WORSE_BY = 10
"""Percentage points."""
ENOUGH = 5
"""Of fewer MQLs no share is held against a goal, or against another week's."""
BEHIND = 80
"""Percent of what the plan has by that day."""


class Matter(StrEnum):
    """What may matter most, the most pressing first."""

    WAITING = "waiting"
    """MQLs are overdue now and can still be answered."""
    LATE = "late"
    """Fewer were answered in time than the goal says; of five MQLs due at least."""
    WORSE = "worse"
    """At least ten points fewer than the week before, five MQLs due in both."""
    SLOW = "slow"
    """The median answer took longer than the goal says."""
    DEBT = "debt"
    """Outcomes are overdue now."""
    REJECTED = "rejected"
    """Sales disqualified more than the goal says; of five MQLs reported at least."""
    UNREACHABLE = "unreachable"
    """Fewer MQLs could be reached than the goal says; of five MQLs at least."""
    BEHIND = "behind"
    """The month has less than four fifths of the MQLs that its plan has by that day, which are five at least."""
    WENT = "went"
    """Nothing of this: how many were answered in time."""
    NOT_DUE = "not_due"
    """MQLs came in, and no deadline has passed yet."""
    QUIET = "quiet"
    """No MQLs came in."""


def first(report: WeeklyReport) -> Matter:
    """Return what matters most in a week."""
    return next(_matters(report))


def went(report: WeeklyReport) -> Matter:
    """Return how the week went, whatever else matters."""
    if report.now.due:
        return Matter.WENT
    return Matter.NOT_DUE if report.now.received else Matter.QUIET


def _matters(report: WeeklyReport) -> Iterator[Matter]:
    week, goals = report.now, report.goals
    if report.waiting.count:
        yield Matter.WAITING
    missed = {
        Matter.LATE: _missed_by(week.in_time, week.due, goals.answered_in_time),
        Matter.REJECTED: _missed_by(week.disqualified, week.reported, goals.disqualified, at_most=True),
        Matter.UNREACHABLE: _missed_by(week.contactable, week.received, goals.contactable),
    }
    yield from sorted((matter for matter in missed if missed[matter]), key=lambda matter: -missed[matter])
    rules = {
        Matter.WORSE: _worse(report),
        Matter.SLOW: slow(report),
        Matter.DEBT: report.debt.count > 0,
        Matter.BEHIND: report.plan is not None and _behind(report.plan),
    }
    yield from (matter for matter, holds in rules.items() if holds)
    yield went(report)


def late(report: WeeklyReport) -> bool:
    """Return whether fewer were answered in time than the goal says."""
    return _missed_by(report.now.in_time, report.now.due, report.goals.answered_in_time) > 0


def slow(report: WeeklyReport) -> bool:
    """Return whether the median answer took longer on the policy's calendar than the goal says."""
    took, goal = report.now.median_open, report.goals.median_response_hours
    # As a timedelta: 4.1 * 3600 is less than 14760, and an answer exactly on the goal would be slow.
    return took is not None and goal is not None and took > timedelta(hours=goal)


def _missed_by(part: int, whole: int, percent: int | None, *, at_most: bool = False) -> Fraction:
    """Return by how many percentage points a goal was missed; 0 where it was reached, or too few were counted."""
    if percent is None or whole < ENOUGH or reached(part, whole, percent, at_most=at_most) is not False:
        return Fraction(0)
    return abs(Fraction(100 * part, whole) - percent)


def _worse(report: WeeklyReport) -> bool:
    now, before = report.now, report.before
    if min(now.due, before.due) < ENOUGH:
        return False
    # In whole numbers: 9/10 - 8/10 is less than 0.1 as floats.
    fell = before.in_time * now.due - now.in_time * before.due
    return fell * 100 >= WORSE_BY * before.due * now.due


def _behind(plan: Progress) -> bool:
    days = calendar.monthrange(plan.month.year, plan.month.month)[1]
    expected = plan.planned * plan.until.day  # times the days of the month, so that it is a whole number
    return expected >= ENOUGH * days and plan.received * days * 100 < BEHIND * expected
