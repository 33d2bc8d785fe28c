"""The checkpoints of a clock: when a reminder, the breach and each escalation step are due. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.core.sla.calendar import Calendar
from bot.core.sla.policy import EscalationStep, Terms, offset
from storage.vocabulary import ClockKind

AN_HOUR = timedelta(hours=1)


class CheckpointKind(StrEnum):
    """What happens at a checkpoint, in the order of a tie: a breach is written down before anyone is told of it."""

    REMIND = "remind"
    BREACH = "breach"
    ESCALATE = "escalate"


@dataclass(frozen=True)
class Mark:
    """A checkpoint as the terms have it: after how much open time it comes, whenever the clock started."""

    after: timedelta
    kind: CheckpointKind
    step: EscalationStep | None = None
    hours: float = 0


@dataclass(frozen=True)
class Agreement:
    """The terms that a clock is pinned to, with their calendar laid out."""

    terms: Terms
    calendar: Calendar

    def awake_at(self, at: datetime) -> datetime:
        """Return when people hear of what nobody asked for: at this moment, or where it lies in the quiet hours when
        these are over on a working day. The night to a day off ends after it."""
        quiet, zone = self.terms.quiet, ZoneInfo(self.calendar.timezone)
        awake = quiet.over_at(at, self.calendar.timezone) if quiet else at
        if quiet is None or awake == at:
            return at
        day = awake.astimezone(zone).date()
        works = self.calendar.next_working_day(day)
        return awake if works == day else datetime.combine(works, time.fromisoformat(quiet.end), zone).astimezone(UTC)

    def count_days(self, days: Set[date]) -> int:
        """Return how many of these days count as days of the terms: working days where they count these, else all."""
        if not self.calendar.rules.counts_working_days:
            return len(days)
        return sum(self.calendar.next_working_day(day) == day for day in days)

    @cached_property
    def marks(self) -> dict[ClockKind, tuple[Mark, ...]]:
        """The checkpoints of each kind of clock, in order. What follows the deadline waits for the grace to pass."""
        return {kind: tuple(_marks(self.terms, kind)) for kind in ClockKind}


def _marks(terms: Terms, kind: ClockKind) -> Iterator[Mark]:
    target = terms.target(kind)
    for after in sorted(offset(reminder, target, terms.day) for reminder in terms.reminds(kind)):
        yield Mark(after, CheckpointKind.REMIND)
    yield Mark(target + terms.grace, CheckpointKind.BREACH)
    steps = [(after, step) for step in terms.steps(kind) for after in step.offsets()]
    for after, step in sorted(steps, key=lambda pair: pair[0]):
        yield Mark(after + terms.grace, CheckpointKind.ESCALATE, step, after / AN_HOUR)


class Count(NamedTuple):
    """What a clock has counted: `counted` open time before the moment `since`, and everything open after it."""

    since: datetime
    counted: timedelta = timedelta(0)

    def moment(self, after: timedelta, calendar: Calendar) -> datetime:
        """Return when the clock shows `after`; the moment `since` where it had shown that before."""
        return calendar.add(self.since, after - self.counted) if after > self.counted else self.since


class Checkpoint(NamedTuple):
    """One moment of a clock at which something is due."""

    at: datetime
    kind: CheckpointKind
    step: EscalationStep | None = None
    hours: float = 0
    """Of an escalation: for how much open time nobody has answered, without the grace."""


@dataclass(frozen=True)
class Timetable:
    """All that a clock does if nobody answers. A clock's `step` is the index of the next of `points`."""

    points: tuple[Checkpoint, ...]
    soon_at: datetime
    """From the last reminder before the deadline on it is due soon."""
    due_at: datetime
    breach_at: datetime
    """The deadline and the grace after it: the answer is late from here on."""

    @property
    def reminders(self) -> int:
        """How many of the points come before the breach."""
        return next(index for index, point in enumerate(self.points) if point.kind == CheckpointKind.BREACH)


def checkpoints(agreement: Agreement, kind: ClockKind, count: Count, first: int = 0) -> Iterator[Checkpoint]:
    """Yield the checkpoints of a clock in the order of time, from the one with this index on; each is laid out when it
    is asked for."""
    for mark in agreement.marks[kind][first:]:
        yield Checkpoint(count.moment(mark.after, agreement.calendar), mark.kind, mark.step, mark.hours)


def timetable_of(agreement: Agreement, kind: ClockKind, count: Count) -> Timetable:
    """Return every checkpoint of a clock, and its deadline."""
    points = tuple(checkpoints(agreement, kind, count))
    due_at = count.moment(agreement.terms.target(kind), agreement.calendar)
    breach_at = next(point.at for point in points if point.kind == CheckpointKind.BREACH)
    before = [point.at for point in points if point.at < due_at]  # reminders: all else comes at the deadline or later
    return Timetable(points, max(before, default=due_at), due_at, breach_at)


def timetable_of_runs(
    agreement: Agreement, kind: ClockKind, runs: Sequence[tuple[datetime, datetime]], since: datetime
) -> tuple[Count, Timetable]:
    """Return what a clock has counted and its timetable, where it ran in these stretches, one after the other, and runs
    since a moment after them. Unlike `timetable_of` it knows the true moments also of what came before that."""
    counted, before = timedelta(0), []
    for start, end in runs:
        before.append((start, end, timetable_of(agreement, kind, Count(start, counted))))
        counted += agreement.calendar.open_between(start, end)
    count = Count(since, counted)
    timetable = timetable_of(agreement, kind, count)
    for start, end, earlier in before:
        timetable = _with_moments(timetable, earlier, start, end)
    return count, timetable


def _with_moments(timetable: Timetable, earlier: Timetable, start: datetime, end: datetime) -> Timetable:
    """Return a timetable with those moments of an earlier one that came after `start` and up to `end`."""

    def true(then: datetime, now: datetime) -> datetime:
        return then if start < then <= end else now

    points = zip(earlier.points, timetable.points, strict=True)
    return Timetable(
        tuple(now._replace(at=true(then.at, now.at)) for then, now in points),
        true(earlier.soon_at, timetable.soon_at),
        true(earlier.due_at, timetable.due_at),
        true(earlier.breach_at, timetable.breach_at),
    )
