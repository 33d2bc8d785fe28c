"""Targets and self-checks, and what their pages show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

from bot.core.reports import kpi
from bot.core.reports.checkup import Answer, Point, Result, Seen
from bot.core.reports.kpi import UNKNOWN, Capacity, LeadTimes, Origin, Rate, Target
from bot.core.reports.kpi_target import Actual, Progress, TargetView
from storage.models import KpiTarget

NOW = datetime(2026, 11, 17, 1, 0, tzinfo=UTC)
THIS_MONTH = date(2026, 11, 1)
MONTHS = [kpi.months_after(THIS_MONTH, i) for i in range(-12, 13)]
PROGRESS = Progress(51, 74, THIS_MONTH, date(2026, 11, 15))
EXAMPLE = Target(100_000_000, 5_000_000, date(2027, 4, 1), 12, UNKNOWN, UNKNOWN, UNKNOWN, LeadTimes())
OWN = Rate(Origin.OWN, Fraction(27, 150), 27, 150)
TARGETS = {
    "of the field": EXAMPLE,
    "with rates": replace(EXAMPLE, opportunity=OWN, win=Rate(Origin.GIVEN, Fraction(1, 8))),
    "of the largest": Target(
        999_999_999_999_999,
        1,
        date(2026, 1, 1),
        24,
        Rate(Origin.GIVEN, Fraction(1, 1000)),
        Rate(Origin.OWN, Fraction(1, 500), 1, 500),
        Rate(Origin.GIVEN, Fraction(1, 1000)),
        LeadTimes(730, 730, 730),
    ),
}
STORED = KpiTarget(
    id=1,
    workspace_id="T1",
    revenue=80_000_000,
    deal=5_000_000,
    first_month="2026-04",
    months=12,
    rates={},
    lead_days=[30, 30, 90],
    by="U1",
    at=NOW,
)
HOW = {None: "none", Answer.YES: "agreed", Answer.PARTLY: "old", Answer.NO: "proposed"}


def sight(answer: Answer | None, kpi_answer: Answer) -> dict[Point, Seen]:
    """What the bot may see, as far as it can tell at all."""
    return {
        Point.DEFINITION: Seen(answer, {"number": 2, "at": NOW}, HOW[answer]),
        Point.SCORING_REVIEWED: Seen(answer, {"number": 2, "at": NOW}, HOW[answer]),
        Point.SCORING: Seen(answer, {"part": 46, "whole": 50}),
        Point.CONNECTED: Seen(answer, {"leads": 48, "activities": 31}),
        Point.SLA: Seen(Answer.YES, {"version": 3, "at": NOW, "hours": 24.0}),
        Point.FEEDBACK: Seen(answer, {"part": 30, "whole": 40, "reasons": 4}),
        Point.MEETING: Seen(None, {"count": 0, "digests": 4}),
        Point.KPI: Seen(kpi_answer, {"at": NOW}),
        Point.RATES: Seen(None, {"count": 8, "won": 3, "lost": 1}),
    }


def result(*in_place: Point, before: int | None = None) -> Result:
    """A self-check with these points in place, and the others not."""
    answers = {point: Answer.YES if point in in_place else Answer.NO for point in Point}
    return Result(NOW, answers, frozenset((Point.SLA, Point.KPI)), before)


SIGHTS = {f"{answer} {kpi}": sight(answer, kpi) for answer in (None, *Answer) for kpi in Answer}
RESULTS = {"nothing": result(), "some": result(Point.SLA, Point.KPI, before=1), "all": result(*Point, before=12)}


def page(
    target: Target, *, by: str = "田中 美咲", able: int | None = 420, reps: int = 5, before: bool = False
) -> TargetView:
    """A target's page in November 2026."""
    plan = kpi.work_back(target)
    return TargetView(
        target=target,
        plan=plan,
        by=by,
        at=NOW,
        before=STORED if before else None,
        capacity=Capacity(able, 63, 4.0, reps, 21),
        response_hours=24,
        actuals={month.first: Actual(51, 8) for month in plan.months if month.first <= THIS_MONTH},
        this_month=THIS_MONTH,
    )
