"""From a revenue target back to the wins, opportunities, MQLs and leads that it needs, and by when. Exact: shares are
fractions, so that 3 of 20 is 15 % and nothing is rounded up by a last bit."""

from __future__ import annotations

import statistics as figures
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor

from bot.core.base.statistics import wilson

BENCHMARK = Fraction(15, 100)
"""What most teams reach from MQL to opportunity; stands in for a rate that is not known."""
ENOUGH = 30
"""MQLs of a matured cohort; below this their share says too little."""
ENOUGH_DAYS = 20
"""Rep days; below this their median says too little."""
MOST_MONTHS = 24
MOST_DAYS = 730
DAYS_A_MONTH = Fraction(1461, 48)


class Origin(StrEnum):
    """Where a rate comes from. Persisted, and part of a catalogue key."""

    BENCHMARK = "benchmark"
    OWN = "own"
    GIVEN = "given"


class Stage(StrEnum):
    """What is counted on the way to the revenue, the last first. Part of a catalogue key."""

    WINS = "wins"
    OPPORTUNITIES = "opportunities"
    MQLS = "mqls"
    LEADS = "leads"


@dataclass(frozen=True)
class Rate:
    """A share above 0 and up to 1, and how it is known. Only an own one has counts, and so an interval."""

    origin: Origin
    value: Fraction
    successes: int = 0
    trials: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.value <= 1:
            raise ValueError(f"{self.value} is no rate to divide by")

    @classmethod
    def own(cls, successes: int, trials: int) -> Rate | None:
        """Return what the workspace has counted; None where it is too little, or nothing to divide by."""
        if trials < ENOUGH or not successes:
            return None
        return cls(Origin.OWN, Fraction(successes, trials), successes, trials)

    @property
    def interval(self) -> tuple[Fraction, Fraction]:
        """The 95 % interval; where nothing was counted, the value itself."""
        if self.origin != Origin.OWN:
            return self.value, self.value
        low, high = wilson(self.successes, self.trials)
        return min(Fraction(low), self.value), max(Fraction(high), self.value)


UNKNOWN = Rate(Origin.BENCHMARK, BENCHMARK)


@dataclass(frozen=True)
class LeadTimes:
    """Days from one stage to the next, each from 0 to 730."""

    lead_to_mql: int = 30
    mql_to_opportunity: int = 30
    opportunity_to_win: int = 90

    def __post_init__(self) -> None:
        if not all(0 <= days <= MOST_DAYS for days in self.days):
            raise ValueError(f"{self.days} are no lead times")

    @property
    def days(self) -> tuple[int, int, int]:
        """In the order of the fields."""
        return self.lead_to_mql, self.mql_to_opportunity, self.opportunity_to_win

    def months_before_win(self) -> dict[Stage, int]:
        """By how many whole months each stage comes before the win."""
        opportunity, mql, lead = (sum(self.days[i:]) for i in (2, 1, 0))
        days = {Stage.WINS: 0, Stage.OPPORTUNITIES: opportunity, Stage.MQLS: mql, Stage.LEADS: lead}
        return {stage: _rounded(count / DAYS_A_MONTH) for stage, count in days.items()}


@dataclass(frozen=True)
class Target:
    """A revenue in some months, and what it is worked back with. Amounts in whole units of the team's currency."""

    revenue: int
    deal: int
    """What one win brings on average."""
    first: date
    """The first day of the first month."""
    months: int
    win: Rate
    """Opportunity to win."""
    opportunity: Rate
    """MQL to opportunity."""
    mql: Rate
    """Lead to MQL."""
    times: LeadTimes

    def __post_init__(self) -> None:
        if self.revenue < 1 or self.deal < 1 or self.first.day != 1 or not 1 <= self.months <= MOST_MONTHS:
            raise ValueError("a target needs a revenue, a deal and whole months")

    @property
    def last(self) -> date:
        """The first day of the last month."""
        return months_after(self.first, self.months - 1)


@dataclass(frozen=True)
class Need:
    """How many are needed, between the best and the worst that the intervals allow."""

    low: int
    point: int
    high: int


NOTHING = Need(0, 0, 0)


@dataclass(frozen=True)
class Month:
    """What a month needs; nothing of a stage that is not due in it."""

    first: date
    needs: Mapping[Stage, Need]


@dataclass(frozen=True)
class Plan:
    """The needs of a target. Those of its months add up to the whole."""

    totals: Mapping[Stage, Need]
    months: tuple[Month, ...]

    def of(self, stage: Stage, month: date) -> Need | None:
        """Return what a month needs; None where nothing of the stage is due in it."""
        return next((due.needs[stage] for due in self.months if due.first == month and stage in due.needs), None)


def work_back(target: Target) -> Plan:
    """Return what a target needs, in all and by the month in which it is due: lead times shift it before the win."""
    totals, before = _totals(target), target.times.months_before_win()
    due: dict[date, dict[Stage, Need]] = {}
    for stage, need in totals.items():
        for i, share in enumerate(_split(need, target.months)):
            due.setdefault(months_after(target.first, i - before[stage]), {})[stage] = share
    return Plan(totals, tuple(Month(first, due[first]) for first in sorted(due)))


def _totals(target: Target) -> dict[Stage, Need]:
    wins = ceil(Fraction(target.revenue, target.deal))
    (win_low, win_high), (low, high) = target.win.interval, target.opportunity.interval
    # Half an opportunity wins nothing, so each is rounded up before the next is worked out.
    opportunities = Need(ceil(wins / win_high), ceil(wins / target.win.value), ceil(wins / win_low))
    mqls = (
        opportunities.low / high,
        opportunities.point / target.opportunity.value,
        opportunities.high / low,
    )
    lead_low, lead_high = target.mql.interval
    leads = (mqls[0] / lead_high, mqls[1] / target.mql.value, mqls[2] / lead_low)
    return {
        Stage.WINS: Need(wins, wins, wins),
        Stage.OPPORTUNITIES: opportunities,
        Stage.MQLS: Need(*(_rounded(count) for count in mqls)),
        Stage.LEADS: Need(*(_rounded(count) for count in leads)),
    }


def _split(need: Need, months: int) -> list[Need]:
    """In equal parts; what is left over goes to the first months."""
    parts = [[*divmod(count, months)] for count in (need.low, need.point, need.high)]
    return [Need(*(each + (i < left) for each, left in parts)) for i in range(months)]


def _rounded(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def months_after(first: date, count: int) -> date:
    """Return the first day of the month that lies `count` months after another; before it, where negative."""
    year, month = divmod(first.year * 12 + first.month - 1 + count, 12)
    return date(year, month + 1, 1)


@dataclass(frozen=True)
class Capacity:
    """What a team has shown that it can answer in time. A lower limit: with more MQLs it might answer more."""

    a_month: int | None
    """None: not enough data."""
    rep_days: int
    """Working days of a rep with answers, all of them in time."""
    median: float
    """Answers on such a day; 0 where there is none."""
    reps: int
    working_days: int
    """In an average month."""


def capacity(handled: Sequence[int], reps: int, working_days: int) -> Capacity:
    """Return what `reps` can answer in a month, if each keeps the median of `handled`: answers for each day of a rep
    on which all of them were in time."""
    median = float(figures.median(handled)) if handled else 0.0
    known = len(handled) >= ENOUGH_DAYS and reps > 0
    return Capacity(floor(median * reps * working_days) if known else None, len(handled), median, reps, working_days)
