"""From which count on the check of the scoring rule speaks, and the self-check grades a share: one below, exactly on
each threshold, one above."""

from __future__ import annotations

from datetime import date

import pytest

from bot.core.reports import checkup, scoring
from bot.core.reports.checkup import Answer
from bot.core.reports.scoring import ScoringCheck, Verdict
from storage.monthly import Scored, Valued
from storage.vocabulary import Status

FIRST = date(2025, 11, 1)


def check(*scored: tuple[int, int, int], valued: tuple[Valued, ...] = ()) -> ScoringCheck:
    """The check of MQLs given as (score, opportunities, others)."""
    counts = [Scored(score, Status.QUALIFIED, won) for score, won, _ in scored if won]
    counts += [Scored(score, Status.DISQUALIFIED, lost) for score, _, lost in scored if lost]
    return scoring.check("2026-10", FIRST, counts, valued)


@pytest.mark.parametrize(
    ("missed", "opportunities", "advised"),
    [(1, 19, False), (1, 20, True), (1, 21, True), (2, 39, False), (2, 40, True), (7, 139, False), (7, 140, True)],
)
def test_the_advised_threshold_misses_at_most_one_opportunity_in_twenty(
    missed: int, opportunities: int, advised: bool
) -> None:
    report = check((50, missed, 20), (60, opportunities - missed, 20))
    assert (report.advised is not None) == advised


@pytest.mark.parametrize(("opportunities", "advised"), [(11, False), (12, True), (13, True)])
def test_a_threshold_is_advised_from_twelve_opportunities_on(opportunities: int, advised: bool) -> None:
    assert (check((50, 0, 20), (60, opportunities, 20)).advised is not None) == advised


@pytest.mark.parametrize(
    ("won", "lost", "is_enough"), [(11, 12, False), (12, 11, False), (12, 12, True), (13, 13, True)]
)
def test_the_auc_is_told_from_twelve_of_either_on(won: int, lost: int, is_enough: bool) -> None:
    assert (check((50, 0, lost), (60, won, 0)).auc is not None) == is_enough


@pytest.mark.parametrize(
    ("having", "others", "is_enough"), [(11, 12, False), (12, 11, False), (12, 12, True), (13, 13, True)]
)
def test_a_lift_is_told_from_twelve_with_the_value_and_twelve_without_on(
    having: int, others: int, is_enough: bool
) -> None:
    valued = (Valued("channel", "", "webinar", 60, True, having),)
    report = check((60, having, 0), (50, 0, others), valued=valued)
    (factor,) = report.factors
    assert (factor.lift is not None) == is_enough
    assert (factor.verdict != Verdict.UNKNOWN) == is_enough


@pytest.mark.parametrize(
    ("highest", "bands", "width"), [(99, 10, 10), (100, 6, 20), (199, 10, 20), (200, 5, 50), (499, 10, 50)]
)
def test_there_are_at_most_ten_bands(highest: int, bands: int, width: int) -> None:
    report = check((0, 1, 1), (highest, 1, 1))
    assert len(report.bands) == bands
    assert report.bands[0].high - report.bands[0].low + 1 == width


@pytest.mark.parametrize(
    ("part", "whole", "answer"),
    [
        (8, 10, Answer.YES),
        (79, 100, Answer.PARTLY),
        (80, 100, Answer.YES),
        (81, 100, Answer.YES),
        (5, 10, Answer.PARTLY),
        (49, 100, Answer.NO),
        (50, 100, Answer.PARTLY),
        (51, 100, Answer.PARTLY),
        (0, 10, Answer.NO),
    ],
)
def test_four_fifths_are_in_place_and_a_half_is_partly(part: int, whole: int, answer: Answer) -> None:
    assert checkup.grade(part, whole) == answer
