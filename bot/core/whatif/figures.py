"""What is compared: the same figures, counted in the same way, of what happened and of a replay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from statistics import median
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.base.statistics import rank
from bot.core.messages import kinds
from bot.core.reports import weekly
from bot.core.routing import candidates
from bot.core.sla.policy import LEVELS
from storage import replays, reports
from storage.models import Clock, Event, Mql, Outbox
from storage.reports import Span
from storage.vocabulary import ClockKind, ClockState, EventType, MessageKind


class Level(StrEnum):
    """Whom an escalation step tells."""

    MANAGER = "manager"
    HEAD = "head"
    PEERS = "peers"
    OTHERS = "others"
    """A person, user group or Slack channel by name."""


@dataclass(frozen=True)
class Period:
    """The days whose MQLs are looked at, and until when each of them is followed."""

    first: date
    last: date
    timezone: str
    span: Span
    until: datetime

    @classmethod
    def of(cls, first: date, last: date, timezone: str, until: datetime) -> Period:
        """Return the days `first` to `last`, both included, in a timezone."""
        days = (first, last + timedelta(days=1))
        start, end = (datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC) for day in days)
        return cls(first, last, timezone, Span(start, end), until)

    def day_of(self, at: datetime) -> date | None:
        """Return the local date of a moment, if it is one of the days."""
        day = at.astimezone(ZoneInfo(self.timezone)).date()
        return day if self.first <= day <= self.last else None


@dataclass(frozen=True)
class Messages:
    """The messages that one person got, by local date."""

    by_day: Mapping[date, int]

    @property
    def total(self) -> int:
        """On all days."""
        return sum(self.by_day.values())

    @property
    def most(self) -> int:
        """On one day."""
        return max(self.by_day.values(), default=0)

    @property
    def most_on(self) -> date | None:
        """The first day with the most."""
        return next((day for day, count in sorted(self.by_day.items()) if count == self.most), None)


@dataclass(frozen=True)
class Figures:
    """What became of the MQLs of a period."""

    received: int
    late: frozenset[int]
    """Numbers of the MQLs whose response came after the deadline, or has not come though it has passed."""
    overdue: frozenset[int]
    """Likewise the outcome."""
    escalations: Mapping[Level, int]
    """Steps taken because nobody had answered."""
    overdue_told: int
    """Steps taken because the outcome was missing."""
    reassigned: int
    """How often an MQL went from one owner to another."""
    reassigned_by_step: int
    """Of these: by an escalation step."""
    median: timedelta | None
    """From receipt to response."""
    median_open: timedelta | None
    """The same on the policy's calendar."""
    messages: Mapping[str, Messages]
    """By user id, on the days of the period; empty where they are not asked for."""
    given: Mapping[str, int]
    """How many MQLs each was the first owner of, by user id."""

    @property
    def told(self) -> int:
        """How many messages people got."""
        return sum(counts.total for counts in self.messages.values())

    @property
    def median_a_day(self) -> float:
        """Messages that a person got on a day on which they got any."""
        counts = [count for messages in self.messages.values() for count in messages.by_day.values()]
        return float(median(counts)) if counts else 0.0


def count(tx: sa.Connection, workspace_id: str, period: Period, *, messages: bool) -> Figures:
    """Return the figures of a workspace's MQLs that were received in the period, from what is stored about them.
    `messages`: with those that people got."""
    received = reports.received(tx, workspace_id, period.span)
    numbers = {subject.id: subject.number for subject in received}
    answers = reports.clocks_of(tx, workspace_id, ClockKind.RESPONSE, period.span)
    outcomes = reports.clocks_of(tx, workspace_id, ClockKind.FEEDBACK, period.span)
    log = replays.log(tx, workspace_id, period.span, counted=True)
    moved = [event for event in log if event.type == EventType.ASSIGNED and event.before is not None]
    took = weekly.speed(tx, answers)
    return Figures(
        received=len(received),
        late=_breached(answers, numbers, period.until),
        overdue=_breached(outcomes, numbers, period.until),
        escalations=_escalations(log),
        overdue_told=len(_steps(log, ClockKind.FEEDBACK)),
        reassigned=len(moved),
        reassigned_by_step=sum(event.actor is None and event.reason == candidates.ESCALATED for event in moved),
        median=rank(took.raw, 0.5),
        median_open=rank(took.open, 0.5),
        messages=_messages(tx, workspace_id, received, period) if messages else {},
        given=_given(log),
    )


def _given(log: Iterable[Event]) -> dict[str, int]:
    first: dict[int, str] = {}
    for event in log:
        if event.type == EventType.ASSIGNED and event.after is not None:
            first.setdefault(event.mql_id, event.after)
    return dict(Counter(first.values()))


def _breached(clocks: Iterable[Clock], numbers: Mapping[int, int], until: datetime) -> frozenset[int]:
    """Return the numbers of the MQLs whose deadline passed, also where that has not been written down yet."""
    return frozenset(
        numbers[clock.mql_id]
        for clock in clocks
        if clock.breached_at is not None or (clock.state == ClockState.RUNNING and clock.breach_at <= until)
    )


def _escalations(log: Iterable[Event]) -> dict[Level, int]:
    by_target = Counter(event.data["to"] for event in _steps(log, ClockKind.RESPONSE))
    by_level = {Level(level): by_target.pop(level, 0) for level in LEVELS}
    return by_level | {Level.OTHERS: by_target.total()}


def _steps(log: Iterable[Event], kind: ClockKind) -> list[Event]:
    return [event for event in log if event.type == EventType.ESCALATED and event.data.get("clock") == kind]


def _messages(tx: sa.Connection, workspace_id: str, received: Iterable[Mql], period: Period) -> dict[str, Messages]:
    ours = {subject.id for subject in received}
    days: dict[str, Counter[date]] = {}
    for row in replays.messages(tx, workspace_id, kinds.REPLAYED, period.span.start):
        day = period.day_of(row.sent_at or row.next_attempt_at)
        if day is not None and row.target[0] in "UW" and ours.intersection(_about(row)):
            days.setdefault(row.target, Counter())[day] += 1
    return {user: Messages(counted) for user, counted in days.items()}


def _about(row: Outbox) -> set[int]:
    """Return the MQLs that a message is about: what was held back for the morning may be about several."""
    if row.kind == MessageKind.HELD:
        return {item.mql for item in kinds.HELD.read(row).items if item.mql is not None}
    return {row.mql_id} if row.mql_id is not None else set()
