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
from typing import Annotated

from bot.core.base.figure import Figure
from bot.core.base.statistics import Estimate, wilson
from bot.core.reports.nurturing import NO_NURTURING, Nurturing
from storage.models import LostReason
from storage.monthly import Lost, Tally

ENOUGH = 12
"""With fewer of them than this no share is told: from here on every 95 % interval is shorter than half the scale."""


STAGES = ("time to acceptance", "time to contact", "time to outcome", "time to win")
LOST = "disqualified by channel and lost reason"
BY_CRM = "won, lost, won amount, as the CRM tells"


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

    received: Annotated[int, Figure("MQLs")]
    decided: Annotated[int, Figure("decided")]
    """Of the received: with an outcome by now."""
    qualified: Annotated[int, Figure("opportunities")]
    """Of the decided: opportunities."""
    rate: Annotated[Estimate | None, Figure("rate (MQL to opportunity)")]
    """The share of opportunities among the decided; None: not enough data."""

    @property
    def maturity(self) -> Annotated[float | None, Figure("maturity", csv=None, why="decided of received")]:
        """The share that is decided; None where nothing was received."""
        return self.decided / self.received if self.received else None


@dataclass(frozen=True)
class Wins:
    """From opportunity to win."""

    opportunities: Annotated[int, Figure("opportunities", csv=None, why="as Conversion.qualified")]
    won: Annotated[int, Figure("won, lost")]
    lost: Annotated[int, Figure("won, lost")]
    amount: Annotated[int, Figure("won amount", csv="won_amount")]
    """What those that were won brought, in the team's currency."""
    rate: Annotated[Estimate | None, Figure("win rate", csv="win_rate")]
    """The share of those won among those won or lost; None: not enough data."""
    won_by_crm: Annotated[int, Figure(BY_CRM)] = 0
    """Of the won, the lost and the amount: what a CRM has told."""
    lost_by_crm: Annotated[int, Figure(BY_CRM)] = 0
    amount_by_crm: Annotated[int, Figure(BY_CRM, csv="won_amount_by_crm")] = 0

    @property
    def closed(self) -> Annotated[int, Figure("closed", csv=None, why="won and lost")]:
        """Won or lost by now; the others are under way."""
        return self.won + self.lost

    @property
    def maturity(self) -> Annotated[float | None, Figure("closed", csv=None, why="closed of opportunities")]:
        """The share that is won or lost; None without opportunities."""
        return self.closed / self.opportunities if self.opportunities else None


@dataclass(frozen=True)
class Times:
    """How long it took from receipt until a stage, of those that have reached it."""

    count: Annotated[int, Figure(*STAGES)]
    median: Annotated[timedelta | None, Figure(*STAGES)]
    p90: Annotated[timedelta | None, Figure(*STAGES)]


@dataclass(frozen=True)
class Cohort:
    """The MQLs received in one month."""

    period: str
    """2026-10"""
    first: date
    total: Conversion
    wins: Wins
    accepted: Annotated[Times, Figure("time to acceptance")]
    contacted: Annotated[Times, Figure("time to contact")]
    decided: Annotated[Times, Figure("time to outcome")]
    won: Annotated[Times, Figure("time to win")]


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
    count: Annotated[int, Figure(LOST, csv=None, why="the sum of its reasons")]
    reasons: Annotated[tuple[tuple[LostReason, int], ...], Figure(LOST, csv="disqualified")]
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
    groups: Annotated[
        Mapping[Dimension, tuple[Group, ...]],
        Figure("by marketing channel, campaign, source", "by rep", "by tier", csv=None, why="a row for each"),
    ]
    """Over all cohorts; those with most decided first."""
    losses: tuple[Losses, ...]
    """Over all cohorts; the channel with most of them first."""
    nurturing: Nurturing = NO_NURTURING
    """Of the ISO weeks whose Thursday lies in the month, beside those of the month before."""

    @property
    def month(self) -> Cohort:
        """The cohort of the period."""
        return self.cohorts[-1]


def conversion(received: int, decided: int, qualified: int) -> Conversion:
    """Return the counts, with the share where there are enough of them."""
    rate = Estimate(qualified / decided, wilson(qualified, decided)) if decided >= ENOUGH else None
    return Conversion(received, decided, qualified, rate)


def total(tallies: Iterable[Tally]) -> Conversion:
    """Return all of them together."""
    counts = [(tally.received, tally.decided, tally.qualified) for tally in tallies]
    return conversion(*(sum(column) for column in zip(*counts, strict=True))) if counts else conversion(0, 0, 0)


def wins(tallies: Iterable[Tally]) -> Wins:
    """Return what came of the opportunities among them."""
    return summed(
        Wins(
            each.qualified,
            each.won,
            each.lost,
            each.amount,
            None,
            each.won_by_crm,
            each.lost_by_crm,
            each.amount_by_crm,
        )
        for each in tallies
    )


def summed(parts: Iterable[Wins]) -> Wins:
    """Return all of them together, with the share where there are enough of them."""
    known = list(parts)
    won, lost = sum(part.won for part in known), sum(part.lost for part in known)
    closed = won + lost
    return Wins(
        sum(part.opportunities for part in known),
        won,
        lost,
        sum(part.amount for part in known),
        Estimate(won / closed, wilson(won, closed)) if closed >= ENOUGH else None,
        sum(part.won_by_crm for part in known),
        sum(part.lost_by_crm for part in known),
        sum(part.amount_by_crm for part in known),
    )


def groups(cohorts: Sequence[Sequence[Tally]], dimension: Dimension, names: Mapping[str, str]) -> tuple[Group, ...]:
    """Return the MQLs of the cohorts by one dimension. `names`: of the values that are not called as they are
    stored."""
    by_value: dict[str, list[list[Tally]]] = defaultdict(lambda: [[] for _ in cohorts])
    for index, tallies in enumerate(cohorts):
        for tally in tallies:
            by_value[_value(tally, dimension)][index].append(tally)
    listed = [
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
    return tuple(sorted(listed, key=lambda group: (-group.total.decided, -group.total.received, group.value)))


def _value(tally: Tally, dimension: Dimension) -> str:
    return str((tally.owner if dimension == Dimension.REP else getattr(tally, dimension)) or "")


def losses(lost: Iterable[Lost], known: Mapping[str, LostReason]) -> tuple[Losses, ...]:
    """Lost reasons by channel."""
    by_channel: dict[str, Counter[str]] = defaultdict(Counter)
    for group in lost:
        by_channel[group.channel or ""][group.reason] += group.mqls
    listed = [
        Losses(channel, counts.total(), tuple((known[key], n) for key, n in counts.most_common() if key in known))
        for channel, counts in by_channel.items()
    ]
    return tuple(sorted(listed, key=lambda group: (-group.count, group.channel)))
