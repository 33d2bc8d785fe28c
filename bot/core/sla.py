"""The checkpoints of a clock: when a reminder, the breach and each escalation step are due. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.calendar import Calendar
from bot.core.policy import EscalationStep, Terms, offset
from storage.vocabulary import ClockKind

AN_HOUR = timedelta(hours=1)


class CheckpointKind(StrEnum):
    """What happens at a checkpoint, in the order of a tie: a breach is written down before anyone is told of it."""

    REMIND = "remind"
    BREACH = "breach"
    ESCALATE = "escalate"


@dataclass(frozen=True)
class Agreement:
    """The terms that a clock is pinned to, with their calendar laid out."""

    terms: Terms
    calendar: Calendar


@dataclass(frozen=True)
class Count:
    """What a clock has counted: `counted` open time before the moment `since`, and everything open after it."""

    since: datetime
    counted: timedelta = timedelta(0)

    def moment(self, after: timedelta, calendar: Calendar) -> datetime:
        """When the clock shows `after`; the moment `since` where it had shown that before."""
        return calendar.add(self.since, after - self.counted) if after > self.counted else self.since


@dataclass(frozen=True)
class Checkpoint:
    """One moment of a clock at which something is due."""

    at: datetime
    kind: CheckpointKind
    step: EscalationStep | None = None
    hours: float = 0
    """Of an escalation: for how much open time nobody has answered, without the grace."""


@dataclass(frozen=True)
class Plan:
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


def plan(agreement: Agreement, kind: ClockKind, count: Count) -> Plan:
    """Every checkpoint of a clock in the order of time. What follows the deadline waits for the grace to pass."""
    terms, calendar = agreement.terms, agreement.calendar
    target = terms.target(kind)
    reminders = sorted(offset(reminder, target) for reminder in terms.reminds(kind))
    steps = [(after, step) for step in terms.steps(kind) for after in step.offsets()]
    due_at = count.moment(target, calendar)
    breach_at = count.moment(target + terms.grace, calendar) if terms.grace else due_at
    reminds = [Checkpoint(count.moment(after, calendar), CheckpointKind.REMIND) for after in reminders]
    escalates = [
        Checkpoint(count.moment(after + terms.grace, calendar), CheckpointKind.ESCALATE, step, after / AN_HOUR)
        for after, step in sorted(steps, key=lambda one: one[0])
    ]
    before = [point.at for point in reminds if point.at < due_at]
    points = (*reminds, Checkpoint(breach_at, CheckpointKind.BREACH), *escalates)
    return Plan(points, max(before, default=due_at), due_at, breach_at)


def plan_of_runs(
    agreement: Agreement, kind: ClockKind, runs: Sequence[tuple[datetime, datetime]], since: datetime
) -> tuple[Count, Plan]:
    """What a clock has counted and its plan, where it ran in these stretches, one after the other, and runs since a
    moment after them. Unlike `plan` it knows the true moments also of what came before that."""
    counted, before = timedelta(0), []
    for start, end in runs:
        before.append((start, end, plan(agreement, kind, Count(start, counted))))
        counted += agreement.calendar.open_between(start, end)
    count = Count(since, counted)
    planned = plan(agreement, kind, count)
    for start, end, earlier in before:
        planned = _with_moments(planned, earlier, start, end)
    return count, planned


def _with_moments(planned: Plan, earlier: Plan, start: datetime, end: datetime) -> Plan:
    """A plan with those moments of an earlier one that came after `start` and up to `end`."""

    def true(then: datetime, now: datetime) -> datetime:
        return then if start < then <= end else now

    points = zip(earlier.points, planned.points, strict=True)
    return Plan(
        tuple(replace(now, at=true(then.at, now.at)) for then, now in points),
        true(earlier.soon_at, planned.soon_at),
        true(earlier.due_at, planned.due_at),
        true(earlier.breach_at, planned.breach_at),
    )
