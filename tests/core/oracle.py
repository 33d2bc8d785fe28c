"""A calendar that looks at the wall clock of every minute: slow, and short enough to be believed.

It reads the fields of the rules itself and knows nothing of bot.core.sla.calendar. Offsets are whole minutes in all
years that the tests use, so whole minutes are enough."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from holidays import country_holidays

from bot.core.sla.calendar_rules import WEEKDAYS, CalendarRules, Closure
from storage.vocabulary import CalendarKind

MINUTE = timedelta(minutes=1)
MARGIN = timedelta(days=3)
Shown = dict[date, list[tuple[int, datetime]]]


class Oracle:
    """The open minutes from `first` to `last`, each named by its start."""

    def __init__(self, rules: CalendarRules, timezone: str, first: datetime, last: datetime) -> None:
        self.first, self.last = first, last
        self._rules = rules
        self._shown = wall_clock(timezone, first, last)
        # The outermost dates are seen in part only, and lie far outside what is asked for.
        days = sorted(self._shown)[1:-2]
        self.minutes = {minute for day in days for minute in self._open_on(day) if first <= minute < last}

    def count(self, start: datetime, end: datetime) -> timedelta:
        return sum((MINUTE for minute in _each(start, end) if minute in self.minutes), timedelta(0))

    def add(self, start: datetime, span: timedelta) -> datetime | None:
        """None where the answer lies behind the last minute looked at."""
        for minute in _each(start, self.last):
            if minute in self.minutes:
                if span <= MINUTE:
                    return minute + span
                span -= MINUTE
        return None

    def _open_on(self, day: date) -> Iterator[datetime]:
        for block in self._blocks(day):
            starts, ends = (int(text[:2]) * 60 + int(text[3:]) for text in block.split("-"))
            if ends == 24 * 60:
                closes = self._first_showing(day + timedelta(days=1), 0)
            elif ends <= starts:
                closes = self._first_showing(day + timedelta(days=1), ends)
            else:
                closes = self._first_showing(day, ends)
            yield from _each(self._first_showing(day, starts), closes)

    def _first_showing(self, day: date, minute: int) -> datetime:
        for shown, at in self._shown.get(day, []):
            if shown >= minute:
                return at
        return min(self._shown[other][0][1] for other in self._shown if other > day)

    def _blocks(self, day: date) -> tuple[str, ...]:
        rules = self._rules
        weekday = WEEKDAYS[day.weekday()]
        worked = rules.working_days or tuple(rules.hours or WEEKDAYS[:5])
        if rules.kind == CalendarKind.ALWAYS:
            return ("00:00-24:00",)
        if day in rules.extra_days:
            return rules.extra_days[day]
        if weekday not in worked or self._is_closed(day):
            return ()
        if day in rules.half_days:
            return rules.half_days[day]
        if rules.hours:
            return rules.hours[weekday]
        return ("00:00-24:00",) if rules.kind == CalendarKind.BUSINESS_DAYS else ("09:00-18:00",)

    def _is_closed(self, day: date) -> bool:
        country, _, part = (self._rules.holidays or "").partition("-")
        if country and day in _holidays(country, part or None, day.year):
            return True
        return any(_closes(closure, day) for closure in self._rules.closures)


def _closes(closure: Closure, day: date) -> bool:
    """Look at the closure in each of its years."""
    for years in range(day.year - closure.first.year + 1 if closure.each_year else 1):
        first, last = (at.replace(year=at.year + years) for at in (closure.first, closure.last))
        if first <= day <= last:
            return True
    return False


@cache
def _holidays(country: str, part: str | None, year: int) -> frozenset[date]:
    return frozenset(country_holidays(country, part, years=year))


@lru_cache(maxsize=64)
def wall_clock(timezone: str, first: datetime, last: datetime) -> Shown:
    """What the clock on the wall shows, by date, in the order of time; a few days more than asked for."""
    zone = ZoneInfo(timezone)
    shown: Shown = {}
    for at in _each(first - MARGIN, last + MARGIN):
        wall = at.astimezone(zone)
        shown.setdefault(wall.date(), []).append((wall.hour * 60 + wall.minute, at))
    return shown


def _each(start: datetime, end: datetime) -> Iterator[datetime]:
    at = start.astimezone(UTC)
    while at < end:
        yield at
        at += MINUTE
