"""The response clock on the calendar of whoever has the MQL: through a change of owner, recounted minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.sla.calendar import Calendar
from bot.core.sla.calendar_rules import CalendarRules
from bot.core.sla.own_hours import OwnHours
from bot.core.sla.owner_calendar import leg, relay
from storage.vocabulary import CalendarKind

TEAM = Calendar(CalendarRules(kind=CalendarKind.BUSINESS_HOURS), "Asia/Tokyo")
START = datetime(2026, 12, 4, 0, 0, tzinfo=UTC)  # a Friday
A_STEP = timedelta(minutes=15)
PEOPLE = (
    OwnHours("Asia/Tokyo"),
    OwnHours("Asia/Tokyo", {"every": ("10:00-14:00", "15:00-19:00")}),
    OwnHours("America/New_York"),
    OwnHours("Europe/Berlin", {"monday": ("22:00-06:00",), "friday": ("07:00-11:30",)}),
)


def is_open(who: OwnHours, moment: datetime) -> bool:
    """Whether somebody works at a moment, by the clock on their wall."""
    local = moment.astimezone(ZoneInfo(who.timezone))
    for back in (0, 1):
        day = (local - timedelta(days=back)).strftime("%A").lower()
        if who.week is None:
            blocks: tuple[str, ...] = ("09:00-18:00",) if day not in ("saturday", "sunday") else ()
        else:
            every = () if day in ("saturday", "sunday") else who.week.get("every", ())
            blocks = who.week.get(day, every)
        for block in blocks:
            opens, closes = (int(part[:2]) * 60 + int(part[3:]) for part in block.split("-"))
            closes += 24 * 60 if closes <= opens else 0
            if opens <= local.hour * 60 + local.minute + back * 24 * 60 < closes:
                return True
    return False


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 400), st.sampled_from(PEOPLE)), min_size=1, max_size=4),
    st.integers(1, 120),
)
def test_what_each_owner_could_work_counts_and_nothing_else(changes: list[tuple[int, OwnHours]], allowed: int) -> None:
    changes = sorted(changes, key=lambda change: change[0])
    calendar = relay(TEAM, [leg(who, START + steps * A_STEP) for steps, who in changes])
    span, counted, moment = allowed * A_STEP, timedelta(), START
    while counted < span:
        owner = PEOPLE[0]
        for steps, who in changes:
            owner = who if START + steps * A_STEP <= moment else owner
        assert calendar.is_open(moment) == is_open(owner, moment), moment
        counted += A_STEP if is_open(owner, moment) else timedelta()
        moment += A_STEP
    assert calendar.add(START, span) == moment
    assert calendar.open_between(START, moment) == span
