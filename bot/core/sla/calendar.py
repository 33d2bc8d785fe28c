"""Which time counts. Pure; all moments are aware, all results in UTC.

The local rules become stretches of UTC once per year, with the open time up to each of them: every question is then a
bisection, whatever its span. Arithmetic is never done in local time, which is an hour off across a DST change.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Self
from zoneinfo import ZoneInfo

from bot.core.sla.calendar_rules import LONGEST_CLOSED, MINUTES_A_DAY, CalendarRules, Closed, ClosedWhy, minutes
from bot.core.sla.holidays import Pinned
from storage.vocabulary import CalendarKind

NOTHING = timedelta(0)
LONGEST_YEARS = 200

Stretch = tuple[datetime, datetime]
_BEGINNING, _END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Calendar:
    """The open time of a policy. A moment of opening is open, a moment of closing is not.

    Raises ValueError for an unknown timezone, for a moment without one, and for an answer outside the years 2 to 9998.
    """

    rules: CalendarRules
    timezone: str
    pinned: Pinned | None = None
    """The public holidays to go by; None: those that the library knows today."""
    _local: Local = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_local", _local(self.rules, self.timezone, self.pinned))

    @classmethod
    def of(cls, kind: CalendarKind, timezone: str) -> Self:
        """Return a calendar of a kind with its defaults: no holidays, Monday to Friday, 09:00 to 18:00."""
        return cls(_plain(kind), timezone)

    def is_open(self, at: datetime) -> bool:
        """Return whether this moment counts."""
        at = _utc(at)
        return self._year(at.year).is_open(at)

    def next_opening(self, at: datetime) -> datetime:
        """`at` itself if it is open, otherwise the next moment that is."""
        at = _utc(at)
        if self._year(at.year).is_open(at):
            return at
        for year in range(at.year, at.year + LONGEST_YEARS):
            opens = self._year(year).opens
            following = bisect_left(opens, at)
            if following < len(opens):
                return opens[following]
        raise ValueError(f"nothing opens within {LONGEST_YEARS} years")

    def add(self, start: datetime, span: timedelta) -> datetime:
        """Return the moment when `span` of open time has passed since `start`.

        A moment exactly at closing time stays there; a zero span falls on `start` or the next opening. Raises
        ValueError for a negative span, and for one that does not pass within 200 years.
        """
        if span < NOTHING:
            raise ValueError("a span of open time is not negative")
        if not span:
            return self.next_opening(start)
        start = _utc(start)
        wanted = self._year(start.year).until(start) + span
        for year in range(start.year, start.year + LONGEST_YEARS):
            times = self._year(year)
            if wanted <= times.total:
                return times.after(wanted)
            wanted -= times.total
        raise ValueError(f"this much open time does not pass within {LONGEST_YEARS} years")

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """Return how much open time lies between two moments; zero where `end` is not after `start`."""
        start, end = _utc(start), _utc(end)
        if end <= start:
            return NOTHING
        if start.year == end.year:
            times = self._year(start.year)
            return times.until(end) - times.until(start)
        years = sum((self._year(year).total for year in range(start.year, end.year)), NOTHING)
        return years + self._year(end.year).until(end) - self._year(start.year).until(start)

    def open_in(self, block: str, start: datetime, end: datetime) -> timedelta:
        """Return how much open time between two moments lies within a block of local time of any day, such as
        20:00-08:00. Its cost grows with the number of days."""
        starts, ends = minutes(block)
        first, last = (moment.astimezone(self._local.zone).date() for moment in (start, end))
        total = NOTHING
        for offset in range(-1, (last - first).days + 1):
            day = first + timedelta(days=offset)
            opens, closes = self._local.moment(day, starts), self._local.moment(day, ends)
            total += self.open_between(max(opens, start), min(closes, end))
        return total

    def closed_because(self, at: datetime, language: str | None = None) -> Closed | None:
        """Return why this moment does not count, or None if it does. `language` ("ja", "en") is that of a holiday's
        name."""
        if self.is_open(at):
            return None
        day = at.astimezone(self._local.zone).date()
        return self.rules.day_off(day, language, self.pinned) or Closed(ClosedWhy.OUTSIDE_HOURS)

    def is_day_off(self, day: date) -> bool:
        """Return whether a day is a holiday or a closure."""
        closed = self.rules.day_off(day, pinned=self.pinned)
        return closed is not None and closed.why != ClosedWhy.WEEKEND

    def next_working_day(self, day: date) -> date:
        """Return a day itself, or the first after it on which something opens; itself where nothing does for a year."""
        days = (day + timedelta(days=offset) for offset in range(LONGEST_CLOSED))
        return next((later for later in days if self.rules.blocks_on(later, self.pinned)), day)

    def _year(self, year: int) -> Year:
        return _year(self._local, year)


@dataclass(frozen=True)
class Leg:
    """A calendar that counts from a moment on, until the next leg."""

    since: datetime
    calendar: Calendar


@dataclass(frozen=True)
class RelayCalendar(Calendar):
    """The open time of a clock that runs on another calendar from each leg on: the calendar itself before the first."""

    legs: tuple[Leg, ...] = ()
    """In the order of time."""

    def open_in(self, block: str, start: datetime, end: datetime) -> timedelta:
        """Return how much open time lies within a block of the local time of whoever's calendar counts."""
        total = NOTHING
        for since, until, calendar in self._spans():
            begins, ends = max(since, _utc(start)), min(until, _utc(end))
            if begins < ends:
                total += calendar.open_in(block, begins, ends)
        return total

    def _spans(self) -> Iterator[tuple[datetime, datetime, Calendar]]:
        before = Calendar(self.rules, self.timezone, self.pinned)
        starts = [_BEGINNING, *(leg.since for leg in self.legs)]
        ends = [*starts[1:], _END]
        yield from zip(starts, ends, [before, *(leg.calendar for leg in self.legs)], strict=True)

    def _year(self, year: int) -> Year:
        return _relayed(self, year)


@dataclass(frozen=True, slots=True)
class Year:
    """The open stretches of a year of UTC in order, apart from each other; `before` is the open time up to each."""

    opens: tuple[datetime, ...]
    closes: tuple[datetime, ...]
    before: tuple[timedelta, ...]
    total: timedelta

    def is_open(self, at: datetime) -> bool:
        """Return whether `at`, a moment of this year, counts."""
        index = bisect_right(self.opens, at) - 1
        return index >= 0 and at < self.closes[index]

    def until(self, at: datetime) -> timedelta:
        """Return the open time from the start of the year to `at`."""
        index = bisect_right(self.opens, at) - 1
        return self.before[index] + min(at, self.closes[index]) - self.opens[index] if index >= 0 else NOTHING

    def after(self, span: timedelta) -> datetime:
        """Return the first moment when `span`, more than zero and at most the total, has passed."""
        index = bisect_left(self.before, span) - 1
        return self.opens[index] + (span - self.before[index])


@dataclass(frozen=True, eq=False)
class Local:
    """Rules in a timezone. It is compared by identity, which makes it a cheap key for its years."""

    rules: CalendarRules
    zone: ZoneInfo
    pinned: Pinned | None

    def stretches(self, day: date) -> Iterator[Stretch]:
        """Yield the blocks that start on a local date. One that the zone skipped has none."""
        blocks = self.rules.blocks_on(day, self.pinned)
        if not blocks or self.moment(day, 0) == self.moment(day, MINUTES_A_DAY):
            return
        for starts, ends in map(minutes, blocks):
            yield self.moment(day, starts), self.moment(day, ends)

    def moment(self, day: date, minute: int) -> datetime:
        """Return the first instant that shows this local time or a later one; `minute` counts from midnight, up to
        2880.

        So a time that a DST change skips is the end of the gap, and one that it repeats is the first of the two.
        """
        wall = datetime.combine(day, time()) + timedelta(minutes=minute)
        first, second = (wall.replace(tzinfo=self.zone, fold=fold).utcoffset() or NOTHING for fold in (0, 1))
        if first >= second:
            return (wall - first).replace(tzinfo=UTC)
        # PEP 495: in a gap `first` is the offset before the change, `second` the one after; the change lies between.
        below, at = (wall - second).replace(tzinfo=UTC), (wall - first).replace(tzinfo=UTC)
        while at - below > timedelta(seconds=1):
            middle = below + timedelta(seconds=(at - below) // timedelta(seconds=2))
            if middle.astimezone(self.zone).replace(tzinfo=None) < wall:
                below = middle
            else:
                at = middle
        return at


@lru_cache(maxsize=256)
def _local(rules: CalendarRules, timezone: str, pinned: Pinned | None) -> Local:
    try:
        return Local(rules, ZoneInfo(timezone), pinned)
    except (KeyError, ValueError, OSError):  # unknown, not a relative path, a folder of zones
        raise ValueError(f'there is no timezone "{timezone}": write one such as Asia/Tokyo') from None


@lru_cache(maxsize=len(CalendarKind))
def _plain(kind: CalendarKind) -> CalendarRules:
    return CalendarRules(kind=kind)


@lru_cache(maxsize=512)
def _year(local: Local, year: int) -> Year:
    if not 2 <= year <= 9998:
        raise ValueError(f"the year {year} is out of reach")
    first, following = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    # A local date is off by less than a day from UTC, and its last block may end a day later.
    days = (first.date() + timedelta(days=offset) for offset in range(-3, 369))
    stretches = (stretch for day in days for stretch in local.stretches(day))
    clipped = ((max(opens, first), min(closes, following)) for opens, closes in _merged(stretches))
    return _summed(clipped)


@lru_cache(maxsize=512)
def _relayed(relay: RelayCalendar, year: int) -> Year:
    """Return the stretches of a year of each leg, as far as it counts."""
    parts = (
        (max(opens, since), min(closes, until))
        for since, until, calendar in relay._spans()
        if since.year <= year <= until.year
        for opens, closes in zip(calendar._year(year).opens, calendar._year(year).closes, strict=True)
    )
    return _summed(_merged(part for part in parts if part[0] < part[1]))


def _summed(stretches: Iterable[Stretch]) -> Year:
    apart = [(opens, closes) for opens, closes in stretches if opens < closes]
    sums = tuple(accumulate((closes - opens for opens, closes in apart), initial=NOTHING))
    return Year(tuple(opens for opens, _ in apart), tuple(closes for _, closes in apart), sums[:-1], sums[-1])


def _merged(stretches: Iterator[Stretch]) -> list[Stretch]:
    """Stretches that overlap or touch become one."""
    merged: list[Stretch] = []
    for opens, closes in sorted(stretches):
        if merged and opens <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(closes, merged[-1][1])
        else:
            merged.append((opens, closes))
    return merged


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is UTC:  # nearly every one
        return moment
    if moment.utcoffset() is None:
        raise ValueError("a moment has a timezone")
    return moment.astimezone(UTC)
