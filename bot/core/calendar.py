"""Which time counts. Pure; all moments are aware, all results in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from storage.vocabulary import CalendarKind

SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """The open time of a policy.

    ALWAYS counts every minute. BUSINESS_DAYS counts Monday to Friday around the clock, so 24 hours mean this time on
    the next working day.
    """

    kind: CalendarKind
    timezone: str

    def add(self, start: datetime, span: timedelta) -> datetime:
        """The moment when `span` of open time has passed since `start`.

        A moment exactly at closing time stays there; a zero span falls on `start` or the next opening. Raises
        ValueError for a negative span.
        """
        if span < timedelta(0):
            raise ValueError("a span of open time is not negative")
        if self.kind == CalendarKind.ALWAYS:
            return start.astimezone(UTC) + span
        for opens, closes in self._open_from(start):
            if span <= closes - opens:
                return opens + span
            span -= closes - opens
        raise AssertionError("a calendar always opens again")

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """How much open time lies between two moments; zero where `end` is not after `start`."""
        if end <= start:
            return timedelta(0)
        if self.kind == CalendarKind.ALWAYS:
            return end - start
        total = timedelta(0)
        for opens, closes in self._open_from(start):
            if opens >= end:
                break
            total += min(closes, end) - opens
        return total

    def _open_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Open stretches from `start` on, in UTC: aware local arithmetic is an hour off across a DST change."""
        start = start.astimezone(UTC)
        day = start.astimezone(ZoneInfo(self.timezone)).date()
        while True:
            opens, closes = self._midnight(day), self._midnight(day + timedelta(days=1))
            if day.weekday() < SATURDAY and closes > start:
                yield max(opens, start), closes
            day += timedelta(days=1)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.timezone)).astimezone(UTC)
