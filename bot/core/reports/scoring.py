"""Whether marketing's scoring rule tells opportunities from the rest: of the MQLs of twelve months that came with a
score. What each figure counts is told in docs/metrics.md."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Annotated

import sqlalchemy as sa

from bot.core.base.figure import Figure, Key
from bot.core.base.statistics import (
    Estimate,
    Interval,
    auc,
    chance_of_auc,
    chance_of_difference,
    difference,
    holds_against_chance,
)
from bot.core.reports import held_leads
from bot.core.reports.cohorts import ENOUGH, Conversion, conversion
from bot.core.reports.held_leads import NOTHING_HELD, HeldLeads
from bot.core.reports.monthly import month_of, months_on, span_of
from storage import monthly, unreadables
from storage.models import DECIDED, Workspace
from storage.monthly import Scored, Valued
from storage.vocabulary import Status

MONTHS = 12
MOST_BANDS = 10
FAIR_TO_MISS = 20
"""The threshold that is advised misses at most one opportunity in so many."""
AS_GOOD_AS_NONE = 0.2
"""How long the interval of a lift may be that holds zero, for "no difference" rather than "not enough data"."""
CHANCE = 0.05
"""How many of the values of which more or fewer points are advised may stand out by chance alone, in the long run."""


Scores = Counter[int]
"""How many MQLs came with each score."""


class Aspect(StrEnum):
    """What a score may be made of, as far as it comes in with the lead."""

    CHANNEL = "channel"
    FORM = "form"
    CAMPAIGN = "campaign"
    ATTRIBUTE = "attribute"


class Verdict(StrEnum):
    """What the outcomes say of the points for a value."""

    KEEP = "keep"
    RAISE = "raise"
    LOWER = "lower"
    UNKNOWN = "unknown"


CHANGES = (Verdict.RAISE, Verdict.LOWER)


@dataclass(frozen=True)
class Band:
    """The MQLs with a score from `low` to `high`, both included."""

    low: Annotated[int, Key()]
    high: Annotated[int, Key()]
    conversion: Conversion


@dataclass(frozen=True)
class Factor:
    """The decided MQLs with one value against all others."""

    aspect: Aspect
    name: str
    """That of an attribute; else empty."""
    value: str
    conversion: Conversion
    lift: Annotated[Estimate | None, Figure("lift of a value")]
    """Its share of opportunities less that of the others; None: not enough data."""
    verdict: Verdict


@dataclass(frozen=True)
class Threshold:
    """What another threshold would have come to."""

    score: Annotated[int, Key()]
    unseen: Annotated[int, Figure("threshold")]
    """MQLs that sales would not have got."""
    missed: Annotated[int, Figure("threshold")]
    """Opportunities among them."""


@dataclass(frozen=True)
class ScoringCheck:
    """The check over the twelve months that end with `period`."""

    period: str
    first: date
    received: Annotated[int, Figure("bands")]
    """MQLs that came with a score."""
    decided: Annotated[int, Figure("bands")]
    qualified: Annotated[int, Figure("bands")]
    bands: tuple[Band, ...]
    """Lowest first, without gaps."""
    auc: Annotated[Estimate | None, Figure("AUC", "its interval")]
    """None: not enough opportunities, or not enough others."""
    factors: tuple[Factor, ...]
    """Those to change first, then those with most decided."""
    lowest: Annotated[int, Key()]
    """The lower end of the lowest band: as good as today's threshold."""
    thresholds: tuple[Threshold, ...]
    advised: Threshold | None
    """The highest that would have missed at most one opportunity in twenty."""
    held: HeldLeads = NOTHING_HELD
    """What became of those that the rules of the definition held meanwhile."""


def report(tx: sa.Connection, workspace: Workspace, period: str) -> ScoringCheck:
    """Return the check over the twelve months up to a month such as 2026-10, as they are known now. Raises
    ValueError if `period` is no month."""
    last = month_of(period)
    first = months_on(last, 1 - MONTHS)
    span = span_of(workspace, first, last)
    scored = monthly.scored(tx, workspace.id, span)
    held = held_leads.counted(unreadables.held_became(tx, workspace.id, span.start, span.end))
    return check(period, first, scored, monthly.valued(tx, workspace.id, span, ENOUGH), held)


def check(
    period: str, first: date, scored: Sequence[Scored], valued: Sequence[Valued], held: HeldLeads = NOTHING_HELD
) -> ScoringCheck:
    """Return the check of some MQLs. Marketing's tools write what they like into attributes, and what only few have
    may tell who they are: `valued` has none that fewer than ENOUGH decided MQLs have."""
    decided = [group for group in scored if group.status in DECIDED]
    won = _scores((group.score, group.mqls) for group in decided if group.status == Status.QUALIFIED)
    rest = _scores((group.score, group.mqls) for group in decided if group.status != Status.QUALIFIED)
    width = _width(scored)
    bands = tuple(_bands(scored, width))
    lowest = bands[0].low if bands else 0
    thresholds = tuple(_threshold(scored, band.low) for band in bands[1:])
    return ScoringCheck(
        period=period,
        first=first,
        received=_mqls(scored),
        decided=won.total() + rest.total(),
        qualified=won.total(),
        bands=bands,
        auc=auc(won, rest) if min(won.total(), rest.total()) >= ENOUGH else None,
        factors=tuple(sorted(_beyond_chance(list(_looks(won, rest, valued))), key=_urgency)),
        lowest=lowest,
        thresholds=thresholds,
        advised=_advised(thresholds, won.total()),
        held=held,
    )


def _scores(counts: Iterable[tuple[int, int]]) -> Scores:
    counted: Scores = Counter()
    for score, mqls in counts:
        counted[score] += mqls
    return counted


def _mqls(scored: Iterable[Scored]) -> int:
    return sum(group.mqls for group in scored)


def _width(scored: Sequence[Scored]) -> int:
    """Return the first of 10, 20, 50, 100, 200, … that makes at most ten bands."""
    scores = [group.score for group in scored] or [0]
    lowest, highest, width = min(scores), max(scores), 10
    while highest // width - lowest // width >= MOST_BANDS:
        width = width * 5 // 2 if str(width).startswith("2") else width * 2
    return width


def _bands(scored: Sequence[Scored], width: int) -> Iterator[Band]:
    within: dict[int, list[Scored]] = defaultdict(list)
    for group in scored:
        within[group.score // width].append(group)
    for index in range(min(within), max(within) + 1) if within else ():
        yield Band(index * width, (index + 1) * width - 1, _conversion(within[index]))


def _conversion(scored: Sequence[Scored]) -> Conversion:
    decided = _mqls(group for group in scored if group.status in DECIDED)
    return conversion(_mqls(scored), decided, _mqls(group for group in scored if group.status == Status.QUALIFIED))


def _threshold(scored: Sequence[Scored], score: int) -> Threshold:
    unseen = [group for group in scored if group.score < score]
    return Threshold(score, _mqls(unseen), _mqls(group for group in unseen if group.status == Status.QUALIFIED))


def _advised(thresholds: Sequence[Threshold], qualified: int) -> Threshold | None:
    if qualified < ENOUGH:
        return None
    fair = [threshold for threshold in thresholds if threshold.unseen and threshold.missed * FAIR_TO_MISS <= qualified]
    return fair[-1] if fair else None


@dataclass(frozen=True)
class _Look:
    """What is seen of one value, and how often chance alone would show as much."""

    factor: Factor
    p: float


def _looks(won: Scores, rest: Scores, valued: Sequence[Valued]) -> Iterator[_Look]:
    everybody = won + rest
    everything = conversion(everybody.total(), everybody.total(), won.total())
    by_value: dict[tuple[str, str, str], list[Valued]] = defaultdict(list)
    for group in valued:
        by_value[group.aspect, group.name, group.value].append(group)
    for (aspect, name, value), mine in by_value.items():
        having = _scores((group.score, group.mqls) for group in mine)
        counted = conversion(having.total(), having.total(), sum(group.mqls for group in mine if group.qualified))
        lift = _lift(counted, everything)
        verdict = _verdict(lift, having, everybody - having) if lift else Verdict.UNKNOWN
        p = _chance(counted, everything, having, everybody - having) if verdict in CHANGES else 1.0
        yield _Look(Factor(Aspect(aspect), name, value, counted, lift, verdict), p)


def _beyond_chance(looks: Sequence[_Look]) -> Iterator[Factor]:
    """Yield the factors; those to change only where many looks at mere chance would not show as much."""
    yield from (look.factor for look in looks if look.factor.lift is None)
    judged = [look for look in looks if look.factor.lift is not None]
    stands = holds_against_chance([look.p for look in judged], CHANCE)
    for look, holds in zip(judged, stands, strict=True):
        by_chance = look.factor.verdict in CHANGES and not holds
        yield replace(look.factor, verdict=Verdict.UNKNOWN) if by_chance else look.factor


def _chance(having: Conversion, everything: Conversion, scores: Scores, other_scores: Scores) -> float:
    """Return how often chance alone would set outcomes and score apart as far. Either may be what does: so twice the
    smaller of both."""
    others = (everything.qualified - having.qualified, everything.decided - having.decided)
    of_outcomes = chance_of_difference((having.qualified, having.decided), others)
    return min(1.0, 2 * min(of_outcomes, chance_of_auc(scores, other_scores)))


def _lift(having: Conversion, everything: Conversion) -> Estimate | None:
    """Return the share of opportunities of those that have a value less that of all others."""
    others = everything.decided - having.decided
    if min(having.decided, others) < ENOUGH:
        return None
    return difference((having.qualified, having.decided), (everything.qualified - having.qualified, others))


def _verdict(lift: Estimate, having: Scores, others: Scores) -> Verdict:
    """Return whether the score sees those who have a value on the same side of the others as the outcomes do."""
    outcome = _side(lift.interval, 0)
    if outcome == 0 and lift.interval.high - lift.interval.low > AS_GOOD_AS_NONE:
        return Verdict.UNKNOWN
    higher = auc(having, others)
    scores = _side(higher.interval, 0.5) if higher else 0
    if outcome == scores:
        return Verdict.KEEP
    return Verdict.RAISE if outcome > scores else Verdict.LOWER


def _side(interval: Interval, middle: float) -> int:
    """1: above the middle for sure; -1: below it; 0: it may be either."""
    return (interval.low > middle) - (interval.high < middle)


def _urgency(factor: Factor) -> tuple[int, int, str, str, str]:
    order = (Verdict.RAISE, Verdict.LOWER, Verdict.KEEP, Verdict.UNKNOWN)
    place = max(order.index(factor.verdict), 1)
    return place, -factor.conversion.decided, factor.aspect, factor.name, factor.value
