"""When a post reached Slack, told by two clocks that may disagree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.delivery.pacing import AS_SLACK_ASKS, Arrivals

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
QUICKEST = 20
MILLISECOND = timedelta(milliseconds=1)
A_TRIP = st.tuples(st.integers(QUICKEST, 2_000), st.integers(0, 2_000))


def stamp(at: datetime) -> str:
    return f"{at.timestamp():.6f}"


def known(arrivals: Arrivals, ahead: timedelta) -> None:
    """A post that took 20 ms there, and as long back; Slack's clock is `ahead` of ours."""
    arrivals.latest(stamp(NOW + QUICKEST * MILLISECOND + ahead), NOW, NOW + 2 * QUICKEST * MILLISECOND)


@given(st.integers(-100_000, 100_000), st.lists(A_TRIP, min_size=2, max_size=30))
def test_posts_reach_slack_no_faster_than_one_a_second_however_long_each_is_on_its_way(
    ahead: int, trips: list[tuple[int, int]]
) -> None:
    arrivals, offset = Arrivals(), ahead * MILLISECOND
    known(arrivals, offset)
    began, arrived = NOW, []
    for there, back in trips:
        arrived.append(began + there * MILLISECOND)
        answered = arrived[-1] + back * MILLISECOND
        latest = arrivals.latest(stamp(arrived[-1] + offset), began, answered)
        assert began <= latest <= answered
        began = max(answered, latest + AS_SLACK_ASKS.between)
    gaps = [later - earlier for earlier, later in pairwise(arrived)]
    assert all(gap >= timedelta(seconds=1) for gap in gaps)


@given(A_TRIP)
def test_it_does_not_matter_how_long_slack_takes_to_answer(trip: tuple[int, int]) -> None:
    there, back = trip[0] * MILLISECOND, trip[1] * MILLISECOND
    latest = Arrivals().latest(stamp(NOW + there), NOW, NOW + there + back)
    assert abs(latest - (NOW + there)) < MILLISECOND


@pytest.mark.parametrize("ahead", [-QUICKEST - 1, -100_000, 100_000])
def test_where_our_clock_cannot_be_trusted_it_does(ahead: int) -> None:
    arrivals = Arrivals()
    known(arrivals, ahead * MILLISECOND)
    for there in (QUICKEST, 300):
        answered = NOW + (there + 150) * MILLISECOND
        assert arrivals.latest(stamp(NOW + (there + ahead) * MILLISECOND), NOW, answered) == answered


def test_a_burst_of_slow_posts_makes_nobody_believe_that_the_next_is_as_slow() -> None:
    arrivals, slow = Arrivals(), 90 * MILLISECOND
    for _ in range(40):
        latest = arrivals.latest(stamp(NOW + slow), NOW, NOW + 3 * slow)
    assert latest + AS_SLACK_ASKS.between - (NOW + slow) >= timedelta(seconds=1)


@given(st.integers(-10_000_000, 10_000_000))
def test_a_clock_that_is_set_anew_leads_nobody_past_the_answer_or_before_the_call(jump: int) -> None:
    arrivals = Arrivals()
    known(arrivals, timedelta(0))
    began = NOW + jump * MILLISECOND
    latest = arrivals.latest(stamp(NOW), began, began + 150 * MILLISECOND)
    assert began <= latest <= began + 150 * MILLISECOND
