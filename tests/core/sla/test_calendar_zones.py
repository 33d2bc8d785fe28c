from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.sla.calendar import Calendar
from bot.core.sla.calendar_rules import WEEKDAYS
from storage.vocabulary import CalendarKind
from tests.core.calendars import every_day, local, office

NEW_YORK = "America/New_York"
SPRING, AUTUMN = "2026-03-08", "2026-11-01"  # Sundays; 02:00 becomes 03:00, and 02:00 becomes 01:00


@pytest.mark.parametrize(
    ("day", "block", "opens", "hours"),
    [
        (SPRING, "02:30-04:00", "2026-03-08T07:00Z", 1),  # a skipped time is the end of the gap
        (SPRING, "01:00-02:30", "2026-03-08T06:00Z", 1),
        (SPRING, "00:00-24:00", "2026-03-08T05:00Z", 23),
        (AUTUMN, "01:00-02:00", "2026-11-01T05:00Z", 2),  # a repeated time is the first one
        (AUTUMN, "01:30-01:45", "2026-11-01T05:30Z", 0.25),
        (AUTUMN, "00:00-24:00", "2026-11-01T04:00Z", 25),
    ],
)
def test_a_block_on_the_day_of_a_clock_change(day: str, block: str, opens: str, hours: float) -> None:
    sundays = office(NEW_YORK, hours={"sunday": [block]})
    midnight = local(f"{day}T00:00", NEW_YORK)
    assert sundays.next_opening(midnight) == datetime.fromisoformat(opens)
    assert sundays.open_between(midnight, midnight + timedelta(days=2)) == timedelta(hours=hours)


def test_a_block_within_a_gap_is_empty() -> None:
    sundays = office(NEW_YORK, hours={"sunday": ["02:10-02:50"]})
    assert sundays.next_opening(local(f"{SPRING}T00:00", NEW_YORK)) == local("2026-03-15T02:10", NEW_YORK)


def test_a_deadline_across_a_clock_change_counts_hours_that_pass() -> None:
    whole = office(NEW_YORK, hours=every_day("00:00-24:00"))
    assert whole.add(local("2026-03-07T12:00", NEW_YORK), timedelta(hours=24)) == local("2026-03-08T13:00", NEW_YORK)
    assert whole.add(local("2026-10-31T12:00", NEW_YORK), timedelta(hours=24)) == local("2026-11-01T11:00", NEW_YORK)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Africa/Cairo", "2026-04-24", 23),  # midnight itself is skipped
        ("Asia/Beirut", "2026-03-29", 23),
        ("America/Sao_Paulo", "2018-11-04", 23),
        ("America/Sao_Paulo", "2018-02-17", 25),  # midnight goes back to 23:00 of the same date
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Asia/Kolkata", "2026-04-05", 24),
    ],
)
def test_a_day_is_as_long_as_its_zone_makes_it(zone: str, day: str, hours: float) -> None:
    weekday = WEEKDAYS[datetime.fromisoformat(day).weekday()]
    calendar = office(zone, hours={weekday: ["00:00-24:00"]})
    noon = local(f"{day}T12:00", zone)
    assert calendar.open_between(noon - timedelta(days=3), noon + timedelta(days=3)) == timedelta(hours=hours)


def test_a_date_that_a_zone_skips_is_empty() -> None:
    """Samoa crossed the date line at the end of Thursday, 29 December 2011: Saturday followed."""
    apia = "Pacific/Apia"
    days = Calendar.of(CalendarKind.BUSINESS_DAYS, apia)
    assert days.add(local("2011-12-29T12:00", apia), timedelta(hours=12)) == local("2011-12-31T00:00", apia)
    assert days.add(local("2011-12-29T12:00", apia), timedelta(hours=13)) == local("2012-01-02T01:00", apia)
    friday = office(apia, hours={"friday": ["22:00-06:00"]})
    assert friday.next_opening(local("2011-12-29T12:00", apia)) == local("2012-01-06T22:00", apia)
    thursday = office(apia, hours={"thursday": ["22:00-06:00"]})
    assert thursday.add(local("2011-12-29T12:00", apia), timedelta(hours=2)) == local("2011-12-31T00:00", apia)
    assert not thursday.is_open(local("2011-12-31T00:00", apia))


def test_a_day_on_which_clocks_change_has_its_true_length() -> None:
    cairo = Calendar.of(CalendarKind.BUSINESS_DAYS, "Africa/Cairo")  # changes on Thursdays and Fridays
    friday = datetime(2026, 4, 24, 0, 0, tzinfo=ZoneInfo("Africa/Cairo"))
    saturday = datetime(2026, 4, 25, 0, 0, tzinfo=ZoneInfo("Africa/Cairo"))
    assert cairo.open_between(friday, saturday) == timedelta(hours=23)
