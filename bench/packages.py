"""What a deadline costs: bot.core.sla.calendar against the packages of PyPI that count business time, in one run.

python -m bench.packages [seed]

A walk from minute to minute, which knows nothing of the three, says who is right.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytz
from business_duration import businessDuration
from businesstimedelta import BusinessTimeDelta, HolidayRule, Rules, WorkDayRule

from bench.calendar import Answer, Given, timed
from bot.core.sla.calendar import Calendar
from bot.core.sla.calendar_rules import CalendarRules

TIMEZONE = "Asia/Tokyo"
OPENS, CLOSES = time(9), time(18)
A_WORKING_DAY = timedelta(hours=9)
MINUTE = timedelta(minutes=1)
CLOSURES = {"お盆": ("08-12", "08-14"), "年末": ("12-29", "12-31"), "年始": ("01-01", "01-03")}
YEARS = range(2026, 2029)
# Working days, and how many times faster than the faster of the others adding them has to be.
SPANS = {2: 5, 20: 50, 200: 400}
CASES = 24
SHOWN = 3


def closures() -> list[dict[str, str]]:
    return [
        {"first": f"{year}-{first}", "last": f"{year}-{last}", "name": name}
        for year in YEARS
        for name, (first, last) in CLOSURES.items()
    ]


def days_off() -> frozenset[date]:
    """Return holidays and closures in the form that both packages read fastest."""
    days = set(holidays.country_holidays("JP", years=YEARS))
    for closure in closures():
        first, last = date.fromisoformat(closure["first"]), date.fromisoformat(closure["last"])
        days |= {first + timedelta(days=day) for day in range((last - first).days + 1)}
    return frozenset(days)


class Ours:
    def __init__(self) -> None:
        rules = {"kind": "business_hours", "holidays": "JP", "closures": closures()}
        calendar = Calendar(CalendarRules.model_validate(rules), TIMEZONE)
        self.add, self.open_between = calendar.add, calendar.open_between


class Timedelta:
    """The package businesstimedelta."""

    def __init__(self) -> None:
        zone = pytz.timezone(TIMEZONE)
        work = WorkDayRule(start_time=OPENS, end_time=CLOSES, working_days=[0, 1, 2, 3, 4], tz=zone)
        self._rules = Rules([work, HolidayRule(days_off(), tz=zone)])

    def add(self, start: datetime, span: timedelta) -> datetime:
        moment: datetime = start + BusinessTimeDelta(self._rules, timedelta=span)
        return moment

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        span: timedelta = self._rules.difference(start, end).timedelta
        return span


class Duration:
    """The package business-duration. It measures, but does not add, and takes local times without a timezone."""

    def __init__(self) -> None:
        self._days_off = days_off()

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        return timedelta(seconds=businessDuration(start, end, OPENS, CLOSES, [5, 6], self._days_off, "sec"))


class Walk:
    """Walk from minute to minute in local time: Tokyo has no summer time."""

    def __init__(self) -> None:
        self._days_off = days_off()

    def add(self, start: datetime, span: timedelta) -> datetime:
        while span:
            span -= MINUTE * self._is_open(start)
            start += MINUTE
        return start

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        minutes = 0
        while start < end:
            minutes += self._is_open(start)
            start += MINUTE
        return minutes * MINUTE

    def _is_open(self, at: datetime) -> bool:
        return OPENS.hour <= at.hour < CLOSES.hour and at.weekday() < 5 and at.date() not in self._days_off


class Contest:
    """The answers and times of every contestant, and which was wrong how often."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}
        self.wrong: dict[str, list[str]] = {}

    def ask(
        self,
        who: str,
        question: Callable[[datetime, Given], Answer],
        cases: list[tuple[datetime, Given]],
        right: list[Answer],
    ) -> float:
        """Return the microseconds for one answer in the best of some rounds."""
        seconds, answers = timed(question, cases)
        self.asked[who] = self.asked.get(who, 0) + len(cases)
        for case, answer, expected in zip(cases, answers, right, strict=True):
            if answer != expected:
                self.wrong.setdefault(who, []).append(f"{who}: {case[0]}, {case[1]}: {answer}, but it is {expected}")
        return seconds * 1e6


def local(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(TIMEZONE)).replace(tzinfo=None)


def aware(wall: datetime) -> datetime:
    return wall.replace(tzinfo=ZoneInfo(TIMEZONE)).astimezone(UTC)


def main(seed: int = 1) -> None:
    chance = random.Random(seed)
    starts = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(525600)) for _ in range(CASES)]
    contest, ours, walk, timedelta_package, duration_package = Contest(), Ours(), Walk(), Timedelta(), Duration()
    print(f"seed {seed}, {CASES} cases a span, Python {sys.version.split()[0]}\n")
    print("| | days | businesstimedelta, µs | business-duration, µs | calendar, µs | the faster / calendar | goal |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    flat: list[float] = []
    for days, goal in SPANS.items():
        spans = [(start, days * A_WORKING_DAY) for start in starts]
        right = [aware(walk.add(local(start), span)) for start, span in spans]
        theirs = contest.ask("businesstimedelta", timedelta_package.add, spans, right)
        mine = contest.ask("calendar", ours.add, spans, right)
        flat.append(mine)
        print(f"| add | {days} | {theirs:.0f} | – | {mine:.1f} | {theirs / mine:.0f} | ≥ {goal} |")
        # Up to a day later: also into nights, weekends and holidays.
        pairs = [(start, end + MINUTE * chance.randrange(1440)) for start, end in zip(starts, right, strict=True)]
        naive = [(local(start), local(end)) for start, end in pairs]
        measured = [walk.open_between(start, end) for start, end in naive]
        theirs = contest.ask("businesstimedelta", timedelta_package.open_between, pairs, measured)
        others = contest.ask("business-duration", duration_package.open_between, naive, measured)
        mine = contest.ask("calendar", ours.open_between, pairs, measured)
        ratio = min(theirs, others) / mine
        print(f"| open_between | {days} | {theirs:.0f} | {others:.0f} | {mine:.1f} | {ratio:.0f} | |")
    print(f"\nAdding 200 working days costs the calendar {flat[-1] / flat[0]:.1f} times what adding 2 does.")
    print("business-duration only measures.\n")
    for who, asked in contest.asked.items():
        wrong = contest.wrong.get(who, [])
        print(f"{who}: {len(wrong)} of {asked} answers differ from the walk's")
        for difference in wrong[:SHOWN]:
            print(difference)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
