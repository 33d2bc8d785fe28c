"""From how many on a share is told, a reader is advised and a point is in place: at the very number."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from bot.core.base import period_words
from bot.core.reports import checkup, cohorts, kpi, monthly, noise, scoring, weekly
from bot.core.reports.checkup import PRIORITY, Answer, Point, Result
from bot.core.reports.cohorts import Wins
from bot.core.reports.kpi import LeadTimes, Origin, Rate, Target
from bot.core.reports.noise import Share
from storage.models import LostReason
from storage.monthly import Lost, Scored, Tally
from storage.vocabulary import MessageKind, Source, Status

AT = datetime(2026, 11, 17, tzinfo=UTC)


@pytest.mark.parametrize(("count", "known"), [(11, False), (12, True)])
def test_a_share_of_twelve_is_told(count: int, known: bool) -> None:
    converted = cohorts.conversion(20, count, 3)
    assert (converted.rate is not None) is known
    won = cohorts.summed([Wins(20, 3, count - 3, 500, None)])
    assert (won.rate is not None) is known
    if converted.rate and won.rate:
        assert converted.rate.value == won.rate.value == 3 / count
    assert (won.closed, won.maturity) == (count, count / 20)
    assert converted.maturity == count / 20


def test_what_a_kind_of_message_led_to_is_told_from_enough_of_them_on() -> None:
    assert Share(MessageKind.REMINDER, noise.ENOUGH - 1, 3).rate is None
    rate = Share(MessageKind.REMINDER, noise.ENOUGH, 3).rate
    assert rate is not None
    assert rate.value == 3 / noise.ENOUGH


def test_of_nothing_no_share_is_told_and_nothing_is_ripe() -> None:
    nothing = cohorts.total([])
    assert (nothing.received, nothing.decided, nothing.qualified, nothing.rate, nothing.maturity) == (
        0,
        0,
        0,
        None,
        None,
    )
    assert cohorts.wins([]).maturity is None


def tally(channel: str | None, owner: str | None, received: int, decided: int, qualified: int) -> Tally:
    return Tally(channel, None, Source.GENERIC, owner, None, received, decided, qualified, 0, 0, 0)


def test_groups_are_those_with_most_decided_first_then_most_received_then_by_name() -> None:
    first = [tally("ads", "U1", 5, 3, 1), tally("fair", "U1", 9, 3, 3), tally(None, None, 9, 3, 0)]
    second = [tally("mail", "U2", 5, 4, 2), tally("ads", "U2", 1, 0, 0)]
    groups = cohorts.groups([first, second], cohorts.Dimension.CHANNEL, {"": "none"})
    assert [(group.value, group.name, group.total.decided) for group in groups] == [
        ("mail", "mail", 4),
        ("", "none", 3),
        ("fair", "fair", 3),
        ("ads", "ads", 3),
    ]
    ads = groups[-1]
    assert [(part.received, part.decided) for part in ads.cohorts] == [(5, 3), (1, 0)]
    reps = cohorts.groups([first, second], cohorts.Dimension.REP, {"U1": "Sato"})
    assert [(group.value, group.name, group.total.received) for group in reps] == [
        ("U1", "Sato", 14),
        ("U2", "U2", 6),
        ("", "", 9),
    ]


def test_losses_are_told_by_channel_and_of_reasons_that_are_known() -> None:
    words = {"position": 0, "ja": "予算", "en": "Budget"}
    budget = LostReason.model_validate({"workspace_id": "T1", "key": "budget", **words})
    lost = [Lost("ads", "budget", 2), Lost("ads", "gone", 3), Lost(None, "budget", 5), Lost("fair", "budget", 5)]
    losses = cohorts.losses(lost, {"budget": budget})
    assert [(loss.channel, loss.count, loss.reasons) for loss in losses] == [
        ("", 5, ((budget, 5),)),
        ("ads", 5, ((budget, 2),)),
        ("fair", 5, ((budget, 5),)),
    ]


@pytest.mark.parametrize(("trials", "known"), [(29, False), (30, True)])
def test_an_own_rate_needs_thirty(trials: int, known: bool) -> None:
    assert kpi.ENOUGH == 30
    assert (Rate.own(3, trials) is not None) is known
    assert Rate.own(0, trials) is None


def test_the_ends_of_what_a_target_may_be() -> None:
    rate = Rate(Origin.BENCHMARK, Fraction(1))
    for low in (0, 730):
        assert LeadTimes(low, low, low).days == (low, low, low)
    for wrong in (-1, 731):
        with pytest.raises(ValueError, match="no lead times"):
            LeadTimes(0, wrong, 0)
    target = Target(1, 1, date(2026, 4, 1), 1, rate, rate, rate, LeadTimes())
    assert target.last == date(2026, 4, 1)
    longest = Target(1, 1, date(2026, 4, 1), kpi.MOST_MONTHS, rate, rate, rate, LeadTimes())
    assert longest.months == kpi.MOST_MONTHS
    with pytest.raises(ValueError, match="whole months"):
        Target(1, 1, date(2026, 4, 1), kpi.MOST_MONTHS + 1, rate, rate, rate, LeadTimes())


def test_a_capacity_needs_enough_days_and_a_rep() -> None:
    days = [4] * kpi.ENOUGH_DAYS
    assert kpi.capacity(days, 1, 20).a_month == 80
    assert kpi.capacity(days[1:], 1, 20).a_month is None
    assert kpi.capacity(days, 0, 20).a_month is None
    assert kpi.capacity([], 1, 20).median == 0


def scored(counts: dict[int, tuple[int, int]]) -> list[Scored]:
    """Of each score so many that were qualified and so many that were not."""
    return [
        Scored(score=score, status=status, mqls=mqls)
        for score, (won, rest) in counts.items()
        for status, mqls in ((Status.QUALIFIED, won), (Status.DISQUALIFIED, rest))
        if mqls
    ]


@pytest.mark.parametrize(("won", "rest", "known"), [(12, 12, True), (11, 12, False), (12, 11, False)])
def test_how_well_a_score_tells_them_apart_needs_twelve_of_either(won: int, rest: int, known: bool) -> None:
    report = scoring.check("2026-10", date(2025, 11, 1), scored({50: (won, 0), 40: (0, rest)}), [])
    assert (report.auc is not None) is known
    assert (report.received, report.decided, report.qualified) == (won + rest, won + rest, won)


@pytest.mark.parametrize(
    ("scores", "width"),
    [
        ((0,), 10),
        ((0, 99), 10),
        ((0, 100), 20),
        ((0, 199), 20),
        ((0, 200), 50),
        ((0, 499), 50),
        ((0, 500), 100),
        ((95, 189), 10),
        ((95, 190), 20),
    ],
)
def test_scores_fall_into_at_most_ten_bands(scores: tuple[int, ...], width: int) -> None:
    report = scoring.check("2026-10", date(2025, 11, 1), scored(dict.fromkeys(scores, (1, 0))), [])
    first = report.bands[0]
    assert first.high - first.low + 1 == width
    assert len(report.bands) <= 10
    assert report.lowest == first.low == scores[0] // width * width


def test_a_threshold_is_advised_that_would_have_missed_one_opportunity_in_twenty_at_most() -> None:
    def advised(counts: dict[int, tuple[int, int]]) -> tuple[int, int, int] | None:
        threshold = scoring.check("2026-10", date(2025, 11, 1), scored(counts), []).advised
        return (threshold.score, threshold.unseen, threshold.missed) if threshold else None

    assert advised({5: (1, 9), 15: (19, 1)}) == (10, 10, 1)
    assert advised({5: (1, 9), 15: (18, 1)}) is None
    assert advised({5: (0, 9), 15: (12, 1)}) == (10, 9, 0)
    assert advised({5: (0, 9), 15: (11, 1)}) is None


def result(gaps: list[Point]) -> Result:
    answers = {point: Answer.PARTLY if point in gaps else Answer.YES for point in Point}
    return Result(AT, answers, frozenset(), None)


def test_so_many_gaps_that_the_basics_come_first() -> None:
    basics = [point for point in PRIORITY if point in (Point.DEFINITION, Point.SLA)]
    others = [point for point in PRIORITY if point not in basics]
    enough = checkup.MANY_GAPS - 1
    assert result([basics[0], *others[:enough]]).begin_with_basics
    assert not result([basics[0], *others[: enough - 1]]).begin_with_basics
    assert not result(others[: enough + 1]).begin_with_basics
    outcome = result([basics[0], others[0]])
    assert set(outcome.gaps) == {basics[0], others[0]}
    assert outcome.score == len(Point) - 2


@pytest.mark.parametrize(
    ("day", "first"),
    [
        ("2026-01-01", "2026-04-01"),
        ("2026-03-31", "2026-04-01"),
        ("2026-09-30", "2026-10-01"),
        ("2026-10-01", "2027-01-01"),
        ("2026-12-31", "2027-01-01"),
    ],
)
def test_the_next_quarter_begins_after_the_present_one(day: str, first: str) -> None:
    assert checkup.next_quarter(date.fromisoformat(day)) == date.fromisoformat(first)


def test_the_first_and_the_last_period_of_a_year_and_of_all() -> None:
    assert monthly.month_of("2026-01") == date(2026, 1, 1)
    assert monthly.month_of("2026-12") == date(2026, 12, 1)
    assert monthly.month_of("2000-01") == date(2000, 1, 1)
    assert monthly.month_of("2199-12") == date(2199, 12, 1)
    for wrong in ("2026-00", "2026-13", "1999-12", "2200-01", "2026-W01", ""):
        with pytest.raises(ValueError, match="is not a month"):
            monthly.month_of(wrong)
    assert weekly.week_of("2026-W01") == date(2025, 12, 29)
    assert weekly.week_of("2026-W53") == date(2026, 12, 28)
    for wrong in ("2026-W54", "1999-W01", "2200-W01", "2026-W00", "2026-47", "2026-W471", ""):
        with pytest.raises(ValueError, match=r"week"):
            weekly.week_of(wrong)
    for day in (date(2025, 12, 29), date(2026, 1, 4)):
        assert period_words.iso_week(day) == "2026-W01"


def test_a_kind_that_nobody_acts_on_is_proposed_until_it_is_muted() -> None:
    assert noise.ENOUGH == 30
    useless, useful = Share(MessageKind.REMINDER, 1000, 0), Share(MessageKind.FEEDBACK_REMINDER, 1000, 900)
    silenced = noise.Silenced(MessageKind.REMINDER, "Sato", AT)
    for muted, proposed in (((), (useless,)), ((silenced,), ())):
        assert noise.NoiseReport(AT, AT, 20, (useless, useful), muted).proposed == proposed
