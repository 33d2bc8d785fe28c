"""When one person works: their days, their halves, their nights, and clocks that run on them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter, ValidationError

from bot.core.base.day_words import NOON, Halves
from bot.core.sla.calendar import Calendar
from bot.core.sla.calendar_rules import CalendarRules, Closure
from bot.core.sla.checkpoints import Agreement
from bot.core.sla.own_hours import OwnHours, WrittenWeek
from bot.core.sla.policy import Terms
from storage.vocabulary import CalendarKind

MONDAY = date(2026, 12, 7)
TOKYO = "Asia/Tokyo"
NEW_YORK = "America/New_York"
OFFICE = Calendar(
    CalendarRules(kind=CalendarKind.BUSINESS_HOURS, closures=(Closure(first=MONDAY, last=MONDAY),)), TOKYO
)


def at(day: int, hour: int, minute: int = 0, zone: str = TOKYO) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("week", "halves"),
    [
        (None, NOON),
        ({"every": ("10:00-19:00",)}, Halves(time(14, 30), time(14, 30))),
        ({"every": ("09:00-12:00", "13:00-18:00")}, Halves(time(13), time(12))),
        ({"tuesday": ("08:00-10:00",)}, NOON),
        ({"every": ("09:00-17:00",), "monday": ("12:00-20:00",)}, Halves(time(16), time(16))),
    ],
)
def test_half_a_day_is_half_of_ones_own_hours(week: dict[str, tuple[str, ...]] | None, halves: Halves) -> None:
    assert OwnHours(TOKYO, week).halves(MONDAY) == halves


def test_own_hours_keep_the_days_off_of_the_team_and_their_own_clock() -> None:
    own = OwnHours(NEW_YORK, {"every": ("10:00-18:00",)}).calendar(OFFICE)
    assert not own.is_open(at(7, 11, zone=NEW_YORK))
    assert own.next_opening(at(7, 11, zone=NEW_YORK)) == at(8, 10, zone=NEW_YORK)
    assert own.open_between(at(8, 0, zone=NEW_YORK), at(9, 0, zone=NEW_YORK)) == timedelta(hours=8)
    assert OwnHours(TOKYO).calendar(OFFICE) is OFFICE


def test_nobody_is_told_in_their_own_night_nor_outside_their_own_hours() -> None:
    agreed = Agreement(Terms(), Calendar(CalendarRules(kind=CalendarKind.BUSINESS_DAYS), TOKYO))
    noon = at(8, 12)
    assert OwnHours(TOKYO).awake_at(agreed, noon) == noon
    assert OwnHours(NEW_YORK).awake_at(agreed, noon) == at(8, 8, zone=NEW_YORK)
    assert OwnHours(TOKYO, {"every": ("13:00-17:00",)}).awake_at(agreed, noon) == at(8, 13)
    never_quiet = Agreement(Terms(quiet=None), agreed.calendar)
    assert OwnHours(TOKYO, {"every": ("13:00-17:00",)}).awake_at(never_quiet, noon) == noon


@pytest.mark.parametrize("written", [[], {}, {"moonday": ["09:00-18:00"]}, ["9-18"], {"every": []}])
def test_hours_that_say_nothing_are_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(WrittenWeek).validate_python(written)
