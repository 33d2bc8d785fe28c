"""How sure a figure is: intervals of shares, of differences and of the AUC, and percentiles. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

Z = 1.959963984540054
"""The normal quantile that leaves 2.5 % on either side: every interval here is one of 95 %."""
HALVINGS = 60  # of an interval not longer than 1: far below what a double tells apart

Value = TypeVar("Value", bound="Any")


class Interval(NamedTuple):
    """Where the true value lies in 95 of 100 such samples; both ends belong to it."""

    low: float
    high: float


@dataclass(frozen=True)
class Estimate:
    """A value and its 95 % interval."""

    value: float
    interval: Interval


def wilson(part: int, whole: int) -> Interval:
    """Wilson's score interval of a share, without continuity correction (Wilson 1927, J. Am. Stat. Assoc. 22:209).
    Never outside of 0 to 1. Raises ValueError unless 0 <= part <= whole and whole > 0."""
    if not 0 <= part <= whole or whole == 0:
        raise ValueError(f"{part} of {whole} is no share")
    share, square = part / whole, Z * Z
    middle = share + square / (2 * whole)
    reach = Z * math.sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    low, high = ((middle + side * reach) / (1 + square / whole) for side in (-1, 1))
    # Rounding of the last bit must not take the ends out of the scale, nor the share out of the interval.
    return Interval(max(0.0, min(low, share)), min(1.0, max(high, share)))


def difference(first: tuple[int, int], second: tuple[int, int]) -> Estimate:
    """Return the share of `first` less that of `second`, each (part, whole), with Newcombe's interval from two Wilson
    ones (Newcombe 1998, Stat. Med. 17:873, method 10). Between -1 and 1. Raises ValueError as `wilson` does."""
    left, right = (Estimate(part / whole, wilson(part, whole)) for part, whole in (first, second))
    gap = left.value - right.value
    down = math.hypot(left.value - left.interval.low, right.interval.high - right.value)
    up = math.hypot(left.interval.high - left.value, right.value - right.interval.low)
    return Estimate(gap, Interval(gap - down, gap + up))


def auc(positives: Mapping[Value, int], negatives: Mapping[Value, int]) -> Estimate | None:
    """Return how often a positive has the higher value of a pair, a tie counting half (Mann and Whitney), between 0 and
    1. Each side tells how many have a value.

    The interval is Newcombe's (2006, Stat. Med. 25:559, method 5): the values that a test does not refuse whose
    variance is that of Hanley and McNeil (1982, Radiology 143:29) with both samples as large as their mean. Unlike
    the original one it does not shrink to a point where every pair is in order. None where a side is empty.
    """
    some, others = sum(positives.values()), sum(negatives.values())
    if not some or not others:
        return None
    won = below = 0
    values: set[Value] = {*positives, *negatives}
    for value in sorted(values):
        won += positives.get(value, 0) * (2 * below + negatives.get(value, 0))
        below += negatives.get(value, 0)
    pairs = some * others
    estimate = won / (2 * pairs)
    alike = (some + others) / 2 - 1

    def far(true: float) -> float:
        spread = 1 + alike * (1 - true) / (2 - true) + alike * true / (1 + true)
        return abs(estimate - true) - Z * math.sqrt(true * (1 - true) * spread / pairs)

    return Estimate(estimate, Interval(_edge(far, estimate, 0.0), _edge(far, estimate, 1.0)))


def _edge(far: Callable[[float], float], inside: float, outside: float) -> float:
    """Return where `far` changes its sign on the way from a value that is not too far to one that is."""
    if far(outside) <= 0:
        return outside
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        if far(middle) <= 0:
            inside = middle
        else:
            outside = middle
    return inside


def rank(values: Sequence[Value], share: float) -> Value | None:
    """Return the nearest-rank percentile: the smallest value that at least `share` (over 0, up to 1) of them do not
    exceed. None where there are none."""
    return sorted(values)[math.ceil(share * len(values)) - 1] if values else None
