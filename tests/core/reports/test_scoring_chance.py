"""The check of the scoring rule looks at many values: how many of those that it would change are chance alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from random import Random

import pytest

from bot.core.base.statistics import (
    auc,
    chance_of_auc,
    chance_of_difference,
    difference,
    holds_against_chance,
)
from bot.core.reports import scoring
from bot.core.reports.scoring import CHANCE, CHANGES, Factor, ScoringCheck, Verdict
from storage.monthly import Scored, Valued
from storage.vocabulary import Status

WORKSPACES = 150
MQLS = 400
VALUES = {"channel": 6, "form": 4, "campaign": 8, "size": 5, "industry": 7}
"""Aspects, and how many values each has: 30 looks."""
Lead = dict[str, int]
Rule = Callable[[Random, Lead], int]
Outcome = Callable[[Random, Lead], bool]


def noise(chance: Random, _: Lead) -> int:
    return chance.randint(40, 100)


def coin(chance: Random, _: Lead) -> bool:
    return chance.random() < 0.2


def checks(rule: Rule, outcome: Outcome, workspaces: int = WORKSPACES, mqls: int = MQLS) -> Iterator[ScoringCheck]:
    """The check in so many workspaces, whose leads get their score and their outcome in these ways."""
    for seed in range(workspaces):
        chance = Random(seed)
        scored: Counter[tuple[int, Status]] = Counter()
        valued: Counter[tuple[str, str, str, int, bool]] = Counter()
        for _ in range(mqls):
            lead = {name: chance.randrange(values) for name, values in VALUES.items()}
            score, won = rule(chance, lead), outcome(chance, lead)
            scored[score, Status.QUALIFIED if won else Status.DISQUALIFIED] += 1
            for name, value in lead.items():
                plain = name in ("channel", "form", "campaign")
                valued[name if plain else "attribute", "" if plain else name, str(value), score, won] += 1
        counts = [Scored(score, status, n) for (score, status), n in scored.items()]
        yield scoring.check("2026-10", date(2025, 11, 1), counts, [Valued(*kind, n) for kind, n in valued.items()])


def changed(check: ScoringCheck) -> list[Factor]:
    """What it advises to change."""
    return [factor for factor in check.factors if factor.verdict in CHANGES]


@pytest.mark.thorough
def test_where_all_is_chance_at_most_the_promised_share_of_workspaces_is_advised_to_change_anything() -> None:
    advised = [changed(check) for check in checks(noise, coin)]
    assert len(advised) == WORKSPACES
    # Three standard deviations of so many draws above what is promised.
    assert sum(map(bool, advised)) / WORKSPACES <= CHANCE + 3 * (CHANCE * (1 - CHANCE) / WORKSPACES) ** 0.5


@pytest.mark.thorough
def test_of_what_is_advised_beside_real_effects_at_most_the_promised_share_is_chance() -> None:
    def by_channel(chance: Random, lead: Lead) -> bool:
        return chance.random() < (0.5 if lead["channel"] == 0 else 0.15)

    advised = [factor for check in checks(noise, by_channel, 100) for factor in changed(check)]
    right = [
        factor for factor in advised if (factor.aspect, factor.value, factor.verdict) == ("channel", "0", Verdict.RAISE)
    ]
    # A channel with less than the others because another has more is no chance either.
    beside = [factor for factor in advised if factor.aspect == "channel"]
    assert len(right) >= 90
    assert (len(advised) - len(beside)) / len(advised) <= CHANCE


def test_points_that_mean_nothing_are_found_in_a_year_of_a_few_hundred_mqls() -> None:
    def by_form(chance: Random, lead: Lead) -> int:
        return chance.randint(40, 70) + (30 if lead["form"] == 0 else 0)

    def rarely(chance: Random, _: Lead) -> bool:
        return chance.random() < 0.12

    advised = [changed(check) for check in checks(by_form, rarely, 30, 600)]
    noticed = [
        factors
        for factors in advised
        if any((f.aspect, f.value, f.verdict) == ("form", "0", Verdict.LOWER) for f in factors)
    ]
    assert len(noticed) >= 24


@pytest.mark.parametrize(
    ("first", "second"), [((9, 20), (10, 60)), ((0, 20), (9, 30)), ((40, 80), (20, 80)), ((3, 300), (30, 900))]
)
def test_a_p_value_of_a_difference_goes_with_its_interval(first: tuple[int, int], second: tuple[int, int]) -> None:
    p = chance_of_difference(first, second)
    low, high = difference(first, second).interval
    assert (p < 0.05) == (not low <= 0 <= high)
    assert p == pytest.approx(chance_of_difference(second, first))


def test_equal_shares_are_what_chance_brings() -> None:
    assert chance_of_difference((3, 12), (5, 20)) == 1


@pytest.mark.parametrize("shift", [0, 3, 6, 12, 40])
def test_a_p_value_of_an_auc_goes_with_its_interval(shift: int) -> None:
    positives, negatives = Counter(range(shift, 30 + shift)), Counter(range(40))
    area = auc(positives, negatives)
    assert area is not None
    assert (chance_of_auc(positives, negatives) < 0.05) == (not area.interval.low <= 0.5 <= area.interval.high)


def test_benjamini_and_hochberg_s_example() -> None:
    # Their paper, section 3.2: fifteen p-values, of which the first four stand out at 5 %.
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1,
    ]
    assert holds_against_chance(p, 0.05) == [True] * 4 + [False] * 11
    assert holds_against_chance(p[::-1], 0.05) == [False] * 11 + [True] * 4
    assert holds_against_chance([], 0.05) == []
