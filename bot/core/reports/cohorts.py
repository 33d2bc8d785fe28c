"""The monthly report as values, and how it is counted. A cohort is the MQLs received in one month. Pure.

What each figure counts is told in docs/metrics.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import chain

from bot.core.base.statistics import Estimate, wilson
from storage.models import LostReason
from storage.monthly import Lost, Tally

ENOUGH = 12
"""With fewer of them than this no share is told: from here on every 95 % interval is shorter than half the scale."""


class Dimension(StrEnum):
    """What MQLs are told apart by."""

    CHANNEL = "channel"
    CAMPAIGN = "campaign"
    SOURCE = "source"
    REP = "rep"
    TIER = "tier"


@dataclass(frozen=True)
class Conversion:
    """From MQL to opportunity."""

    received: int
    decided: int
    """Of the received: with an outcome by now."""
    qualified: int
    """Of the decided: opportunities."""
    rate: Estimate | None
    """The share of opportunities among the decided; None: not enough data."""

    @property
    def maturity(self) -> float | None:
        """The share that is decided; None where nothing was received."""
        return self.decided / self.received if self.received else None


@dataclass(frozen=True)
class Wins:
    """From opportunity to win."""

    opportunities: int
    won: int
    lost: int
    amount: int
    """What those that were won brought, in the team's currency."""
    rate: Estimate | None
    """The share of those won among those won or lost; None: not enough data."""

    @property
    def closed(self) -> int:
        """Won or lost by now; the others are under way."""
        return self.won + self.lost

    @property
    def maturity(self) -> float | None:
        """The share that is won or lost; None without opportunities."""
        return self.closed / self.opportunities if self.opportunities else None


@dataclass(frozen=True)
class Times:
    """How long it took from receipt until a stage, of those that have reached it."""

    count: int
    median: timedelta | None
    p90: timedelta | None


@dataclass(frozen=True)
class Cohort:
    """The MQLs received in one month."""

    period: str
    """2026-10"""
    first: date
    total: Conversion
    wins: Wins
    accepted: Times
    contacted: Times
    decided: Times
    won: Times


@dataclass(frozen=True)
class Group:
    """The MQLs that have one value of a dimension."""

    value: str
    """As it is stored; of a rep the Slack user id. Empty: they have none."""
    name: str
    total: Conversion
    """Of all cohorts of the report."""
    wins: Wins
    cohorts: tuple[Conversion, ...]
    """Of each."""
    cohort_wins: tuple[Wins, ...]


@dataclass(frozen=True)
class Losses:
    """Why MQLs of one marketing channel were disqualified."""

    channel: str
    count: int
    reasons: tuple[tuple[LostReason, int], ...]
    """Most frequent first."""


@dataclass(frozen=True)
class MonthlyReport:
    """A month beside those before it, as they are known at a moment."""

    period: str
    as_of: datetime
    cohorts: tuple[Cohort, ...]
    """Oldest first; the last is that of the period."""
    total: Conversion
    wins: Wins
    groups: Mapping[Dimension, tuple[Group, ...]]
    """Over all cohorts; those with most decided first."""
    losses: tuple[Losses, ...]
    """Over all cohorts; the channel with most of them first."""

    @property
    def month(self) -> Cohort:
        """The cohort of the period."""
        return self.cohorts[-1]


def conversion(received: int, decided: int, qualified: int) -> Conversion:
    """The counts, with the share where there are enough of them."""
    rate = Estimate(qualified / decided, wilson(qualified, decided)) if decided >= ENOUGH else None
    return Conversion(received, decided, qualified, rate)


def total(tallies: Iterable[Tally]) -> Conversion:
    """All of them together."""
    counts = [(one.received, one.decided, one.qualified) for one in tallies]
    return conversion(*(sum(column) for column in zip(*counts, strict=True))) if counts else conversion(0, 0, 0)


def wins(tallies: Iterable[Tally]) -> Wins:
    """What came of the opportunities among them."""
    return summed(Wins(one.qualified, one.won, one.lost, one.amount, None) for one in tallies)


def summed(parts: Iterable[Wins]) -> Wins:
    """All of them together, with the share where there are enough of them."""
    counts = [(one.opportunities, one.won, one.lost, one.amount) for one in parts]
    opportunities, won, lost, amount = (sum(column) for column in zip((0, 0, 0, 0), *counts, strict=True))
    closed = won + lost
    rate = Estimate(won / closed, wilson(won, closed)) if closed >= ENOUGH else None
    return Wins(opportunities, won, lost, amount, rate)


def groups(cohorts: Sequence[Sequence[Tally]], dimension: Dimension, names: Mapping[str, str]) -> tuple[Group, ...]:
    """The MQLs of the cohorts by one dimension. `names`: of the values that are not called as they are stored."""
    by_value: dict[str, list[list[Tally]]] = defaultdict(lambda: [[] for _ in cohorts])
    for index, tallies in enumerate(cohorts):
        for tally in tallies:
            by_value[_value(tally, dimension)][index].append(tally)
    found = [
        Group(
            value=value,
            name=names.get(value, value),
            total=total(chain(*parts)),
            wins=wins(chain(*parts)),
            cohorts=tuple(total(part) for part in parts),
            cohort_wins=tuple(wins(part) for part in parts),
        )
        for value, parts in by_value.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.total.decided, -one.total.received, one.value)))


def _value(tally: Tally, dimension: Dimension) -> str:
    return str((tally.owner if dimension == Dimension.REP else getattr(tally, dimension)) or "")


def losses(lost: Iterable[Lost], known: Mapping[str, LostReason]) -> tuple[Losses, ...]:
    """Lost reasons by channel."""
    by_channel: dict[str, Counter[str]] = defaultdict(Counter)
    for one in lost:
        by_channel[one.channel or ""][one.reason] += one.mqls
    found = [
        Losses(channel, counts.total(), tuple((known[key], n) for key, n in counts.most_common() if key in known))
        for channel, counts in by_channel.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.count, one.channel)))
