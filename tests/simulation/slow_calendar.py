"""Open time, counted from day to day from the stored form of the rules. Knows nothing of bot.core.sla.calendar.

Slow and short: what the simulation holds the engine against must be easy to believe.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from holidays import country_holidays

A_DAY = timedelta(days=1)
A_MINUTE = timedelta(minutes=1)
NOTHING = timedelta(0)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Stretch = tuple[datetime, datetime]


class SlowCalendar:
    """The open time of one calendar as a policy version stores it, with the holidays that were pinned."""

    def __init__(self, stored: str | dict[str, Any], timezone: str, pins: dict[str, Any]) -> None:
        self.rules: dict[str, Any] = {"kind": stored} if isinstance(stored, str) else stored
        self.zone = ZoneInfo(timezone)
        self._code = self.rules.get("holidays")
        self._pinned = pins.get(self._code) if self._code else None
        self._days: dict[date, list[Stretch]] = {}

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much open time lies between two moments."""
        return sum((closes - opens for opens, closes in self.stretches(start, end)), NOTHING)

    def add(self, start: datetime, span: timedelta) -> datetime:
        """The moment when a span of open time, more than nothing, has passed."""
        for opens, closes in self.stretches(start, None):
            if span <= closes - opens:
                return opens + span
            span -= closes - opens
        raise AssertionError("it opens again and again")

    def stretches(self, start: datetime, end: datetime | None) -> Iterator[Stretch]:
        """The open stretches from one moment to another, or for ever; none of them overlap."""
        if self.rules["kind"] == "always":
            yield start, max(start, end) if end else start + timedelta(days=9999)
            return
        done, day = start, start.astimezone(self.zone).date() - 2 * A_DAY
        while end is None or datetime.combine(day - 2 * A_DAY, time(), UTC) <= end:
            for opens, closes in self._on(day):
                since, until = max(opens, done), closes if end is None else min(closes, end)
                if since < until:
                    yield since, until
                    done = until
            day += A_DAY

    @property
    def day(self) -> timedelta:
        """What a day of the agreement is: the mean of the days that are worked in a week, where there are hours."""
        if self.rules["kind"] != "business_hours":
            return A_DAY
        if "day_hours" in self.rules:
            return timedelta(hours=self.rules["day_hours"])
        plain = SlowCalendar({"kind": "business_hours", **self._week_alone()}, "UTC", {})
        monday = datetime(2026, 1, 5, tzinfo=UTC)
        worked = sum(bool(plain._blocks(monday.date() + i * A_DAY)) for i in range(7))
        return plain.between(monday, monday + 7 * A_DAY) / worked

    def count(self, days: set[date]) -> int:
        """How many of these days count as days of the agreement."""
        if self.rules["kind"] != "business_hours" or "day_hours" in self.rules:
            return len(days)
        return sum(bool(self._blocks(day)) for day in days)

    def _week_alone(self) -> dict[str, Any]:
        return {name: self.rules[name] for name in ("working_days", "hours") if self.rules.get(name)}

    def _on(self, day: date) -> list[Stretch]:
        if day not in self._days:
            blocks = (_minutes(block) for block in self._blocks(day))
            both = [(moment(self.zone, day, starts), moment(self.zone, day, ends)) for starts, ends in sorted(blocks)]
            self._days[day] = both
        return self._days[day]

    def _blocks(self, day: date) -> list[str]:
        rules, name = self.rules, WEEKDAYS[day.weekday()]
        if str(day) in rules.get("extra_days", {}):
            return list(rules["extra_days"][str(day)])
        worked = rules.get("working_days") or list(rules.get("hours") or WEEKDAYS[:5])
        if name not in worked or self._is_off(day):
            return []
        if str(day) in rules.get("half_days", {}):
            return list(rules["half_days"][str(day)])
        if rules.get("hours"):
            return list(rules["hours"][name])
        return ["00:00-24:00"] if rules["kind"] == "business_days" else ["09:00-18:00"]

    def _is_off(self, day: date) -> bool:
        if any(closure["first"] <= str(day) <= closure["last"] for closure in self.rules.get("closures", [])):
            return True
        if self._code is None:
            return False
        if self._pinned and self._pinned["first"] <= day.year <= self._pinned["last"]:
            return str(day) in self._pinned["days"]
        return day in _holidays(self._code, day.year)


def daily(zone: ZoneInfo, first: str, last: str, start: datetime, end: datetime) -> Iterator[Stretch]:
    """A stretch of local time of every day, such as 20:00 to 08:00, as far as it lies between two moments."""
    starts, ends = _minutes(f"{first}-{last}")
    day = start.astimezone(zone).date() - 2 * A_DAY
    while datetime.combine(day - A_DAY, time(), UTC) <= end:
        opens, closes = max(moment(zone, day, starts), start), min(moment(zone, day, ends), end)
        if opens < closes:
            yield opens, closes
        day += A_DAY


@lru_cache(maxsize=100_000)
def moment(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """The first instant that shows this local time or a later one."""
    wall = datetime.combine(day, time()) + minute * A_MINUTE
    around = [(wall + sign * timedelta(hours=30)).replace(tzinfo=UTC) for sign in (-1, 1)]
    before, after = (at.astimezone(zone).utcoffset() or NOTHING for at in around)
    if before == after:
        return (wall - before).replace(tzinfo=UTC)
    at = around[0]
    while at.astimezone(zone).replace(tzinfo=None) < wall:
        at += A_MINUTE
    return at


@lru_cache(maxsize=4096)
def _minutes(block: str) -> tuple[int, int]:
    starts, ends = (int(text[:2]) * 60 + int(text[3:]) for text in block.split("-"))
    return starts, ends if ends > starts else ends + 24 * 60


@lru_cache(maxsize=256)
def _holidays(code: str, year: int) -> frozenset[date]:
    country, _, part = code.partition("-")
    return frozenset(country_holidays(country, part or None, years=year))
