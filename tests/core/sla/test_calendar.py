from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.core.sla import calendar
from bot.core.sla.calendar import Calendar
from bot.core.sla.calendar_rules import Closed, ClosedWhy
from storage.vocabulary import CalendarKind
from tests.core.calendars import TOKYO, every_day, local, office

WORKWEEK = Calendar.of(CalendarKind.BUSINESS_DAYS, TOKYO)
ALWAYS = Calendar.of(CalendarKind.ALWAYS, TOKYO)


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
    assert WORKWEEK.add(start, timedelta(hours=hours)) == due


def test_always_counts_weekends_too() -> None:
    assert ALWAYS.add(_tokyo(20, 15), timedelta(hours=24)) == _tokyo(21, 15)
    assert ALWAYS.open_between(_tokyo(20, 15), _tokyo(23, 15)) == timedelta(days=3)


def test_a_span_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        WORKWEEK.add(_tokyo(17, 10), timedelta(seconds=-1))


OFFICE = Calendar.of(CalendarKind.BUSINESS_HOURS, TOKYO)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-21T18:00", 1, "2026-11-23T10:00"),  # Saturday: opening time and an hour, not the time of the day
        ("2026-11-20T17:30", 1, "2026-11-23T09:30"),
        ("2026-11-20T17:00", 1, "2026-11-20T18:00"),  # exactly at closing time stays there
        ("2026-11-20T09:00", 9, "2026-11-20T18:00"),
        ("2026-11-20T09:00", 45, "2026-11-26T18:00"),
        ("2026-11-20T18:00", 0, "2026-11-23T09:00"),  # at closing time it is closed
        ("2026-11-20T09:00", 0, "2026-11-20T09:00"),
        ("2026-11-20T07:00", 0, "2026-11-20T09:00"),
        ("2026-11-20T07:00", 1, "2026-11-20T10:00"),
        ("2026-11-20T20:00", 1, "2026-11-23T10:00"),
    ],
)
def test_business_hours_go_on_at_the_next_opening(start: str, hours: int, due: str) -> None:
    assert OFFICE.add(local(start), timedelta(hours=hours)) == local(due)


def test_opening_time_is_open_and_closing_time_is_not() -> None:
    assert not OFFICE.is_open(local("2026-11-20T08:59:59.999999"))
    assert OFFICE.is_open(local("2026-11-20T09:00"))
    assert OFFICE.is_open(local("2026-11-20T17:59:59.999999"))
    assert not OFFICE.is_open(local("2026-11-20T18:00"))


def test_the_next_opening_is_now_where_it_isopening() -> None:
    assert OFFICE.next_opening(local("2026-11-20T10:12:13")) == local("2026-11-20T10:12:13")
    assert OFFICE.next_opening(local("2026-11-20T18:00")) == local("2026-11-23T09:00")


def test_answers_are_in_utc_whatever_was_asked() -> None:
    answers = (
        OFFICE.add(_tokyo(17, 10), timedelta(hours=1)),
        OFFICE.add(_tokyo(17, 10), timedelta(0)),
        OFFICE.next_opening(_tokyo(17, 10)),
        OFFICE.next_opening(_tokyo(17, 20)),
    )
    assert [answer.tzinfo for answer in answers] == [UTC] * 4


def test_no_time_passes_backwards() -> None:
    assert OFFICE.open_between(_tokyo(18, 10), _tokyo(17, 10)) == timedelta(0)
    assert OFFICE.open_between(_tokyo(18, 10), _tokyo(18, 10)) == timedelta(0)


def test_a_lunch_break_does_not_count() -> None:
    split = office(hours=every_day("09:00-12:00", "13:00-18:00"))
    assert split.add(local("2026-11-20T11:30"), timedelta(hours=1)) == local("2026-11-20T13:30")
    assert split.add(local("2026-11-20T11:00"), timedelta(hours=1)) == local("2026-11-20T12:00")
    assert split.add(local("2026-11-20T12:15"), timedelta(hours=1)) == local("2026-11-20T14:00")
    assert split.open_between(local("2026-11-20T00:00"), local("2026-11-21T00:00")) == timedelta(hours=8)


def test_each_weekday_may_have_its_own_hours_and_no_others_are_worked() -> None:
    odd = office(hours={"saturday": ["10:00-12:00"], "monday": ["15:00-16:00"]})
    assert odd.add(local("2026-11-20T12:00"), timedelta(hours=3)) == local("2026-11-23T16:00")
    weekly = office(hours={"wednesday": ["09:00-18:00"]})
    assert weekly.add(local("2026-11-18T15:00"), timedelta(hours=5)) == local("2026-11-25T11:00")
    assert weekly.add(local("2026-11-20T10:00"), timedelta(hours=1)) == local("2026-11-25T10:00")


def test_from_the_evening_to_the_next_morning_only_the_morning_counts() -> None:
    assert OFFICE.open_between(local("2026-11-18T21:00"), local("2026-11-19T11:30")) == timedelta(hours=2.5)


def test_a_deadline_of_days_passes_over_each_closed_day() -> None:
    shop = office(hours=every_day("10:00-20:00"), closures=["2026-11-20", "2026-11-22"])
    assert shop.add(local("2026-11-18T21:30"), timedelta(hours=30)) == local("2026-11-23T20:00")


def test_working_days_alone_have_office_hours() -> None:
    retail = office(working_days=["sunday", "saturday"])
    assert retail.add(local("2026-11-20T12:00"), timedelta(hours=10)) == local("2026-11-22T10:00")


@pytest.mark.parametrize("blocks", [["09:00-13:00", "12:00-18:00"], ["09:00-12:00", "12:00-18:00", "10:00-11:00"]])
def test_blocks_that_overlap_or_touch_count_once(blocks: list[str]) -> None:
    double = office(hours={"friday": blocks})
    assert double.open_between(local("2026-11-20T00:00"), local("2026-11-21T00:00")) == timedelta(hours=9)


def test_an_overnight_block_belongs_to_the_day_on_which_it_starts() -> None:
    night = office(hours={"friday": ["22:00-06:00"]}, closures=["2026-11-28"])
    assert night.add(local("2026-11-20T23:00"), timedelta(hours=7)) == local("2026-11-21T06:00")
    assert night.open_between(local("2026-11-27T00:00"), local("2026-11-29T00:00")) == timedelta(hours=8)


def test_a_closure_takes_the_whole_overnight_block_of_its_day() -> None:
    night = office(hours={"friday": ["22:00-06:00"]}, closures=["2026-11-27"])
    assert night.open_between(local("2026-11-27T00:00"), local("2026-11-29T00:00")) == timedelta(0)


def test_an_overnight_block_and_the_next_morning_count_once() -> None:
    shifts = office(hours=every_day("22:00-06:00", "05:00-10:00"))
    assert shifts.open_between(local("2026-11-20T12:00"), local("2026-11-21T12:00")) == timedelta(hours=12)


@pytest.mark.parametrize("zone", [TOKYO, "UTC", "America/New_York", "Pacific/Apia", "Asia/Kolkata"])
def test_a_night_across_the_new_year_is_one_night(zone: str) -> None:
    night = office(zone, hours=every_day("22:00-06:00", "05:00-09:30"))
    eve, morning = local("2026-12-31T12:00", zone), local("2027-01-01T12:00", zone)
    assert night.open_between(eve, morning) == timedelta(hours=11.5)
    assert night.add(eve, timedelta(hours=11.5)) == local("2027-01-01T09:30", zone)
    assert night.is_open(datetime(2027, 1, 1, tzinfo=UTC)) == (zone in ("UTC", TOKYO, "Asia/Kolkata"))


@pytest.mark.parametrize("block", ["00:00-24:00", "00:00-00:00"])
def test_a_whole_day_is_a_block_too(block: str) -> None:
    whole = office(hours={"friday": [block]})
    assert whole.open_between(local("2026-11-19T00:00"), local("2026-11-22T00:00")) == timedelta(hours=24)
    assert whole.is_open(local("2026-11-20T23:59:59"))
    assert not whole.is_open(local("2026-11-21T00:00"))


JAPAN = office(holidays="JP")


@pytest.mark.parametrize("day", ["2026-11-21", "2026-11-23", "2026-11-25"])
def test_an_extra_day_beats_weekend_holiday_and_closure(day: str) -> None:
    rules: dict[str, Any] = {"holidays": "JP", "closures": ["2026-11-25"]}
    assert not office(**rules).is_open(local(f"{day}T10:00"))
    extra = office(**rules, extra_days={day: ["10:00-11:00"]})
    midnight = local(f"{day}T00:00")
    assert extra.open_between(midnight, midnight + timedelta(days=1)) == timedelta(hours=1)


def test_a_half_day_on_a_holiday_stays_off() -> None:
    assert not office(holidays="JP", half_days={"2026-11-23": ["09:00-12:00"]}).is_open(local("2026-11-23T10:00"))


def test_half_and_extra_days_shape_business_days_too() -> None:
    days = office(
        kind="business_days", half_days={"2026-11-20": ["00:00-12:00"]}, extra_days={"2026-11-21": ["00:00-24:00"]}
    )
    assert days.add(local("2026-11-20T00:00"), timedelta(hours=36)) == local("2026-11-22T00:00")


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("2026-12-25T10:00", None),
        ("2026-12-25T18:00", Closed(ClosedWhy.OUTSIDE_HOURS)),
        ("2026-12-28T12:00", Closed(ClosedWhy.OUTSIDE_HOURS)),  # a half day
        ("2026-12-26T10:00", Closed(ClosedWhy.WEEKEND)),
        ("2026-12-30T10:00", Closed(ClosedWhy.CLOSURE, "年末年始")),
        ("2027-01-02T10:00", Closed(ClosedWhy.CLOSURE, "年末年始")),  # a Saturday, but that is not why
        ("2027-01-04T10:00", Closed(ClosedWhy.CLOSURE)),
        ("2026-11-23T10:00", Closed(ClosedWhy.HOLIDAY, "勤労感謝の日")),
        ("2026-12-12T08:00", Closed(ClosedWhy.OUTSIDE_HOURS)),  # an extra day
    ],
)
def test_a_closed_moment_says_why(at: str, reason: Closed | None) -> None:
    company = office(
        holidays="JP",
        closures=[{"first": "2026-12-29", "last": "2027-01-03", "name": " 年末年始 "}, "2027-01-04"],
        half_days={"2026-12-28": ["09:00-12:00"]},
        extra_days={"2026-12-12": ["09:00-12:00"]},
    )
    assert company.closed_because(local(at)) == reason


def test_a_holiday_is_named_in_the_language_of_the_reader_or_of_the_country() -> None:
    at = local("2026-11-23T10:00")
    assert JAPAN.closed_because(at, "en") == Closed(ClosedWhy.HOLIDAY, "Labor Thanksgiving Day")
    assert JAPAN.closed_because(at, "ja") == Closed(ClosedWhy.HOLIDAY, "勤労感謝の日")
    assert JAPAN.closed_because(at, "xx") == Closed(ClosedWhy.HOLIDAY, "勤労感謝の日")


@pytest.mark.parametrize("zone", ["Asia/Tokio", "", "/etc/passwd", "../Asia/Tokyo", "America", "JST+9 "])
def test_an_unknown_timezone_is_refused_in_one_line(zone: str) -> None:
    with pytest.raises(ValueError, match=r"^there is no timezone \".*\": write one such as Asia/Tokyo$"):
        Calendar.of(CalendarKind.ALWAYS, zone)


def test_a_moment_without_a_timezone_is_refused() -> None:
    naive = datetime(2026, 11, 20, 10)  # noqa: DTZ001
    for ask in (OFFICE.is_open, OFFICE.next_opening, OFFICE.closed_because):
        with pytest.raises(ValueError, match="a moment has a timezone"):
            ask(naive)
    with pytest.raises(ValueError, match="a moment has a timezone"):
        OFFICE.open_between(naive, naive)
    with pytest.raises(ValueError, match="a moment has a timezone"):
        OFFICE.add(naive, timedelta(hours=1))


@pytest.mark.thorough
def test_a_span_that_does_not_pass_within_200_years_is_refused_rather_than_sought() -> None:
    rare = office(hours={"sunday": ["09:00-09:01"]})
    with pytest.raises(ValueError, match="does not pass within 200 years"):
        rare.add(_tokyo(17, 10), timedelta(days=30))


def test_years_cost_no_more_than_days() -> None:
    """Whatever the span, each year is laid out once."""
    assert JAPAN.add(_tokyo(17, 10), timedelta(hours=9 * 2000)) == JAPAN.add(_tokyo(17, 10), timedelta(hours=18000))
    before = calendar._year.cache_info().misses
    JAPAN.add(_tokyo(17, 10), timedelta(hours=9 * 2000))
    office(holidays="JP").open_between(_tokyo(17, 10), _tokyo(17, 10) + timedelta(days=2800))
    assert calendar._year.cache_info().misses == before
