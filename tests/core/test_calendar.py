from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.calendar import Calendar
from storage.vocabulary import CalendarKind

TOKYO = "Asia/Tokyo"
WEEKDAYS = Calendar(CalendarKind.BUSINESS_DAYS, TOKYO)
ALWAYS = Calendar(CalendarKind.ALWAYS, TOKYO)
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
moments = st.integers(0, 4 * 365 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
spans = st.integers(0, 40 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
zones = st.sampled_from(
    [TOKYO, "America/New_York", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo"]
)


def _tokyo(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(TOKYO))


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        (_tokyo(17, 10), 24, _tokyo(18, 10)),  # Tuesday: this time on the next working day
        (_tokyo(20, 15), 24, _tokyo(23, 15)),  # Friday to Monday
        (_tokyo(21, 11), 24, _tokyo(24, 0)),  # Saturday: the clock starts on Monday and stays at its closing time
        (_tokyo(20, 0), 24, _tokyo(21, 0)),  # exactly at closing time, not pushed to Monday
        (_tokyo(21, 11), 0, _tokyo(23, 0)),  # nothing to wait for: the next opening
        (_tokyo(17, 10), 0, _tokyo(17, 10)),
        (_tokyo(17, 10), 5 * 24, _tokyo(24, 10)),
    ],
)
def test_business_days_count_working_days_around_the_clock(start: datetime, hours: int, due: datetime) -> None:
    assert WEEKDAYS.add(start, timedelta(hours=hours)) == due


def test_always_counts_weekends_too() -> None:
    assert ALWAYS.add(_tokyo(20, 15), timedelta(hours=24)) == _tokyo(21, 15)
    assert ALWAYS.open_between(_tokyo(20, 15), _tokyo(23, 15)) == timedelta(days=3)


def test_a_span_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        WEEKDAYS.add(_tokyo(17, 10), timedelta(seconds=-1))


def test_a_day_on_which_clocks_change_has_its_true_length() -> None:
    cairo = Calendar(CalendarKind.BUSINESS_DAYS, "Africa/Cairo")  # changes on Thursdays and Fridays
    friday = datetime(2026, 4, 24, 0, 0, tzinfo=ZoneInfo("Africa/Cairo"))
    saturday = datetime(2026, 4, 25, 0, 0, tzinfo=ZoneInfo("Africa/Cairo"))
    assert cairo.open_between(friday, saturday) == timedelta(hours=23)


@given(moments, spans, zones)
def test_adding_and_counting_are_inverse(start: datetime, span: timedelta, zone: str) -> None:
    calendar = Calendar(CalendarKind.BUSINESS_DAYS, zone)
    assert calendar.open_between(start, calendar.add(start, span)) == span


@given(moments, spans, spans, zones)
def test_open_time_adds_up(start: datetime, first: timedelta, second: timedelta, zone: str) -> None:
    calendar = Calendar(CalendarKind.BUSINESS_DAYS, zone)
    middle, end = start + first, start + first + second
    whole = calendar.open_between(start, middle) + calendar.open_between(middle, end)
    assert whole == calendar.open_between(start, end)


@given(moments, spans, zones)
def test_open_time_is_what_a_count_by_minutes_finds(start: datetime, span: timedelta, zone: str) -> None:
    span = min(span, timedelta(days=4))
    local = [start + timedelta(minutes=minute) for minute in range(span // timedelta(minutes=1))]
    counted = sum(moment.astimezone(ZoneInfo(zone)).weekday() < 5 for moment in local)
    calendar = Calendar(CalendarKind.BUSINESS_DAYS, zone)
    assert calendar.open_between(start, start + span) == timedelta(minutes=counted)
