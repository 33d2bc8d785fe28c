"""From revenue to leads: the example of the field, and what must hold for every target."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.base.statistics import wilson
from bot.core.mql import deals
from bot.core.mql.deals import Deal
from bot.core.mql.feedback import Answer
from bot.core.reports import kpi_target
from bot.core.reports.kpi import (
    ENOUGH,
    ENOUGH_DAYS,
    MOST_DAYS,
    UNKNOWN,
    LeadTimes,
    Need,
    Origin,
    Rate,
    Stage,
    Target,
    capacity,
    months_after,
    work_back,
)
from storage import workspaces
from storage.database import Database
from storage.vocabulary import DealResult, Disposition
from tests.core.kit import Engine, accept_and_report
from tests.workspace import NOW, WORKSPACE

EXAMPLE = Target(100_000_000, 5_000_000, date(2027, 4, 1), 12, UNKNOWN, UNKNOWN, UNKNOWN, LeadTimes())


def _own(trials: int, successes: int) -> Rate:
    rate = Rate.own(min(successes, trials), trials)
    assert rate is not None
    return rate


rates = st.one_of(
    st.just(UNKNOWN),
    st.fractions(Fraction(1, 1000), 1).map(lambda value: Rate(Origin.GIVEN, value)),
    st.builds(_own, st.integers(ENOUGH, 500), st.integers(1, 500)),
)
days = st.integers(0, MOST_DAYS)
targets = st.builds(
    Target,
    revenue=st.integers(1, 10**12),
    deal=st.integers(1, 10**10),
    first=st.dates(date(2020, 1, 1), date(2040, 1, 1)).map(lambda day: day.replace(day=1)),
    months=st.integers(1, 24),
    win=rates,
    opportunity=rates,
    mql=rates,
    times=st.builds(LeadTimes, days, days, days),
)


def test_a_hundred_million_needs_20_wins_134_opportunities_and_893_mqls() -> None:
    totals = work_back(EXAMPLE).totals
    assert [totals[stage].point for stage in Stage] == [20, 134, 893, 5956]
    assert all(need.low == need.point == need.high for need in totals.values())


def test_lead_times_shift_what_is_due_to_earlier_months() -> None:
    plan = work_back(EXAMPLE)
    first = {stage: min(month.first for month in plan.months if stage in month.needs) for stage in Stage}
    assert first == {
        Stage.WINS: date(2027, 4, 1),
        Stage.OPPORTUNITIES: date(2027, 1, 1),
        Stage.MQLS: date(2026, 12, 1),
        Stage.LEADS: date(2026, 11, 1),
    }
    assert plan.of(Stage.MQLS, date(2026, 12, 1)) == Need(75, 75, 75)
    assert plan.of(Stage.MQLS, date(2027, 11, 1)) == Need(74, 74, 74)
    assert plan.of(Stage.MQLS, date(2027, 12, 1)) is None


def test_an_own_rate_gives_a_range_and_too_little_of_it_is_no_rate() -> None:
    own = Rate.own(27, 150)
    assert own is not None
    totals = work_back(replace(EXAMPLE, opportunity=own)).totals
    # 18 %, and the interval from 12.7 to 24.9 %.
    assert totals[Stage.MQLS] == Need(538, 744, 1057)
    assert Rate.own(10, ENOUGH - 1) is None
    assert Rate.own(0, 500) is None


@given(targets)
def test_every_range_holds_its_point(target: Target) -> None:
    plan = work_back(target)
    for needs in (plan.totals, *(month.needs for month in plan.months)):
        assert all(need.low <= need.point <= need.high for need in needs.values())


@given(targets)
def test_the_months_add_up_to_the_whole_and_differ_by_one_at_most(target: Target) -> None:
    plan = work_back(target)
    for stage, total in plan.totals.items():
        parts = [month.needs[stage] for month in plan.months if stage in month.needs]
        assert len(parts) == target.months
        for name in ("low", "point", "high"):
            counts = [getattr(part, name) for part in parts]
            assert sum(counts) == getattr(total, name)
            assert max(counts) - min(counts) <= 1


@given(targets, st.integers(0, 10**12))
def test_more_revenue_never_needs_fewer_of_anything(target: Target, more: int) -> None:
    less, most = work_back(target).totals, work_back(replace(target, revenue=target.revenue + more)).totals
    for stage in Stage:
        assert less[stage].low <= most[stage].low
        assert less[stage].point <= most[stage].point
        assert less[stage].high <= most[stage].high


@given(targets)
def test_wins_and_opportunities_are_enough_and_not_one_too_many(target: Target) -> None:
    totals = work_back(target).totals
    wins, opportunities = totals[Stage.WINS].point, totals[Stage.OPPORTUNITIES].point
    assert (wins - 1) * target.deal < target.revenue <= wins * target.deal
    assert (opportunities - 1) * target.win.value < wins <= opportunities * target.win.value
    assert abs(totals[Stage.MQLS].point - opportunities / target.opportunity.value) <= Fraction(1, 2)


@given(targets)
def test_nothing_is_due_after_what_it_leads_to(target: Target) -> None:
    before = target.times.months_before_win()
    assert before[Stage.WINS] == 0 <= before[Stage.OPPORTUNITIES] <= before[Stage.MQLS] <= before[Stage.LEADS]


@pytest.mark.parametrize("change", [{"revenue": 0}, {"deal": 0}, {"months": 0}, {"first": date(2027, 4, 2)}])
def test_an_impossible_target_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="target"):
        replace(EXAMPLE, **change)


@pytest.mark.parametrize("value", [Fraction(0), Fraction(101, 100), Fraction(-1)])
def test_a_rate_is_above_nothing_and_at_most_all(value: Fraction) -> None:
    with pytest.raises(ValueError, match="rate"):
        Rate(Origin.GIVEN, value)


def test_months_go_over_the_year_in_both_directions() -> None:
    assert months_after(date(2026, 11, 1), 2) == date(2027, 1, 1)
    assert months_after(date(2027, 1, 1), -13) == date(2025, 12, 1)


def test_a_teams_capacity_is_the_median_day_of_its_reps() -> None:
    handled = [4] * 15 + [2] * 5 + [9] * 5
    assert capacity(handled, reps=5, working_days=21).a_month == 420
    assert capacity(handled[: ENOUGH_DAYS - 1], reps=5, working_days=21).a_month is None
    assert capacity([], reps=5, working_days=21).a_month is None
    assert capacity(handled, reps=0, working_days=21).a_month is None


@pytest.mark.parametrize(
    ("successes", "trials", "interval"),
    [(0, 10, (0.0, 0.2775)), (10, 10, (0.7225, 1.0)), (27, 150, (0.1268, 0.2492)), (1, 1, (0.2065, 1.0))],
)
def test_wilson_gives_the_textbooks_intervals(successes: int, trials: int, interval: tuple[float, float]) -> None:
    assert wilson(successes, trials) == pytest.approx(interval, abs=5e-5)


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_stays_between_nothing_and_all(counts: tuple[int, int]) -> None:
    low, high = wilson(*counts)
    assert 0 <= low <= counts[0] / counts[1] <= high <= 1


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (1, 0), (-1, 5), (6, 5)])
def test_wilson_refuses_counts_that_cannot_be(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(successes, trials)


def test_the_win_rate_is_that_of_opportunities_half_a_year_old(office: Database) -> None:
    engine = Engine(office)
    opportunity = Answer(disposition=Disposition.QUALIFIED)
    for number in range(ENOUGH + 1):
        mql_id = engine.receives(email=f"{number}@acme.example")
        # The last becomes an opportunity a day later.
        since = NOW + timedelta(days=number == ENOUGH)
        engine.does(accept_and_report, mql_id, "U3", opportunity, now=since)
        with office.transaction() as tx:
            workspace = workspaces.get(tx, WORKSPACE)
            assert workspace is not None
            result = DealResult.WON if number < 6 else DealResult.LOST
            decided = Deal(result=result, on=NOW.date(), amount=number) if number < 20 else None
            deals.record(tx, workspace, mql_id, "U3", decided, since)

    def known(after: timedelta) -> tuple[tuple[int, int], Rate]:
        with office.snapshot() as tx:
            return kpi_target.won(tx, WORKSPACE, NOW + after), kpi_target.win_rate(tx, WORKSPACE, NOW + after)

    a_moment = timedelta(seconds=1)
    assert known(kpi_target.WON_AFTER) == ((0, 0), UNKNOWN)
    counted, rate = known(kpi_target.WON_AFTER + a_moment)
    # What is under way after so long counts as not won.
    assert counted == (6, ENOUGH)
    assert rate == Rate(Origin.OWN, Fraction(6, ENOUGH), 6, ENOUGH)
    assert rate.interval == tuple(Fraction(end) for end in wilson(6, ENOUGH))
    assert known(kpi_target.WON_AFTER + timedelta(days=1) + a_moment)[0] == (6, ENOUGH + 1)
    assert known(kpi_target.WON_AFTER + kpi_target.COHORT + a_moment) == ((0, 1), UNKNOWN)
