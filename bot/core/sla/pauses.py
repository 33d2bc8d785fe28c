"""The pauses of an MQL, read from its log, and how much of a rep's limit they take. Pure.

The limit counts days of the policy's timezone, of a calendar with opening hours only its working days: a pause takes
each day from the one on which it began up to, but not including, the day until which it holds; the day on which it
began in any case. A day is taken once, however often it is paused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.core.base.wall_clock import day_in
from storage.models import Event
from storage.vocabulary import ClockKind, EventType

DAY, CLOCKS, BY_LEADER, REQUEST = "day", "clocks", "by_leader", "request"
"""In the data of a pause's event: the day that was chosen, the clocks that it stopped, whether a leader paused or
consented, and the event that asked for consent."""
RAN, SINCE, UNTIL = "ran", "since", "until"
"""In the data of an acceptance whose feedback clock meets pauses: the fields of `Met`."""

A_DAY = timedelta(days=1)
_ENDS = (EventType.RESUMED, EventType.DISPOSED, EventType.WITHDRAWN, EventType.ERASED)
_SETTLES_REQUEST = (
    EventType.PAUSED,
    EventType.PAUSE_REFUSED,
    EventType.ASSIGNED,
    EventType.UNASSIGNED,
    EventType.DISPOSED,
    EventType.WITHDRAWN,
    EventType.ERASED,
)
Stretch = tuple[datetime, datetime]


@dataclass(frozen=True)
class Pause:
    """One pause."""

    owner: str | None
    """Who had the MQL when it began."""
    began: datetime
    until: datetime
    day: date
    """The day that was chosen; work may have begun later."""
    by_leader: bool
    """Whether a leader paused, or consented: then it takes nothing of the limit."""
    clocks: dict[ClockKind, datetime]
    """The clocks that it stopped, and since when."""
    ended: datetime | None = None
    """None: it still holds."""

    def days(self, began: datetime, timezone: str) -> set[date]:
        """Return the days that it takes where it began at `began`."""
        first = day_in(timezone, began)
        last = self.day if self.ended is None else min(self.day, day_in(timezone, self.ended))
        return days_between(first, last)


def days_between(first: date, last: date) -> set[date]:
    """Return the days that a pause takes that begins on one day and holds until another."""
    return {first} | {first + n * A_DAY for n in range((last - first).days)}


def read(history: Sequence[Event], timezone: str) -> list[Pause]:
    """Return the pauses of an MQL in the order of its log. One from before its event told which clocks it stopped is
    read as one of the clock that was to be answered then."""
    pauses: list[Pause] = []
    owner, accepted, holds = None, False, False
    for event in history:
        if event.type in (EventType.ASSIGNED, EventType.UNASSIGNED):
            owner = event.after
        elif event.type == EventType.PAUSED and event.after is not None:
            if holds:
                pauses[-1] = replace(pauses[-1], ended=event.at)
            pauses.append(_begun(event, owner, timezone, ClockKind.FEEDBACK if accepted else ClockKind.RESPONSE))
            holds = True
        elif event.type == EventType.ACCEPTED:
            accepted = True
            if holds and event.data.get(UNTIL):
                last = pauses[-1]
                pauses[-1] = replace(last, clocks=last.clocks | {ClockKind.FEEDBACK: max(event.at, last.began)})
            elif holds:  # as it was once: whoever accepted ended the pause
                pauses[-1], holds = replace(pauses[-1], ended=event.at), False
        elif event.type in _ENDS and holds:
            pauses[-1], holds = replace(pauses[-1], ended=event.at), False
    return pauses


def _begun(event: Event, owner: str | None, timezone: str, otherwise: ClockKind) -> Pause:
    until, data = datetime.fromisoformat(str(event.after)), event.data
    day = date.fromisoformat(data[DAY]) if DAY in data else day_in(timezone, until)
    stopped = [ClockKind(word) for word in data.get(CLOCKS, (otherwise,))]
    by_leader = bool(data.get(BY_LEADER))
    return Pause(owner, event.at, until, day, by_leader, dict.fromkeys(stopped, event.at))


def taken(pauses: Iterable[Pause], owner: str | None, kind: ClockKind, timezone: str) -> set[date]:
    """Return the days that an owner has taken of the limit of a clock."""
    mine = (pause for pause in pauses if pause.owner == owner and kind in pause.clocks and not pause.by_leader)
    return set().union(*(pause.days(pause.clocks[kind], timezone) for pause in mine))


def all_days(pauses: Iterable[Pause], timezone: str) -> set[date]:
    """Return the days on which an MQL was or is to be paused, whoever had it and whoever paused."""
    return set().union(*(pause.days(pause.began, timezone) for pause in pauses))


@dataclass(frozen=True)
class Met:
    """The pauses that a clock has met since it started. Empty where it met none."""

    ran: tuple[Stretch, ...] = ()
    """The stretches in which it ran before the last pause ended, or began."""
    since: datetime | None = None
    """Since when it runs; None: the last pause holds, until `until`."""
    until: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what the event of an acceptance says of it."""
        if not self.ran:
            return {}
        data: dict[str, Any] = {RAN: [[start.isoformat(), end.isoformat()] for start, end in self.ran]}
        moments = {SINCE: self.since, UNTIL: self.until}
        return data | {name: moment.isoformat() for name, moment in moments.items() if moment is not None}


def met(pauses: Iterable[Pause], start: datetime, now: datetime) -> Met:
    """Return the pauses that a clock met which started at `start`, perhaps long before now."""
    ran: list[Stretch] = []
    since = start
    for pause in pauses:
        if pause.ended is not None and pause.ended <= start:
            continue
        # The machine's clock may have been set back since.
        stopped = min(max(pause.began, since), now)
        ran.append((since, stopped))
        if pause.ended is None:
            return Met(tuple(ran), None, pause.until)
        since = min(max(pause.ended, stopped), now)
    return Met(tuple(ran), since) if ran else Met()


def begun(event: Event) -> tuple[list[Stretch], datetime | None]:
    """Return the stretches in which a clock had run when this event started it, and since when it runs; None: it
    waits for the end of a pause."""
    if event.type != EventType.ACCEPTED or RAN not in event.data:
        return [], event.at
    ran = [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in event.data[RAN]]
    since = event.data.get(SINCE)
    return ran, datetime.fromisoformat(since) if since else None


def open_request(history: Sequence[Event]) -> Event | None:
    """Return the event that asked for consent to a pause, while a leader may answer it: nobody has paused meanwhile,
    and the MQL is still open and with the same owner."""
    for event in reversed(history):
        if event.type in _SETTLES_REQUEST:
            return None
        if event.type == EventType.PAUSE_ASKED:
            return event
    return None
