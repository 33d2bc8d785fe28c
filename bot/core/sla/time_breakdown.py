"""Where the time of a clock went: not read yet, with nobody, off duty, paused, with each owner. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.sla.checkpoints import Agreement
from storage.models import Absence, Event
from storage.vocabulary import CalendarKind, EventType

NOTHING = timedelta(0)

# After these the time belongs to somebody else, or to nobody.
CHANGES = (EventType.ASSIGNED, EventType.UNASSIGNED, EventType.PAUSED, EventType.RESUMED)


@dataclass(frozen=True)
class TimeBreakdown:
    """Where the time of a clock went. The parts sum exactly to `total`."""

    total: timedelta
    unread: timedelta
    """After the lead came in and before anybody could know of it."""
    unassigned: timedelta
    outside: timedelta
    """Outside the calendar's hours."""
    quiet: timedelta
    """Within them, but in the quiet hours, while somebody had it."""
    away: timedelta
    """While its owner was away."""
    paused: timedelta
    with_owner: tuple[tuple[str, timedelta], ...]
    """(name, open time) for each owner, in the order they had it."""
    by_day: bool = False
    """Whether the calendar has whole days: outside of it lie days off, and no hours."""

    @property
    def off_duty(self) -> timedelta:
        """Return the time in which nobody was expected to answer."""
        return self.unread + self.outside + self.quiet + self.away


@dataclass(frozen=True)
class _Stretch:
    """A stretch of time in which nothing changed."""

    start: datetime
    end: datetime
    owner: str | None
    paused: bool


def break_down(
    history: Sequence[Event],
    absences: Sequence[Absence],
    names: dict[str, str],
    agreement: Agreement,
    start: datetime,
    end: datetime,
) -> TimeBreakdown:
    """Split the time from `start` to `end` by what it was spent on.

    Every moment belongs to exactly one part, the first that fits: outside the calendar, not read yet, paused,
    unassigned, in quiet hours, while the owner was away, with the owner. So the parts sum to the whole.
    """
    calendar, quiet = agreement.calendar, agreement.terms.quiet
    total = max(end - start, NOTHING)
    read_at = min(max(_read_at(history, start), start), max(end, start))
    opened = unread = calendar.open_between(start, read_at)
    unassigned = paused = quiet_time = away = NOTHING
    held: dict[str, timedelta] = {}
    for stretch in _stretches(history, read_at, end):
        spent = calendar.open_between(stretch.start, stretch.end)
        opened += spent
        if stretch.paused:
            paused += spent
        elif stretch.owner is None:
            unassigned += spent
        else:
            block = f"{quiet.start}-{quiet.end}" if quiet else None
            asleep = calendar.open_in(block, stretch.start, stretch.end) if block else NOTHING
            gone = NOTHING
            for begins, ends in _absent(absences, stretch):
                gone += calendar.open_between(begins, ends)
                gone -= calendar.open_in(block, begins, ends) if block else NOTHING
            quiet_time, away = quiet_time + asleep, away + gone
            held[stretch.owner] = held.get(stretch.owner, NOTHING) + spent - asleep - gone
    by_day = calendar.rules.kind == CalendarKind.BUSINESS_DAYS
    owners = tuple((names.get(user, user), span) for user, span in held.items())
    return TimeBreakdown(total, unread, unassigned, total - opened, quiet_time, away, paused, owners, by_day)


def _read_at(history: Sequence[Event], start: datetime) -> datetime:
    """Return when the lead was read, which is when its arrival was written down."""
    return next((event.recorded_at for event in history if event.type == EventType.RECEIVED), start)


def _stretches(history: Sequence[Event], start: datetime, end: datetime) -> Iterator[_Stretch]:
    owner, paused, since = None, False, start
    # By their true time: what happened while the bot was away is written down later.
    for event in sorted((event for event in history if event.type in CHANGES), key=lambda logged: logged.at):
        until = min(max(event.at, since), end)
        yield _Stretch(since, until, owner, paused)
        since = until
        if event.type in (EventType.PAUSED, EventType.RESUMED):
            paused = event.type == EventType.PAUSED
        else:
            owner = event.after
    yield _Stretch(since, max(end, since), owner, paused)


def _absent(absences: Sequence[Absence], stretch: _Stretch) -> Iterator[tuple[datetime, datetime]]:
    """Yield the parts of a stretch in which its owner was away. Absences of one person do not overlap."""
    for absence in absences:
        begins, ends = max(absence.from_at, stretch.start), min(absence.until_at, stretch.end)
        if absence.user_id == stretch.owner and begins < ends:
            yield begins, ends
