"""How sure a figure is: intervals of shares, of differences and of the AUC, what chance alone would bring, and
percentiles. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

Z = 1.959963984540054
"""The normal quantile that leaves 2.5 % on either side: every interval here is one of 95 %."""
HALVINGS = 60  # of an interval not longer than 1: far below what a double tells apart
FARTHEST = 38.0
"""Quantiles beyond which a double knows no probability but zero."""

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


def wilson(part: int, whole: int, z: float = Z) -> Interval:
    """Wilson's score interval of a share, without continuity correction (Wilson 1927, J. Am. Stat. Assoc. 22:209).
    Never outside of 0 to 1. Raises ValueError unless 0 <= part <= whole and whole > 0."""
    if not 0 <= part <= whole or whole == 0:
        raise ValueError(f"{part} of {whole} is no share")
    share, square = part / whole, z * z
    middle = share + square / (2 * whole)
    reach = z * math.sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    low, high = ((middle + side * reach) / (1 + square / whole) for side in (-1, 1))
    # Rounding of the last bit must not take the ends out of the scale, nor the share out of the interval.
    return Interval(max(0.0, min(low, share)), min(1.0, max(high, share)))


def difference(first: tuple[int, int], second: tuple[int, int], z: float = Z) -> Estimate:
    """Return the share of `first` less that of `second`, each (part, whole), with Newcombe's interval from two Wilson
    ones (Newcombe 1998, Stat. Med. 17:873, method 10). Between -1 and 1. Raises ValueError as `wilson` does."""
    left, right = (Estimate(part / whole, wilson(part, whole, z)) for part, whole in (first, second))
    gap = left.value - right.value
    down = math.hypot(left.value - left.interval.low, right.interval.high - right.value)
    up = math.hypot(left.interval.high - left.value, right.value - right.interval.low)
    return Estimate(gap, Interval(gap - down, gap + up))


def chance_of_difference(first: tuple[int, int], second: tuple[int, int]) -> float:
    """Return the two-sided p-value of a difference, from 0 to 1: below 5 % where its 95 % interval does not hold zero,
    below 1 % where its 99 % interval does not, and so on. Raises ValueError as `wilson` does."""

    def reaches_zero(z: float) -> float:
        low, high = difference(first, second, z).interval
        return 1.0 if low <= 0 <= high else -1.0

    if reaches_zero(0.0) > 0:
        return 1.0
    return _both_tails(FARTHEST * _edge(lambda part: reaches_zero(FARTHEST * part), 0.0, 1.0))


def _both_tails(z: float) -> float:
    return math.erfc(z / math.sqrt(2))


def holds_against_chance(p_values: Sequence[float], share: float) -> list[bool]:
    """Return which of several looks stand out, so that at most `share` of those that do are chance alone in the long
    run, and at most this share of occasions has any where all is chance (Benjamini and Hochberg 1995, J. R. Stat. Soc.
    B 57:289)."""
    in_order = sorted(p_values)
    bars = [p for place, p in enumerate(in_order, start=1) if p <= share * place / len(in_order)]
    return [bool(bars) and p <= bars[-1] for p in p_values]


def auc(positives: Mapping[Value, int], negatives: Mapping[Value, int]) -> Estimate | None:
    """Return how often a positive has the higher value of a pair, a tie counting half (Mann and Whitney), between 0 and
    1. Each side tells how many have a value.

    The interval is Newcombe's (2006, Stat. Med. 25:559, method 5): the values that a test does not refuse whose
    variance is that of Hanley and McNeil (1982, Radiology 143:29) with both samples as large as their mean. Unlike
    the original one it does not shrink to a point where every pair is in order. None where a side is empty.
    """
    area = _area(positives, negatives)
    if area is None:
        return None

    def far(true: float) -> float:
        return abs(area.value - true) - Z * area.deviation(true)

    return Estimate(area.value, Interval(_edge(far, area.value, 0.0), _edge(far, area.value, 1.0)))


def chance_of_auc(positives: Mapping[Value, int], negatives: Mapping[Value, int]) -> float:
    """Return the two-sided p-value of an AUC against 50 %, from 0 to 1: below 5 % where its 95 % interval does not
    hold 50 %. 1 where a side is empty."""
    area = _area(positives, negatives)
    return 1.0 if area is None else _both_tails(abs(area.value - 0.5) / area.deviation(0.5))


@dataclass(frozen=True)
class _Area:
    """The AUC of a sample."""

    value: float
    pairs: int
    alike: float
    """The mean size of both samples, less one."""

    def deviation(self, true: float) -> float:
        """Return the standard deviation of such an estimate where this is the true value."""
        spread = 1 + self.alike * (1 - true) / (2 - true) + self.alike * true / (1 + true)
        return math.sqrt(true * (1 - true) * spread / self.pairs)


def _area(positives: Mapping[Value, int], negatives: Mapping[Value, int]) -> _Area | None:
    some, others = sum(positives.values()), sum(negatives.values())
    if not some or not others:
        return None
    won = below = 0
    values: set[Value] = {*positives, *negatives}
    for value in sorted(values):
        won += positives.get(value, 0) * (2 * below + negatives.get(value, 0))
        below += negatives.get(value, 0)
    pairs = some * others
    return _Area(won / (2 * pairs), pairs, (some + others) / 2 - 1)


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
