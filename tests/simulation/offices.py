"""Workspaces whose people work in offices of their own: their hours and timezones, calendars that tell when they are
away, and a response clock that may run on the calendar of whoever has the MQL.

Told again from what the team file says of each person. Knows nothing of bot.core.sla.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bot.core.teamfile.schema import Person
from tests.simulation.slow_calendar import A_DAY, WEEKDAYS, SlowCalendar, Stretch

ONE_IN = 7
REMAINDER = 4
TIMEZONES = ("Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe")
WEEKS: tuple[dict[str, tuple[str, ...]], ...] = (
    {"every": ("10:00-19:00",)},
    {"every": ("13:00-17:00", "18:00-22:00")},
    {"tuesday": ("09:00-18:00",), "wednesday": ("09:00-18:00",), "saturday": ("09:00-12:00",)},
    {"every": ("22:00-06:00",), "friday": ("08:00-11:30",)},
)
OF_THE_TEAM = ("holidays", "closures", "half_days", "extra_days")
NEVER, FOR_EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def has_offices(seed: int) -> bool:
    """Whether the people of a seed have hours of their own: of every seventh."""
    return seed % ONE_IN == REMAINDER


def moved(rng: Random, person: Person) -> Person:
    """A person as they work from now on."""
    return replace(person, hours=rng.choice([None, *WEEKS]), timezone=rng.choice([None, *TIMEZONES]))


@dataclass(frozen=True)
class Hours:
    """When one person works: by weekday, or as the team; in a timezone, or the team's."""

    week: Mapping[str, tuple[str, ...]] | None = None
    timezone: str | None = None

    @classmethod
    def of(cls, people: tuple[Person, ...]) -> dict[str, Hours]:
        """The hours of a roster, by user id."""
        return {person.user_id: cls(person.hours, person.timezone) for person in people}


AS_THE_TEAM = Hours()


@dataclass(frozen=True)
class Leg:
    """Since when a clock counts on whose calendar."""

    since: datetime
    hours: Hours
    team: str
    """The team's timezone as it was then."""

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Leg:
        """The leg that an event tells of."""
        week = stored["week"] and {day: tuple(blocks) for day, blocks in stored["week"].items()}
        return cls(datetime.fromisoformat(stored["since"]), Hours(week, stored["timezone"]), "")


class Relay(SlowCalendar):
    """The open time of a clock that counts on the team's calendar, and from each leg on that of one person."""

    def __init__(
        self, stored: str | dict[str, Any], timezone: str, pins: dict[str, Any], legs: tuple[Leg, ...]
    ) -> None:
        super().__init__(stored, timezone, pins)
        team = SlowCalendar(stored, timezone, pins)
        theirs = [_calendar(stored, leg.hours, leg.hours.timezone or leg.team, pins) for leg in legs]
        starts = [NEVER, *(leg.since for leg in legs)]
        self.spans = list(zip(starts, [*starts[1:], FOR_EVER], [team, *theirs], strict=True))

    def stretches(self, start: datetime, end: datetime | None) -> Iterator[Stretch]:
        """The open stretches of whoever's calendar counts."""
        for since, until, calendar in self.spans:
            last = until if end is None else min(end, until)
            if max(start, since) < last:
                yield from calendar.stretches(max(start, since), None if last == FOR_EVER else last)


def _calendar(stored: str | dict[str, Any], hours: Hours, timezone: str, pins: dict[str, Any]) -> SlowCalendar:
    """Somebody's hours on the team's working days: holidays, closures and days on which all work are the team's."""
    rules: dict[str, Any] = {"kind": stored} if isinstance(stored, str) else stored
    if hours.week is None:
        return SlowCalendar(rules, timezone, pins)
    worked = rules.get("working_days") or list(rules.get("hours") or WEEKDAYS[:5])
    every = {day: list(hours.week["every"]) for day in worked} if "every" in hours.week else {}
    named = {day: list(blocks) for day, blocks in hours.week.items() if day != "every"}
    kept: dict[str, Any] = {name: rules[name] for name in OF_THE_TEAM if name in rules}
    return SlowCalendar({"kind": "business_hours", "hours": every | named, **kept}, timezone, pins)


class LinkedCalendars:
    """What the calendars of people say: by user, when they are away."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._says: dict[str, list[Stretch]] = {}

    def changes(self, user: str, now: datetime) -> list[Stretch]:
        """Something is put into somebody's calendar, moved or taken out; what it says then, apart from each other."""
        kept = [stretch for stretch in self._says.get(user, []) if stretch[1] > now]
        change: Callable[[], list[Stretch]] = self._rng.choice(
            [lambda: kept, lambda: kept[1:], lambda: [*kept[1:], self._new(now)], lambda: [*kept, self._new(now)]]
        )
        self._says[user] = apart(change())
        return self._says[user]

    def _new(self, now: datetime) -> Stretch:
        begins = now + self._rng.choice([-3, 0.2, 5, 30, 100]) * timedelta(hours=1)
        return begins, begins + self._rng.choice([4 * timedelta(hours=1), A_DAY, 3 * A_DAY])


def apart(stretches: list[Stretch]) -> list[Stretch]:
    """The first of stretches that overlap, each."""
    kept: list[Stretch] = []
    for begins, ends in sorted(stretches):
        if not kept or begins > kept[-1][1]:
            kept.append((begins, ends))
    return kept
