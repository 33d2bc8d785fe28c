"""What a deadline costs: bot.core.sla.calendar against a walk from day to day, on the same random cases in one run.

python -m bench.calendar [seed]
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from time import process_time
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.core.sla import calendar
from bot.core.sla.calendar import Calendar
from bot.core.sla.calendar_rules import CalendarRules, minutes

TIMEZONE = "Asia/Tokyo"
RULES = CalendarRules.model_validate(
    {
        "kind": "business_hours",
        "hours": dict.fromkeys(
            ("monday", "tuesday", "wednesday", "thursday", "friday"), ("09:00-12:00", "13:00-18:00")
        ),
        "holidays": "JP",
        "closures": [{"first": "2026-12-29", "last": "2027-01-03", "name": "年末年始"}],
    }
)
SPANS = {"1 day": 1, "30 days": 30, "1 year": 365, "10 years": 3652}
CASES = 40
ROUNDS = 5

Given = TypeVar("Given", datetime, timedelta)
Answer = TypeVar("Answer", datetime, timedelta)


class Walk:
    """Count on the same calendar as most people would: from day to day until the time is used up."""

    def __init__(self, rules: CalendarRules, timezone: str) -> None:
        self.rules, self.zone = rules, ZoneInfo(timezone)

    def add(self, start: datetime, span: timedelta) -> datetime:
        for opens, closes in self._open_from(start):
            if span <= closes - opens:
                return opens + span
            span -= closes - opens
        raise AssertionError("a calendar always opens again")

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        total = timedelta(0)
        for opens, closes in self._open_from(start):
            if opens >= end:
                break
            total += min(closes, end) - opens
        return total

    def _open_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = start.astimezone(self.zone).date()
        while True:
            for block in self.rules.blocks_on(day):
                opens, closes = (self._moment(day, minute) for minute in minutes(block))
                if closes > start:
                    yield max(opens, start), closes
            day += timedelta(days=1)

    def _moment(self, day: date, minute: int) -> datetime:
        return datetime.combine(day, time(*divmod(minute, 60)), self.zone).astimezone(UTC)


def timed(ask: Callable[[datetime, Given], Answer], cases: list[tuple[datetime, Given]]) -> tuple[float, list[Answer]]:
    """Return the processor seconds for one question in the best of some rounds, and the answers."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = process_time()
        answers = [ask(start, given) for start, given in cases]
        best = min(best, (process_time() - began) / len(cases))
    return best, answers


def row(
    name: str,
    ours: Callable[[datetime, Given], Answer],
    walk: Callable[[datetime, Given], Answer],
    cases: list[tuple[datetime, Given]],
) -> tuple[str, float]:
    """Return a line of the table, and our seconds. Ends the run where the two disagree."""
    (fast, counted), (slow, expected) = timed(ours, cases), timed(walk, cases)
    if counted != expected:
        sys.exit(f"{name}: the walk and the calendar disagree")
    return f"| {name} | {slow * 1e6:.1f} | {fast * 1e6:.1f} | {slow / fast:.0f}", fast


def main(seed: int = 1) -> None:
    chance = random.Random(seed)
    starts = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(525600)) for _ in range(CASES)]
    ours, walk = Calendar(RULES, TIMEZONE), Walk(RULES, TIMEZONE)
    print(f"seed {seed}, {CASES} cases, best of {ROUNDS} rounds, Python {sys.version.split()[0]}\n")
    print("| operation | span | walk, µs | calendar, µs | walk / calendar | calendar / its own 1 day |")
    print("|---|---|--:|--:|--:|--:|")
    one_day = [0.0, 0.0]
    for span, days in SPANS.items():
        ends = [(start, start + timedelta(days=days)) for start in starts]
        spans = [(start, ours.open_between(start, end)) for start, end in ends]
        rows = [
            row(f"add | {span}", ours.add, walk.add, spans),
            row(f"open_between | {span}", ours.open_between, walk.open_between, ends),
        ]
        one_day = one_day if any(one_day) else [fast for _, fast in rows]
        for (line, fast), flat in zip(rows, one_day, strict=True):
            print(f"{line} | {fast / flat:.1f} |")
    print(f"\nLaying out one year, once per rules and timezone: {laying_out() * 1e3:.1f} ms. All answers agree.")


def laying_out() -> float:
    """Return the seconds for the first question about a year."""
    best = float("inf")
    for _ in range(ROUNDS):
        calendar._year.cache_clear()
        began = process_time()
        Calendar(RULES, TIMEZONE).is_open(datetime(2026, 6, 1, tzinfo=UTC))
        best = min(best, process_time() - began)
    return best


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
