"""Each threshold of the digest's first sentence: one below, exactly on it, one above."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.agreement.goals import Goals
from bot.core.reports import headline
from bot.core.reports.figures import Figures, Overdue
from bot.core.reports.headline import Matter
from bot.core.reports.kpi_target import Progress
from tests.slack.blocks.samples import figures, report

Share = tuple[int, int]
HOUR, A_MOMENT = timedelta(hours=1), timedelta(microseconds=1)


def answered(share: Share) -> Figures:
    return figures(in_time=share[0], due=share[1])


def first(now: Figures, before: Figures | None = None, goals: Goals | None = None, plan: Progress | None = None) -> str:
    return headline.first(report(now, before or now, goals=goals or Goals(), plan=plan))


@pytest.mark.parametrize(
    ("before", "now", "matter"),
    [
        # Exactly ten points; as floats each of them is less than 0.1.
        ((9, 10), (8, 10), Matter.WORSE),
        ((10, 10), (9, 10), Matter.WORSE),
        ((18, 20), (16, 20), Matter.WORSE),
        ((5, 10), (4, 10), Matter.WORSE),
        ((3, 5), (5, 10), Matter.WORSE),
        # One MQL less than ten points.
        ((81, 100), (72, 100), Matter.WENT),
        ((90, 100), (81, 100), Matter.WENT),
        ((19, 20), (18, 20), Matter.WENT),
        # One more.
        ((90, 100), (79, 100), Matter.WORSE),
        # Better by as much.
        ((8, 10), (9, 10), Matter.WENT),
        # Five due in both weeks, four in one of them.
        ((5, 5), (4, 5), Matter.WORSE),
        ((4, 4), (4, 5), Matter.WENT),
        ((5, 5), (3, 4), Matter.WENT),
    ],
)
def test_worse_begins_at_ten_points(before: Share, now: Share, matter: Matter) -> None:
    assert first(answered(now), answered(before)) == matter


@given(st.integers(5, 60), st.integers(5, 60), st.data())
def test_worse_is_decided_by_exact_shares(due: int, due_before: int, data: st.DataObject) -> None:
    now, before = data.draw(st.integers(0, due)), data.draw(st.integers(0, due_before))
    fell = Fraction(before, due_before) - Fraction(now, due) >= Fraction(1, 10)
    assert (first(answered((now, due)), answered((before, due_before))) == Matter.WORSE) == fell


@pytest.mark.parametrize(
    ("share", "matter"),
    [
        ((9, 10), Matter.WENT),
        ((8, 10), Matter.LATE),
        ((8, 9), Matter.LATE),
        ((3, 4), Matter.WENT),
        ((4, 5), Matter.LATE),
    ],
)
def test_late_is_one_less_than_the_goal_says_of_five_due(share: Share, matter: Matter) -> None:
    assert first(answered(share), goals=Goals(answered_in_time=90)) == matter


@pytest.mark.parametrize("hours", [8, 2.3, 4.1, 0.1, 1.1])
def test_slow_is_a_moment_longer_than_the_goal(hours: float) -> None:
    exactly = timedelta(seconds=round(hours * 3600))
    goals = Goals(median_response_hours=hours)
    assert first(figures(median_open=exactly - A_MOMENT), goals=goals) == Matter.WENT
    assert first(figures(median_open=exactly), goals=goals) == Matter.WENT
    assert first(figures(median_open=exactly + A_MOMENT), goals=goals) == Matter.SLOW
    assert first(figures(median_open=None), goals=goals) == Matter.WENT


@pytest.mark.parametrize(
    ("disqualified", "qualified", "matter"),
    [(4, 6, Matter.WENT), (5, 5, Matter.REJECTED), (2, 3, Matter.WENT), (3, 2, Matter.REJECTED), (4, 0, Matter.WENT)],
)
def test_rejected_is_one_more_than_the_goal_says_of_five_reported(
    disqualified: int, qualified: int, matter: Matter
) -> None:
    week = figures(disqualified=disqualified, qualified=qualified, recycled=0)
    assert first(week, goals=Goals(disqualified=40)) == matter


@pytest.mark.parametrize(
    ("contactable", "received", "matter"),
    [(19, 20, Matter.WENT), (18, 20, Matter.UNREACHABLE), (4, 5, Matter.UNREACHABLE), (3, 4, Matter.WENT)],
)
def test_unreachable_is_one_less_than_the_goal_says_of_five_received(
    contactable: int, received: int, matter: Matter
) -> None:
    week = figures(contactable=contactable, received=received)
    assert first(week, goals=Goals(contactable=95)) == matter


@pytest.mark.parametrize(
    ("received", "planned", "day", "matter"),
    [
        # A third of 30 by the tenth of thirty days; four fifths of it are eight.
        (9, 30, 10, Matter.WENT),
        (8, 30, 10, Matter.WENT),
        (7, 30, 10, Matter.BEHIND),
        # By the fourth the plan has four, which are too few; by the fifth five, which are enough.
        (0, 30, 4, Matter.WENT),
        (0, 30, 5, Matter.BEHIND),
        (0, 30, 6, Matter.BEHIND),
        # Four fifths of the 35 by the fifteenth are 28.
        (28, 70, 15, Matter.WENT),
        (27, 70, 15, Matter.BEHIND),
    ],
)
def test_behind_is_less_than_four_fifths_of_the_plan_of_the_day(
    received: int, planned: int, day: int, matter: Matter
) -> None:
    plan = Progress(received, planned, date(2026, 11, 1), date(2026, 11, day))
    assert first(figures(), plan=plan) == matter


@given(st.integers(1, 400), st.integers(1, 28), st.integers(0, 400))
def test_behind_is_decided_by_the_exact_part_of_the_month(planned: int, day: int, received: int) -> None:
    expected = Fraction(planned * day, 28)
    behind = expected >= 5 and received < Fraction(4, 5) * expected
    plan = Progress(received, planned, date(2026, 2, 1), date(2026, 2, day))
    assert (first(figures(), plan=plan) == Matter.BEHIND) == behind


def test_one_that_is_overdue_is_enough() -> None:
    assert headline.first(report(waiting=Overdue(1), debt=Overdue(1))) == Matter.WAITING
    assert headline.first(report(waiting=Overdue(0), debt=Overdue(1))) == Matter.DEBT
    assert headline.first(report(waiting=Overdue(0), debt=Overdue(0))) == Matter.WENT
