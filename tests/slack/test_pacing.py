"""When a post reached Slack, told by two clocks that may disagree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.pacing import AS_SLACK_ASKS, ENOUGH, Arrivals

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
QUICKEST = 20
MILLISECOND = timedelta(milliseconds=1)
A_TRIP = st.tuples(st.integers(QUICKEST, 2_000), st.integers(0, 2_000))


def stamp(at: datetime) -> str:
    return f"{at.timestamp():.6f}"


def known(arrivals: Arrivals, ahead: timedelta) -> None:
    """So many posts, the quickest of which took 20 ms; Slack's clock is `ahead` of ours."""
    for number in range(ENOUGH):
        took = (QUICKEST + number) * MILLISECOND
        arrivals.latest(stamp(NOW + took + ahead), NOW, NOW + 2 * took)


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


FAR_OFF = st.one_of(st.integers(-100_000, -QUICKEST - 1), st.integers(501, 100_000))


@given(FAR_OFF, A_TRIP)
def test_where_clocks_disagree_a_post_counts_from_how_much_longer_it_took_than_the_quickest(
    ahead: int, trip: tuple[int, int]
) -> None:
    arrivals, offset = Arrivals(), ahead * MILLISECOND
    known(arrivals, offset)
    there, back = trip[0] * MILLISECOND, trip[1] * MILLISECOND
    latest = arrivals.latest(stamp(NOW + there + offset), NOW, NOW + there + back)
    assert abs(latest - (NOW + there - QUICKEST * MILLISECOND)) < MILLISECOND


@given(A_TRIP)
def test_where_they_agree_it_counts_from_its_stamp_the_very_first_too(trip: tuple[int, int]) -> None:
    there, back = min(trip[0], 500) * MILLISECOND, trip[1] * MILLISECOND
    latest = Arrivals().latest(stamp(NOW + there), NOW, NOW + there + back)
    assert abs(latest - (NOW + there)) < MILLISECOND


def test_a_burst_of_slow_posts_makes_nobody_believe_that_the_next_is_as_slow() -> None:
    arrivals, slow = Arrivals(), 90 * MILLISECOND
    for _ in range(2 * ENOUGH):
        latest = arrivals.latest(stamp(NOW + slow), NOW, NOW + 3 * slow)
    assert latest + AS_SLACK_ASKS.between - (NOW + slow) >= timedelta(seconds=1)


@pytest.mark.parametrize("ahead", [-30, 7_000])
def test_where_they_disagree_a_post_counts_from_its_answer_until_enough_is_known(ahead: int) -> None:
    arrivals, stamped = Arrivals(), stamp(NOW + ahead * MILLISECOND)
    for _ in range(ENOUGH - 1):
        assert arrivals.latest(stamped, NOW, NOW + 150 * MILLISECOND) == NOW + 150 * MILLISECOND
    assert arrivals.latest(stamped, NOW, NOW + 150 * MILLISECOND) == NOW


@given(st.integers(-10_000_000, 10_000_000))
def test_a_clock_that_is_set_anew_leads_nobody_past_the_answer_or_before_the_call(jump: int) -> None:
    arrivals = Arrivals()
    known(arrivals, timedelta(0))
    began = NOW + jump * MILLISECOND
    latest = arrivals.latest(stamp(NOW), began, began + 150 * MILLISECOND)
    assert began <= latest <= began + 150 * MILLISECOND
