from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.sla import holidays
from tests.core.calendars import local, office

NEW_YORK = "America/New_York"
HOLIDAYS_OF_2026 = {
    "01-01": "元日",
    "01-12": "成人の日",
    "02-11": "建国記念の日",
    "02-23": "天皇誕生日",
    "03-20": "春分の日",
    "04-29": "昭和の日",
    "05-03": "憲法記念日",
    "05-04": "みどりの日",
    "05-05": "こどもの日",
    "05-06": "振替休日",  # 3 May is a Sunday, and the next day that is no holiday itself is the 6th
    "07-20": "海の日",
    "08-11": "山の日",
    "09-21": "敬老の日",
    "09-22": "国民の休日",  # a day between two holidays
    "09-23": "秋分の日",
    "10-12": "スポーツの日",
    "11-03": "文化の日",
    "11-23": "勤労感謝の日",
}
JAPAN = office(holidays="JP")


def test_the_public_holidays_of_japan_in_2026_are_those_of_the_law() -> None:
    names = holidays.in_year("JP", 2026)
    assert {day.strftime("%m-%d"): name for day, name in names.items()} == HOLIDAYS_OF_2026


@pytest.mark.parametrize(
    ("start", "due"), [("2026-05-01T17:00", "2026-05-07T10:00"), ("2026-09-18T17:00", "2026-09-24T10:00")]
)
def test_a_deadline_jumps_over_golden_week_and_silver_week(start: str, due: str) -> None:
    assert JAPAN.add(local(start), timedelta(hours=2)) == local(due)


def test_a_deadline_across_the_turn_of_the_year_waits_for_the_first_working_day() -> None:
    closed = {"first": "2026-12-29", "last": "2027-01-03", "name": "年末年始"}
    company = office(holidays="JP", closures=[closed], half_days={"2026-12-28": ["09:00-12:00"]})
    assert company.add(local("2026-12-28T11:00"), timedelta(hours=1)) == local("2026-12-28T12:00")
    assert company.add(local("2026-12-28T11:00"), timedelta(hours=3)) == local("2027-01-04T11:00")


def test_an_observed_holiday_is_a_day_off() -> None:
    """4 July 2026 is a Saturday, so federal offices close on Friday the 3rd; 1 January 2022 closed the year before."""
    states = office(NEW_YORK, holidays="US")
    assert not states.is_open(local("2026-07-03T10:00", NEW_YORK))
    assert not states.is_open(local("2021-12-31T10:00", NEW_YORK))


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    cesar_chavez_day = local("2026-03-31T10:00", NEW_YORK)
    assert office(NEW_YORK, holidays="US").is_open(cesar_chavez_day)
    assert not office(NEW_YORK, holidays="US-CA").is_open(cesar_chavez_day)
