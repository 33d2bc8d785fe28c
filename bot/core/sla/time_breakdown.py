"""Where the time of a clock went: not read yet, with nobody, off duty, paused, with each owner. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.sla.checkpoints import Agreement
from storage.models import Absence, Event
from storage.vocabulary import CalendarKind, EventType

NOTHING = timedelta(0)

# After these the time belongs to somebody else, or to nobody.
CHANGES = (EventType.ASSIGNED, EventType.UNASSIGNED, EventType.OWNER_LEFT, EventType.PAUSED, EventType.RESUMED)


class Part(StrEnum):
    """What the time of a clock is spent on while no owner can be asked about it, in the order in which it is shown.

    Every breakdown, report and screen goes by this list. A new part is an entry here, its place in `break_down`, and
    its words in the catalogues: `direct.<part>_time`, `people.part.<column>` and `parts.<column>`.
    """

    UNASSIGNED = "unassigned"
    """It had no owner."""
    OUTSIDE = "outside"
    """Outside the calendar's hours."""
    UNREAD = "unread"
    """After the lead came in and before anybody could know of it."""
    QUIET = "quiet"
    """Within them, but in the quiet hours, while somebody had it."""
    AWAY = "away"
    """While its owner was away."""
    PAUSED = "paused"
    LEFT = "left"
    """Its owner had left the team, and nobody had got it since."""

    @property
    def column(self) -> str:
        """Return its name in the reports, which take together when nobody was expected to answer."""
        return "off_duty" if self in OFF_DUTY else self.value


OFF_DUTY = (Part.OUTSIDE, Part.QUIET, Part.AWAY)
WITH_NOBODY = (Part.UNREAD, Part.UNASSIGNED, Part.LEFT)
"""While nobody had it, on open time that counts."""
COLUMNS = tuple(dict.fromkeys(part.column for part in Part))
"""The parts as the reports name them."""


@dataclass(frozen=True)
class TimeBreakdown:
    """Where the time of a clock went. The parts and the owners' times sum exactly to `total`."""

    total: timedelta
    spent: Mapping[Part, timedelta]
    """Every part, also those without any time."""
    with_owner: tuple[tuple[str, timedelta], ...]
    """(name, open time) for each owner, in the order they had it."""
    by_day: bool = False
    """Whether the calendar has whole days: outside of it lie days off, and no hours."""

    def __getitem__(self, part: Part) -> timedelta:
        """Return the time of one part."""
        return self.spent[part]

    @property
    def columns(self) -> dict[str, timedelta]:
        """Return the parts as the reports name them, in their order."""
        named = dict.fromkeys(COLUMNS, NOTHING)
        for part, span in self.spent.items():
            named[part.column] += span
        return named


@dataclass(frozen=True)
class _Stretch:
    """A stretch of time in which nothing changed."""

    start: datetime
    end: datetime
    owner: str | None
    paused: bool
    left: bool
    """The owner is not there any more."""


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
    unassigned, after its owner had left, in quiet hours, while the owner was away, with the owner. So the parts sum to
    the whole.
    """
    calendar, quiet = agreement.calendar, agreement.terms.quiet
    block = f"{quiet.start}-{quiet.end}" if quiet else None
    total = max(end - start, NOTHING)
    spent = dict.fromkeys(Part, NOTHING)
    held: dict[str, timedelta] = {}
    read_at = min(max(_read_at(history, start), start), max(end, start))
    spent[Part.UNREAD] = calendar.open_between(start, read_at)
    spent[Part.OUTSIDE] = read_at - start - spent[Part.UNREAD]
    for stretch in _stretches(history, read_at, end):
        opened = calendar.open_between(stretch.start, stretch.end)
        spent[Part.OUTSIDE] += stretch.end - stretch.start - opened
        part = _part_of(stretch)
        if part is not None:
            spent[part] += opened
        elif stretch.owner is not None and stretch.start < stretch.end:
            asleep = calendar.open_in(block, stretch.start, stretch.end) if block else NOTHING
            gone = NOTHING
            for begins, ends in _absent(absences, stretch):
                gone += calendar.open_between(begins, ends)
                gone -= calendar.open_in(block, begins, ends) if block else NOTHING
            spent[Part.QUIET] += asleep
            spent[Part.AWAY] += gone
            held[stretch.owner] = held.get(stretch.owner, NOTHING) + opened - asleep - gone
    by_day = calendar.rules.kind == CalendarKind.BUSINESS_DAYS
    owners = tuple((names.get(user, user), span) for user, span in held.items())
    return TimeBreakdown(total, spent, owners, by_day)


def _read_at(history: Sequence[Event], start: datetime) -> datetime:
    """Return when the lead was read, which is when its arrival was written down."""
    return next((event.recorded_at for event in history if event.type == EventType.RECEIVED), start)


def _part_of(stretch: _Stretch) -> Part | None:
    """Return what the open time of a stretch was spent on; None: its owner had it."""
    if stretch.paused:
        return Part.PAUSED
    if stretch.owner is None:
        return Part.UNASSIGNED
    return Part.LEFT if stretch.left else None


def _stretches(history: Sequence[Event], start: datetime, end: datetime) -> Iterator[_Stretch]:
    owner, paused, left, since = None, False, False, start
    # By their true time: what happened while the bot was away is written down later.
    for event in sorted((event for event in history if event.type in CHANGES), key=lambda logged: logged.at):
        until = max(since, min(event.at, end))
        yield _Stretch(since, until, owner, paused, left)
        since = until
        if event.type in (EventType.PAUSED, EventType.RESUMED):
            paused = event.type == EventType.PAUSED
        elif event.type == EventType.OWNER_LEFT:
            left = True
        else:
            owner, left = event.after, False
    yield _Stretch(since, max(end, since), owner, paused, left)


def _absent(absences: Sequence[Absence], stretch: _Stretch) -> Iterator[tuple[datetime, datetime]]:
    """Yield the parts of a stretch in which its owner was away, each moment once: two sources may tell of one."""
    counted = stretch.start
    theirs = [absence for absence in absences if absence.user_id == stretch.owner]
    for absence in sorted(theirs, key=lambda absence: absence.from_at):
        begins, ends = max(absence.from_at, counted), min(absence.until_at, stretch.end)
        if begins < ends:
            yield begins, ends
            counted = ends
