"""The SLA policy, its checkpoints, and where the time of a clock went. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from bot.core.calendar import Calendar
from bot.core.calendar_rules import WEEKDAYS, CalendarRules
from bot.core.views import Parts
from storage.models import Event
from storage.vocabulary import CalendarKind, ClockKind, EventType


def _time_of_day(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise PydanticCustomError("not_a_time", "write a time of day as 20:00, not {given}", {"given": text})
    return text


Level = Literal["manager", "head"]
ResponseCounts = Literal["accepted", "contacted"]
Hours = Annotated[float, Field(gt=0, le=24 * 90)]
TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]
Fraction = Annotated[float, Field(gt=0, le=1)]


def _by_its_kind(written: object) -> object:
    """A calendar without rules of its own may be written as the word for its kind."""
    return {"kind": written} if isinstance(written, str) else written


def _in_short(rules: CalendarRules) -> str | dict[str, Any]:
    written = rules.model_dump(mode="json", exclude_defaults=True)
    return str(rules.kind) if written.keys() == {"kind"} else written


class EscalationStep(BaseModel):
    """Whom to tell when nobody has answered for so many hours of open time."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    after_hours: Hours
    to: Level
    in_thread: bool = False


class QuietHours(BaseModel):
    """When nobody is reminded, in the workspace's local time. An end that is not after the start is on the next day."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    start: TimeOfDay
    end: TimeOfDay

    @model_validator(mode="after")
    def _leaves_some_day(self) -> Self:
        if self.start == self.end:
            raise PydanticCustomError("quiet_for_ever", "quiet hours that start when they end are never over")
        return self

    def over_at(self, now: datetime, timezone: str) -> datetime:
        """`now`, or the end of the quiet hours that it lies in."""
        awake = {day: (f"{self.end}-{self.start}",) for day in WEEKDAYS}
        return Calendar(CalendarRules(kind=CalendarKind.BUSINESS_HOURS, hours=awake), timezone).next_opening(now)


class Policy(BaseModel):
    """The agreement between marketing and sales, as numbers. The defaults are the agreement most teams begin with."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    calendar: Annotated[CalendarRules, BeforeValidator(_by_its_kind), PlainSerializer(_in_short)] = CalendarRules(
        kind=CalendarKind.BUSINESS_DAYS
    )
    response: ResponseCounts = "accepted"
    response_hours: Hours = 24
    reminders: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = (0.5, 0.8)
    escalations: tuple[EscalationStep, ...] = (
        EscalationStep(after_hours=24, to="manager"),
        EscalationStep(after_hours=48, to="head", in_thread=True),
    )
    pause_days: Annotated[int, Field(ge=0, le=90)] = 5
    feedback_days: Annotated[float, Field(gt=0, le=90)] = 5
    feedback_reminders: tuple[Fraction, ...] = (0.8, 1.0)
    feedback_escalation_days: Annotated[float, Field(gt=0, le=180)] = 6
    quiet: QuietHours | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if any(step.after_hours < self.response_hours for step in self.escalations):
            raise ValueError("an escalation comes before the response deadline (response_hours)")
        if self.feedback_escalation_days < self.feedback_days:
            raise ValueError("feedback_escalation_days comes before feedback_days")
        return self

    def target(self, kind: ClockKind) -> timedelta:
        """The open time that a clock of this kind allows. A feedback day is 24 hours of open time."""
        return timedelta(hours=self.response_hours if kind == ClockKind.RESPONSE else 24 * self.feedback_days)


class CheckpointKind(StrEnum):
    """What happens at a checkpoint, in the order of a tie: a breach is written down before anyone is told of it."""

    REMIND = "remind"
    BREACH = "breach"
    ESCALATE = "escalate"


@dataclass(frozen=True)
class Count:
    """What a clock has counted: `counted` open time before the moment `since`, and everything open after it."""

    since: datetime
    counted: timedelta = timedelta(0)

    def moment(self, offset: timedelta, calendar: Calendar) -> datetime:
        """When the clock shows `offset`; the moment `since` where it had shown that before."""
        return calendar.add(self.since, offset - self.counted) if offset > self.counted else self.since


@dataclass(frozen=True)
class Checkpoint:
    """One moment of a clock at which something is due."""

    at: datetime
    kind: CheckpointKind
    to: Level | None = None
    hours: int = 0
    in_thread: bool = False


_RANK = {kind: rank for rank, kind in enumerate(CheckpointKind)}


def checkpoints(policy: Policy, kind: ClockKind, count: Count, calendar: Calendar) -> list[Checkpoint]:
    """Every checkpoint of a clock in the order of time. The clock's `step` is the index of the next one."""
    target = policy.target(kind)
    fractions = policy.reminders if kind == ClockKind.RESPONSE else policy.feedback_reminders
    planned: list[tuple[timedelta, CheckpointKind, EscalationStep | None]] = [(target, CheckpointKind.BREACH, None)]
    planned += [(target * fraction, CheckpointKind.REMIND, None) for fraction in fractions]
    for step in _escalations(policy, kind):
        planned.append((timedelta(hours=step.after_hours), CheckpointKind.ESCALATE, step))
    planned.sort(key=lambda plan: (plan[0], _RANK[plan[1]]))
    return [_checkpoint(count.moment(offset, calendar), what, step) for offset, what, step in planned]


def _checkpoint(at: datetime, kind: CheckpointKind, step: EscalationStep | None) -> Checkpoint:
    if step is None:
        return Checkpoint(at, kind)
    return Checkpoint(at, kind, step.to, round(step.after_hours), step.in_thread)


def _escalations(policy: Policy, kind: ClockKind) -> tuple[EscalationStep, ...]:
    if kind == ClockKind.RESPONSE:
        return policy.escalations
    return (EscalationStep(after_hours=24 * policy.feedback_escalation_days, to="manager"),)


def read_policy(body: dict[str, Any]) -> Policy:
    """A stored policy version. Raises pydantic.ValidationError if it is not one."""
    return Policy.model_validate(body, strict=False)


def parts(history: Sequence[Event], names: dict[str, str], calendar: Calendar, start: datetime, end: datetime) -> Parts:
    """Split the time from `start` to `end` by who had the MQL, by pauses, and by whether it counted.

    Open time is paused, or belongs to the owner of that moment, or to nobody; the rest is off duty. The parts sum to
    the whole, because off duty is what is left.
    """
    held: dict[str | None, timedelta] = {}
    owner, paused, since = None, False, start
    paused_time = timedelta(0)
    # By their true time: what happened while the bot was away is written down later.
    for event in [*sorted(history, key=lambda one: one.at), None]:
        if event is not None and event.type not in _TURNS:
            continue
        until = end if event is None else min(max(event.at, since), end)
        spent = calendar.open_between(since, until)
        if paused:
            paused_time += spent
        else:
            held[owner] = held.get(owner, timedelta(0)) + spent
        since = until
        if event is not None and event.type in (EventType.PAUSED, EventType.RESUMED):
            paused = event.type == EventType.PAUSED
        elif event is not None:
            owner = event.after
    unassigned = held.pop(None, timedelta(0))
    total = max(end - start, timedelta(0))
    owners = tuple((names.get(user or "", user or ""), span) for user, span in held.items())
    off_duty = total - unassigned - paused_time - sum(held.values(), timedelta(0))
    return Parts(total, unassigned, off_duty, owners, paused_time)


# After these the time belongs to somebody else, or to nobody.
_TURNS = (EventType.ASSIGNED, EventType.UNASSIGNED, EventType.PAUSED, EventType.RESUMED)
