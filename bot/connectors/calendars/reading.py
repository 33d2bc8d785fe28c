"""When somebody is away, by their calendar (RFC 5545) as Google, Outlook and others publish it at an address. Pure.

An entry tells an absence by Outlook's mark OOF or by its title (`bot.core.routing.away_words`). A meeting is none,
however long, and neither is an entry that shows as free, unless it is for whole days, which Google and Outlook show as
free unless somebody changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Event

from bot.connectors.calendars import NotRead
from bot.core.base.day_words import NOON, Halves
from bot.core.routing.away_words import Says, meaning

MOST_ENTRIES = 5_000
A_DAY = timedelta(days=1)
_OUT = ("OOF", "OUTOFOFFICE")
_NOT_OUT = ("WORKINGELSEWHERE", "TENTATIVE")
_TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
"""Nobody is away every hour; expanded, one such entry is a million."""


class Entries(NamedTuple):
    """What a calendar tells of its owner."""

    away: list[tuple[datetime, datetime]]
    trips: list[tuple[datetime, datetime]]


@dataclass(frozen=True)
class Reader:
    """Whose calendar it is: the timezone of their days, their own names, and those of their colleagues."""

    timezone: str
    names: Collection[str] = ()
    others: Collection[str] = ()
    halves: Callable[[date], Halves] = lambda _: NOON
    """How each day of theirs is halved."""

    def entries(self, body: bytes, start: datetime, end: datetime) -> Entries:
        """Return when they are away, and on a business trip, between two aware moments, in UTC and in order; what
        touches or overlaps is one stretch. Raises NotRead."""
        calendar = _parsed(body)
        _keep_what_may_tell(calendar, self)
        query = recurring_ical_events.of(calendar, skip_bad_series=True)
        zone = ZoneInfo(self.timezone)
        stretches = [
            (self.tells(event) == Says.TRIP, stretch)
            for event in query.between(start.astimezone(zone) - A_DAY, end.astimezone(zone) + A_DAY)
            for stretch in self._of_event(event)
        ]
        near = [(trip, stretch) for trip, stretch in stretches if stretch[0] < end and stretch[1] > start]
        away, trips = (_united(stretch for trip, stretch in near if trip is wanted) for wanted in (False, True))
        return Entries(away, trips)

    def _of_event(self, event: Event) -> Iterator[tuple[datetime, datetime]]:
        """Yield the absences that one occurrence tells: one for each day where it is half of several."""
        begins, ends = event.start, event.end
        whole_days = not isinstance(begins, datetime)
        says = self.tells(event)
        if says is None or (whole_days and says == Says.SOME_HOURS):
            return
        if not whole_days:
            yield self._moment(begins), self._moment(ends)
            return
        last = max(ends, begins + A_DAY)
        if says in (Says.AWAY, Says.TRIP):
            yield self._midnight(begins), self._midnight(last)
            return
        for offset in range((last - begins).days):
            day = begins + offset * A_DAY
            halves = self.halves(day)
            if says == Says.MORNING:
                yield self._midnight(day), self._at(day, halves.morning_ends)
            else:
                yield self._at(day, halves.afternoon_begins), self._midnight(day + A_DAY)

    def tells(self, event: Event) -> Says | None:
        """Return what an entry says of its owner."""
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            return None
        shown_as = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper()
        if shown_as in _NOT_OUT:
            return None
        whole_days = not isinstance(event.start, datetime)
        is_free = shown_as == "FREE" or (not shown_as and str(event.get("TRANSP", "")).upper() == "TRANSPARENT")
        if is_free and not whole_days:
            return None
        title = meaning(str(event.get("SUMMARY", "")), self.names, self.others)
        is_out = shown_as in _OUT and title in (None, Says.TRIP)
        return Says.AWAY if is_out else title

    def _moment(self, moment: date) -> datetime:
        """Return a moment in UTC; one without a timezone is as the clock on the wall shows it."""
        at = moment if isinstance(moment, datetime) else datetime.combine(moment, time())
        return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(self.timezone))).astimezone(UTC)

    def _midnight(self, day: date) -> datetime:
        return self._at(day, time())

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, ZoneInfo(self.timezone)).astimezone(UTC)


def _parsed(body: bytes) -> Calendar:
    try:
        calendar = Calendar.from_ical(body)
    except (ValueError, IndexError, KeyError) as error:
        raise NotRead("not_a_calendar") from error
    if not isinstance(calendar, Calendar):
        raise NotRead("not_a_calendar")
    if len(calendar.subcomponents) > MOST_ENTRIES:
        raise NotRead("too_many_entries")
    try:
        ZoneInfo(str(calendar.get("X-WR-TIMEZONE", "UTC")))
    except (KeyError, ValueError, OSError):
        del calendar["X-WR-TIMEZONE"]
    return calendar


def _keep_what_may_tell(calendar: Calendar, reader: Reader) -> None:
    """Drop the entries that tell no absence, with all their occurrences, before any is expanded: a calendar has many
    meetings. Of a series in which one occurrence was changed into an absence, or out of one, all stay."""
    events = [event for event in calendar.walk("VEVENT") if isinstance(event, Event) and _is_whole(event)]
    telling = {str(event.get("UID", id(event))) for event in events if reader.tells(event) is not None}
    calendar.subcomponents = [event for event in events if str(event.get("UID", id(event))) in telling]


def _is_whole(event: Event) -> bool:
    """Return whether an entry says from when to when it is, and comes round seldom enough to be expanded."""
    try:
        has_ends = event.start <= event.end
    except (ValueError, TypeError):
        return False
    rules = event.get("RRULE", [])
    frequencies = [
        str(value) for rule in (rules if isinstance(rules, list) else [rules]) for value in rule.get("FREQ", [])
    ]
    return has_ends and not any(frequency.upper() in _TOO_OFTEN for frequency in frequencies)


def _united(stretches: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    united: list[tuple[datetime, datetime]] = []
    for begins, ends in sorted(stretches):
        if united and begins <= united[-1][1]:
            united[-1] = (united[-1][0], max(united[-1][1], ends))
        else:
            united.append((begins, ends))
    return united
