"""The intervals against published examples, against their own definitions, and against chance."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.base.statistics import Estimate, Z, auc, difference, rank, wilson

scores = st.lists(st.integers(0, 12), min_size=1, max_size=25)


# Newcombe 1998, Stat. Med. 17:857, table I, method 3.
@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_published(part: int, whole: int, low: float, high: float) -> None:
    interval = wilson(part, whole)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


@given(st.integers(1, 5000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_wilson_ends_where_the_score_test_just_refuses(share: tuple[int, int]) -> None:
    part, whole = share
    interval = wilson(part, whole)
    assert 0 <= interval.low <= part / whole <= interval.high <= 1
    for end in (interval.low, interval.high):
        if 0 < end < 1:
            assert abs(part / whole - end) / math.sqrt(end * (1 - end) / whole) == pytest.approx(Z, rel=1e-6)
    mirrored = wilson(whole - part, whole)
    assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((interval.low, interval.high))


@pytest.mark.parametrize(("part", "whole"), [(0, 0), (2, 1), (-1, 4)])
def test_what_is_no_share_is_refused(part: int, whole: int) -> None:
    with pytest.raises(ValueError, match=f"{part} of {whole}"):
        wilson(part, whole)


# Newcombe 1998, Stat. Med. 17:873, table II, method 10.
@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_differences_as_published(first: tuple[int, int], second: tuple[int, int], low: float, high: float) -> None:
    estimate = difference(first, second)
    assert estimate.value == pytest.approx(first[0] / first[1] - second[0] / second[1])
    assert (round(estimate.interval.low, 4), round(estimate.interval.high, 4)) == (low, high)


def rated(*counts: int) -> list[float]:
    return [grade for grade, count in enumerate(counts, start=1) for _ in range(count)]


def of_pairs(positives: Sequence[float], negatives: Sequence[float]) -> Estimate | None:
    return auc(Counter(positives), Counter(negatives))


def test_the_auc_of_hanley_and_mcneil_s_example() -> None:
    # Hanley and McNeil 1982, table II: 58 normal and 51 abnormal CT images; an area of 0.893, standard error 0.032.
    area = of_pairs(rated(3, 2, 2, 11, 33), rated(33, 6, 6, 11, 2))
    assert area is not None
    assert round(area.value, 3) == 0.893
    # Score intervals of shares near 1 reach further down than up, and are about as wide as 2 x 1.96 x 0.032.
    assert area.value - area.interval.low > area.interval.high - area.value
    assert area.interval.high - area.interval.low == pytest.approx(2 * Z * 0.032, rel=0.05)


@given(scores, scores)
def test_the_auc_counts_pairs(positives: list[float], negatives: list[float]) -> None:
    pairs = list(itertools.product(positives, negatives))
    won = sum((positive > negative) + (positive == negative) / 2 for positive, negative in pairs)
    area, turned = of_pairs(positives, negatives), of_pairs(negatives, positives)
    assert area is not None
    assert turned is not None
    assert area.value == pytest.approx(won / len(pairs))
    assert 0 <= area.interval.low <= area.value <= area.interval.high <= 1
    assert turned.interval.low == pytest.approx(1 - area.interval.high, abs=1e-9)
    assert area.interval.high - area.interval.low > 0.01


def test_the_auc_s_interval_ends_where_a_test_just_refuses() -> None:
    positives, negatives = [3, 5, 6, 7, 7, 9, 9, 10], [1, 2, 2, 3, 5, 6, 6, 8, 8, 9, 4, 3]
    area = of_pairs(positives, negatives)
    assert area is not None
    for end in (area.interval.low, area.interval.high):
        # Hanley and McNeil's variance, as they write it, with both samples of 10.
        first, second = end / (2 - end), 2 * end * end / (1 + end)
        spread = end * (1 - end) + 9 * (first - end * end) + 9 * (second - end * end)
        assert abs(area.value - end) / math.sqrt(spread / 96) == pytest.approx(Z, rel=1e-6)


def test_an_auc_of_nothing_is_nothing_and_of_one_pair_says_little() -> None:
    assert of_pairs([], [1]) is None
    assert of_pairs([1], []) is None
    area = of_pairs([2], [1])
    assert area is not None
    assert area.value == area.interval.high == 1
    assert area.interval.low < 0.3


def test_the_auc_s_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    # Normal scores one apart: the true area is Phi(1/sqrt 2) = 0.7602.
    chance, true, held, turns = random.Random(6), 0.5 * (1 + math.erf(0.5)), 0, 1000
    for _ in range(turns):
        area = of_pairs([chance.gauss(1, 1) for _ in range(15)], [chance.gauss(0, 1) for _ in range(40)])
        assert area is not None
        held += area.interval.low <= true <= area.interval.high
    assert 0.925 <= held / turns <= 0.985


def test_a_percentile_is_one_of_the_values() -> None:
    hours = [timedelta(hours=hour) for hour in (9, 1, 5, 3)]
    assert rank(hours, 0.5) == timedelta(hours=3)
    assert rank(hours, 0.9) == timedelta(hours=9)
    assert rank(list[float](), 0.5) is None


def test_rounding_takes_no_end_of_an_interval_out_of_the_scale_nor_the_share_out_of_it() -> None:
    # Without care the lower end of 0 of 21 is -1e-17 and that of 0 of 3 is 5e-17; the upper end of 11 of 11 is over 1
    # and that of 10 of 10 under it.
    for whole in range(1, 200):
        assert wilson(0, whole).low == 0.0
        assert wilson(whole, whole).high == 1.0
