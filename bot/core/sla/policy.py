"""The SLA policy: what marketing and sales have agreed, as numbers. Pure.

A policy is one set of terms, and tiers that replace some of them for some MQLs: hot ones within an hour, say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal, Self, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    StringConstraints,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from bot.core.sla.calendar import Calendar
from bot.core.sla.calendar_rules import WEEKDAYS, CalendarRules, Weekday
from bot.core.sla.holidays import Pinned
from storage.models import Mql
from storage.vocabulary import CalendarKind, ClockKind

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1)}

PINNED_YEARS = 5
"""No clock runs longer; later years are looked up."""

LEVELS = ("manager", "head", "peers")
TARGET = r"[UWCGS][A-Z0-9]+|#[^\s#]{1,80}|@[^\s@]{1,80}|[^\s@]+@[^\s@]+\.[^\s@]+"


def _time_of_day(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise PydanticCustomError("not_a_time", "write a time of day as 20:00, not {given}", {"given": text})
    return text


def _target(text: str) -> str:
    if text not in LEVELS and not re.fullmatch(TARGET, text):
        raise PydanticCustomError("not_a_target", "{given} names nobody", {"given": text})
    return text


def _reminder(value: object) -> object:
    """Return a share of the time allowed, or a span of open time after the start."""
    number = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1
    if number or (isinstance(value, str) and re.fullmatch(r"[1-9]\d{0,3}[mhd]", value)):
        return value
    message = "write a reminder as a share such as 0.5, or as open time such as 30m, 4h or 2d, not {given}"
    raise PydanticCustomError("not_a_reminder", message, {"given": str(value)})


Target = Annotated[str, AfterValidator(_target)]
Action = Literal["tell", "reassign", "hand_over"]
ResponseCounts = Literal["accepted", "contacted"]
OnReassign = Literal["continue", "restart"]
ResponseCalendar = Literal["team", "owner"]
Hours = Annotated[float, Field(gt=0, le=24 * 90)]
Reminder = Annotated[float | str, BeforeValidator(_reminder)]
TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


def offset(reminder: float | str, target: timedelta, day: timedelta) -> timedelta:
    """Return the open time after which a reminder is due, where `target` is the time allowed and `day` that of a
    day."""
    if isinstance(reminder, str):
        return int(reminder[:-1]) * (UNITS | {"d": day})[reminder[-1]]
    return target * reminder


@dataclass(frozen=True)
class Contradiction:
    """Why a policy cannot hold: the key that is at fault, a code, and what to say in English."""

    path: tuple[str | int, ...]
    code: str
    message: str
    values: dict[str, object]


def _early(path: tuple[str | int, ...], given: float, deadline: str, limit: float) -> Contradiction:
    values = {"given": f"{given:g}", "deadline": deadline, "limit": f"{limit:g}"}
    return Contradiction(path, "before_deadline", "{given} comes before {deadline} ({limit})", {**values})


class _Table(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, strict=True)


class EscalationStep(_Table):
    """What to do when nobody has answered for so many hours of open time.

    `to` is whom it is told: the owner's manager, the head, the owner's peers (who may then take it), or a user, user
    group or Slack channel by id. `do` tells them only, or also gives the MQL to the next rep in turn (reassign), or
    to the very person of `to` (hand_over). A step with `repeat_hours` comes again that often, `repeat_times` times.
    """

    after_hours: Hours
    to: Target
    do: Action = "tell"
    in_thread: bool = False
    repeat_hours: Hours | None = None
    repeat_times: Annotated[int, Field(ge=1, le=20)] | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if (self.repeat_hours is None) != (self.repeat_times is None):
            raise PydanticCustomError("half_a_repeat", "a step that repeats needs repeat_hours and repeat_times")
        people = self.to in ("manager", "head") or self.to[0] in "UW" or re.fullmatch(r"[^@\s]+@\S+", self.to)
        if self.do == "hand_over" and not people:
            raise PydanticCustomError(
                "hands_to_nobody", "only a person can take an MQL over, not {to}", {"to": self.to}
            )
        if self.do == "hand_over" and self.repeat_hours is not None:
            raise PydanticCustomError("hands_over_twice", "a step that hands over cannot repeat")
        if self.do == "reassign" and self.to == "peers":
            message = "a step that reassigns chooses the next rep by itself: let it tell the manager or the head"
            raise PydanticCustomError("reassigns_to_peers", message)
        return self

    def offsets(self) -> Iterator[timedelta]:
        """Yield the open time after which the step comes, first and again."""
        for nth in range(1 + (self.repeat_times or 0)):
            yield timedelta(hours=self.after_hours + nth * (self.repeat_hours or 0))


class QuietHours(_Table):
    """When nobody is reminded, in the workspace's local time. An end that is not after the start is on the next day."""

    start: TimeOfDay
    end: TimeOfDay

    @model_validator(mode="after")
    def _leaves_some_day(self) -> Self:
        if self.start == self.end:
            raise PydanticCustomError("quiet_for_ever", "quiet hours that start when they end are never over")
        return self

    @property
    def length(self) -> timedelta:
        """How long they last."""
        start, end = (datetime.combine(date.min, time.fromisoformat(at)) for at in (self.start, self.end))
        return (end - start) % timedelta(days=1)

    def over_at(self, now: datetime, timezone: str) -> datetime:
        """`now`, or the end of the quiet hours that it lies in."""
        return _awake(self.start, self.end, timezone).next_opening(now)


@lru_cache(maxsize=256)
def _awake(start: str, end: str, timezone: str) -> Calendar:
    """Return the hours of each day that are no quiet hours."""
    awake: dict[Weekday, tuple[str, ...]] = {day: (f"{end}-{start}",) for day in WEEKDAYS}
    return Calendar(CalendarRules(kind=CalendarKind.BUSINESS_HOURS, hours=awake), timezone)


NIGHT = QuietHours(start="20:00", end="08:00")


def _or_none(written: object) -> object:
    """Return None for `false`, which says that there are no quiet hours: TOML knows no null."""
    return None if written is False else written


class TierRules(_Table):
    """Which MQLs belong to a tier. Every rule that is given must hold; words are compared without regard to case."""

    min_score: Annotated[int, Field(ge=0)] | None = None
    max_score: Annotated[int, Field(ge=0)] | None = None
    channels: tuple[Word, ...] = ()
    campaigns: tuple[Word, ...] = ()
    forms: tuple[Word, ...] = ()
    attributes: dict[Word, Annotated[tuple[Word, ...], Field(min_length=1)]] = {}

    @model_validator(mode="after")
    def _choose_something(self) -> Self:
        if not self.model_dump(exclude_defaults=True):
            raise PydanticCustomError("chooses_all", "a tier needs a rule: min_score, channels, forms, …")
        if self.min_score is not None and self.max_score is not None and self.max_score < self.min_score:
            raise PydanticCustomError("chooses_none", "max_score lies below min_score, so no MQL would ever match")
        return self

    def match(self, subject: Mql) -> bool:
        """Return whether an MQL belongs here. An unknown score matches no rule about scores."""
        if self.min_score is not None and (subject.score is None or subject.score < self.min_score):
            return False
        if self.max_score is not None and (subject.score is None or subject.score > self.max_score):
            return False
        words = [(self.channels, subject.channel), (self.campaigns, subject.campaign), (self.forms, subject.form)]
        words += [(wanted, subject.attributes.get(name)) for name, wanted in self.attributes.items()]
        return all(_is_one_of(value, wanted) for wanted, value in words if wanted)


def _is_one_of(value: JsonValue, wanted: tuple[str, ...]) -> bool:
    """Return whether a value, or one of several values, is a wanted word."""
    if isinstance(value, list):
        return any(_is_one_of(item, wanted) for item in value)
    return value is not None and str(value).strip().casefold() in {word.casefold() for word in wanted}


def _by_its_kind(written: object) -> object:
    """Return the table of a calendar, which without rules of its own may be written as the word for its kind."""
    return {"kind": written} if isinstance(written, str) else written


def _in_short(rules: CalendarRules) -> str | dict[str, Any]:
    written = rules.model_dump(mode="json", exclude_defaults=True)
    return str(rules.kind) if written.keys() == {"kind"} else written


class Terms(_Table):
    """What is agreed for an MQL. The defaults are the agreement that most teams begin with."""

    calendar: Annotated[CalendarRules, BeforeValidator(_by_its_kind), PlainSerializer(_in_short)] = CalendarRules(
        kind=CalendarKind.BUSINESS_DAYS
    )
    response: ResponseCounts = "accepted"
    response_calendar: ResponseCalendar = "team"
    response_hours: Hours = 24
    grace_minutes: Annotated[int, Field(ge=0, le=24 * 60)] = 0
    reminders: tuple[Reminder, ...] = (0.5, 0.8)
    escalations: tuple[EscalationStep, ...] = (
        EscalationStep(after_hours=24, to="manager"),
        EscalationStep(after_hours=48, to="head", in_thread=True),
    )
    on_reassign: OnReassign = "continue"
    restart_times: Annotated[int, Field(ge=0, le=20)] = 2
    pause_days: Annotated[int, Field(ge=0, le=90)] = 5
    feedback_days: Annotated[float, Field(gt=0, le=90)] = 5
    feedback_reminders: tuple[Reminder, ...] = (0.8, 1.0)
    feedback_escalation_days: Annotated[float, Field(gt=0, le=180)] = 6
    feedback_ask_again: bool = True
    quiet: Annotated[QuietHours | None, BeforeValidator(_or_none)] = NIGHT

    @property
    def grace(self) -> timedelta:
        """How long after a deadline an answer still counts as in time; what the breach would set off waits as long."""
        return timedelta(minutes=self.grace_minutes)

    @property
    def day(self) -> timedelta:
        """The open time of a day of these terms: a working day where the calendar has opening hours."""
        return self.calendar.day

    def target(self, kind: ClockKind) -> timedelta:
        """Return the open time that a clock of this kind allows."""
        return timedelta(hours=self.response_hours) if kind == ClockKind.RESPONSE else self.feedback_days * self.day

    def reminds(self, kind: ClockKind) -> tuple[float | str, ...]:
        """Return the reminders of a clock of this kind."""
        return self.reminders if kind == ClockKind.RESPONSE else self.feedback_reminders

    def steps(self, kind: ClockKind) -> tuple[EscalationStep, ...]:
        """Return the escalation steps of a clock of this kind."""
        if kind == ClockKind.RESPONSE:
            return self.escalations
        # Not validated: it may come later than a step of the response clock may.
        hours = self.feedback_escalation_days * self.day / timedelta(hours=1)
        return (EscalationStep.model_construct(after_hours=hours, to="manager"),)

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield what does not agree within these terms."""
        for index, step in enumerate(self.escalations):
            if step.after_hours < self.response_hours:
                path: tuple[str | int, ...] = ("escalations", index, "after_hours")
                yield _early(path, step.after_hours, "response_hours", self.response_hours)
        if self.feedback_escalation_days < self.feedback_days:
            path = ("feedback_escalation_days",)
            yield _early(path, self.feedback_escalation_days, "feedback_days", self.feedback_days)
        yield from self._reminders("reminders", ClockKind.RESPONSE)
        yield from self._reminders("feedback_reminders", ClockKind.FEEDBACK)
        seen: set[tuple[timedelta, str, str]] = set()
        for index, step in enumerate(self.escalations):
            mine = {(at, step.to, step.do) for at in step.offsets()}
            if mine & seen:
                message = "two escalation steps do the same at the same time"
                yield Contradiction(("escalations", index), "step_twice", message, {})
            seen |= mine

    def _reminders(self, key: str, kind: ClockKind) -> Iterator[Contradiction]:
        target = self.target(kind)
        seen: set[timedelta] = set()
        for index, reminder in enumerate(self.reminds(kind)):
            after = offset(reminder, target, self.day)
            values: dict[str, object] = {"given": reminder if isinstance(reminder, str) else f"{reminder:g}"}
            if after > target or (after == target and kind == ClockKind.RESPONSE):
                message = "the reminder {given} does not come before the deadline"
                yield Contradiction((key, index), "reminder_after_deadline", message, values)
            if after in seen:
                yield Contradiction((key, index), "reminder_twice", "the reminder {given} is there twice", values)
            seen.add(after)


class Tier(Terms):
    """Terms of their own for some MQLs. What a tier does not name is as in the policy around it."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    when: TierRules

    @model_serializer(mode="wrap")
    def _only_what_is_said(self, dump: Any) -> dict[str, Any]:
        return {key: value for key, value in dump(self).items() if key in self.model_fields_set}

    def over(self, terms: Terms) -> Terms:
        """`terms` with what this tier says instead."""
        own = self.model_fields_set & Terms.model_fields.keys()
        values = {key: getattr(self if key in own else terms, key) for key in Terms.model_fields}
        return Terms.model_construct(**values)


class PolicyTable(Terms):
    """The whole agreement as it is written: the terms, and the tiers that replace some of them."""

    tiers: tuple[Tier, ...] = ()

    def disagreements(self) -> Iterator[Contradiction]:
        """Yield everything that contradicts itself."""
        yield from self.contradictions()
        for index, tier in enumerate(self.tiers):
            earlier = self.tiers[:index]
            if tier.name in {contradiction.name for contradiction in earlier}:
                message, values = "two tiers are called {given}", {"given": tier.name}
                yield Contradiction(("tiers", index, "name"), "tier_twice", message, {**values})
            if tier.when in [contradiction.when for contradiction in earlier]:
                message, values = "the tier {given} is never reached: one before it has its rules", {"given": tier.name}
                yield Contradiction(("tiers", index, "when"), "tier_never", message, {**values})
            inherited = list(self.contradictions())
            for contradiction in tier.over(self).contradictions():
                if contradiction in inherited:
                    continue
                yield replace(contradiction, path=("tiers", index, *contradiction.path))


class Policy(PolicyTable):
    """An agreement that does not contradict itself. Of its tiers the first that matches counts."""

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        for contradiction in self.disagreements():
            raise PydanticCustomError(
                cast(Any, contradiction.code), cast(Any, contradiction.message), contradiction.values
            )
        return self

    def tier_of(self, subject: Mql) -> str | None:
        """Return the name of the first tier whose rules an MQL meets; None: the policy's own terms hold."""
        return next((tier.name for tier in self.tiers if tier.when.match(subject)), None)

    def terms(self, tier: str | None) -> Terms:
        """Return what holds in a tier of this policy version; None: outside of any."""
        return next((tier_rules.over(self) for tier_rules in self.tiers if tier_rules.name == tier), self)

    def pins(self, year: int) -> dict[str, Any]:
        """Return the public holidays that its calendars need, as known today, by country: a policy agreed in `year`
        keeps them, whatever an update of the library says."""
        codes = {terms.calendar.holidays for terms in (self, *(tier.over(self) for tier in self.tiers))}
        return {code: Pinned.of(code, year - 1, year + PINNED_YEARS).stored() for code in codes if code is not None}


def read_policy(body: Mapping[str, Any]) -> Policy:
    """Return a stored policy version. Raises pydantic.ValidationError if it is not one."""
    return Policy.model_validate(body, strict=False)
