from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.health import intake_silence
from bot.core.sla.calendar import Calendar
from storage.vocabulary import CalendarKind

TOKYO = "Asia/Tokyo"
DAYS = Calendar.of(CalendarKind.BUSINESS_DAYS, TOKYO)
ALWAYS = Calendar.of(CalendarKind.ALWAYS, TOKYO)
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)  # Friday noon in Tokyo
A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)


def daily(until: datetime, weeks: float = 6, every: timedelta = A_DAY) -> list[datetime]:
    """A lead a day, also at weekends, up to `until`."""
    count = int(timedelta(weeks=weeks) / every)
    return [until - every * back for back in reversed(range(count + 1))]


def test_twice_the_longest_gap_is_unusual_and_less_is_not() -> None:
    times = daily(NOW)
    assert intake_silence.unusual(times, ALWAYS, NOW + 2 * A_DAY) is None
    silence = intake_silence.unusual(times, ALWAYS, NOW + 2 * A_DAY + AN_HOUR)
    assert silence == intake_silence.Silence(NOW, 2 * A_DAY + AN_HOUR, A_DAY)


def test_weekends_are_no_silence() -> None:
    times = [at for at in daily(NOW) if DAYS.is_open(at)]
    assert intake_silence.unusual(times, DAYS, NOW + 4 * A_DAY) is None  # Tuesday noon: two open days
    assert intake_silence.unusual(times, DAYS, NOW + 4 * A_DAY + AN_HOUR)


@pytest.mark.parametrize(
    "times",
    [
        pytest.param([], id="nothing ever"),
        pytest.param(daily(NOW, weeks=3.9), id="too short a history"),
        pytest.param(daily(NOW, weeks=7, every=4 * A_DAY), id="too few days"),
        pytest.param([NOW - 40 * A_DAY + i * timedelta(minutes=1) for i in range(500)], id="one webinar"),
        pytest.param([*daily(NOW, 6)[:9], *[NOW - timedelta(seconds=i) for i in range(90, 0, -1)]], id="bursts"),
    ],
)
def test_without_enough_history_nobody_can_tell(times: Sequence[datetime]) -> None:
    assert intake_silence.unusual(times, ALWAYS, NOW + 30 * A_DAY) is None


def test_a_busy_way_in_is_not_suspected_within_the_hour() -> None:
    times = daily(NOW, weeks=5, every=timedelta(minutes=10))
    assert intake_silence.unusual(times, ALWAYS, NOW + timedelta(minutes=59)) is None
    assert intake_silence.unusual(times, ALWAYS, NOW + timedelta(minutes=60))


@pytest.mark.thorough
def test_false_alarms_are_as_rare_as_the_docstring_says() -> None:
    """Leads at random, one working day's worth on average, for 20 years: about one false alarm in three years."""
    chance, calendar = random.Random(7), ALWAYS
    times: list[datetime] = []
    at = datetime(2000, 1, 1, tzinfo=UTC)
    years = 20
    # Five a week, in a week without nights and weekends: the silences between days with leads, and nothing else.
    while len(times) < 260 * years:
        at += timedelta(days=chance.expovariate(5 / 7))
        times.append(at)
    alarms = 0
    for i in range(60, len(times)):
        recent = [came for came in times[i - 60 : i] if times[i] - came <= intake_silence.HISTORY]
        alarms += intake_silence.unusual(recent, calendar, times[i]) is not None
    assert alarms / years < 0.6


def test_fifteen_days_four_weeks_and_an_hour_are_enough() -> None:
    moment = timedelta(microseconds=1)
    fifteen = daily(NOW, weeks=4, every=2 * A_DAY)
    assert len(fifteen) == 15
    assert intake_silence.unusual(fifteen, ALWAYS, NOW + 9 * A_DAY)
    assert intake_silence.unusual([*fifteen[:7], *fifteen[8:]], ALWAYS, NOW + 9 * A_DAY) is None
    assert intake_silence.unusual([fifteen[0] + moment, *fifteen[1:]], ALWAYS, NOW + 9 * A_DAY) is None
    often = daily(NOW, weeks=5, every=timedelta(minutes=10))
    assert intake_silence.unusual(often, ALWAYS, NOW + AN_HOUR - moment) is None
    assert intake_silence.unusual(often, ALWAYS, NOW + AN_HOUR)


def test_fifteen_leads_on_fewer_days_are_no_history() -> None:
    times = daily(NOW, weeks=4, every=2 * A_DAY)
    twice_a_day = sorted([*times[:6], *times[7:], times[5] + AN_HOUR])
    assert len(twice_a_day) == 15
    assert intake_silence.unusual(twice_a_day, ALWAYS, NOW + 9 * A_DAY) is None
