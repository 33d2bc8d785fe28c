"""Targets, and what their pages show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

from bot.core import kpi
from bot.core.kpi import UNKNOWN, Capacity, LeadTimes, Origin, Rate, Target
from bot.core.planning import Actual, Progress, TargetView
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
        actuals={one.first: Actual(51, 8) for one in plan.months if one.first <= THIS_MONTH},
        this_month=THIS_MONTH,
    )
