"""What a company writes down about its working time: the stored body of a calendar. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from bot.core.sla import holidays
from bot.core.sla.holidays import Pinned
from storage.vocabulary import CalendarKind

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
MONDAY_TO_FRIDAY = WEEKDAYS[:5]
OFFICE_HOURS = ("09:00-18:00",)
WHOLE_DAY = ("00:00-24:00",)

MINUTES_A_DAY = 24 * 60
YEARS = range(2000, 2200)
LONGEST_CLOSED = 366
# Weekdays and holidays come round every year, so one year tells whether they leave anything open.
ANY_DAY = date(2026, 1, 1)


def _block(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)", text):
        message = 'write a block of hours as "09:00-18:00", not "{given}"; "22:00-06:00" ends on the next day'
        raise PydanticCustomError("not_a_block", message, {"given": text})
    return text


def _blocks(blocks: tuple[str, ...]) -> tuple[str, ...]:
    if not blocks:
        raise PydanticCustomError("no_blocks", "name at least one block of hours, or leave the day out")
    return blocks


def _date(value: object) -> object:
    """Only dates and their text: pydantic would take a number for seconds since 1970."""
    plain = isinstance(value, date) and not isinstance(value, datetime)
    if plain or (isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)):
        return value
    raise PydanticCustomError("not_a_date", "write a date as YYYY-MM-DD, not {given}", {"given": str(value)})


def _in_our_time(day: date) -> date:
    if day.year not in YEARS:
        values = {"given": str(day), "first": YEARS[0], "last": YEARS[-1]}
        raise PydanticCustomError("not_our_time", "{given} does not lie between {first} and {last}", values)
    return day


def _code(text: str) -> str:
    if not holidays.is_known(text):
        message = 'no holidays are known for "{given}": write a country such as JP or a part of one such as US-CA'
        raise PydanticCustomError("not_a_holiday_country", message, {"given": text})
    return text


Day = Annotated[date, BeforeValidator(_date), AfterValidator(_in_our_time)]
Blocks = Annotated[tuple[Annotated[str, AfterValidator(_block)], ...], AfterValidator(_blocks)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=75)]


class ClosedWhy(StrEnum):
    """Why a moment is not open."""

    OUTSIDE_HOURS = "outside_hours"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    CLOSURE = "closure"


@dataclass(frozen=True)
class Closed:
    """The reason of a closed moment. `name` is that of the holiday or closure, if it has one."""

    why: ClosedWhy
    name: str | None = None


class Closure(BaseModel):
    """Days on which the company is closed, the last one included. A plain date is a closure of one day. With
    `each_year` the same days of the month close in every year from that of `first` on."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)

    first: Day
    last: Day
    name: Label | None = None
    each_year: bool = False

    @model_validator(mode="before")
    @classmethod
    def _may_be_a_date(cls, value: Any) -> Any:
        if isinstance(value, str | date):
            return {"first": value, "last": value}
        if isinstance(value, dict) and "first" in value:
            return {"last": value["first"], **value}
        return value

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.last < self.first:
            values = {"first": str(self.first), "last": str(self.last)}
            raise PydanticCustomError("ends_before_it_begins", "the closure of {first} ends before it: {last}", values)
        if self.each_year and self.last - self.first >= timedelta(days=364):
            values = {"first": str(self.first), "last": str(self.last)}
            message = "a closure that comes round each year is shorter than a year: {first} to {last}"
            raise PydanticCustomError("closed_all_year", message, values)
        return self

    def covers(self, day: date) -> bool:
        """Return whether the company is closed on a day."""
        if not self.each_year or day < self.first:
            return self.first <= day <= self.last
        first, last, at = ((moment.month, moment.day) for moment in (self.first, self.last, day))
        return first <= at <= last if first <= last else at >= first or at <= last


class CalendarRules(BaseModel):
    """When a company works, in local time of a timezone that is named elsewhere.

    A block is "HH:MM-HH:MM"; one whose end is not after its start lasts into the next day and belongs to the day on
    which it starts. Blocks may overlap and count once. Of the words about one day the first of these counts: extra
    day, closure, holiday, not a working day, half day, the weekday's hours.

    `working_days` are Monday to Friday, or the days that have `hours`; `hours` are 09:00-18:00 on each of them. Where
    they are None that default holds: leave None out of TOML. Raises pydantic.ValidationError for rules that contradict
    themselves or leave nothing open for over a year.

    `day_hours` is the open time of a day of `feedback_days` and the like, where the calendar has opening hours; None: a
    working day. With any other calendar a day is 24 hours of open time.
    """

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)

    kind: CalendarKind
    working_days: tuple[Weekday, ...] | None = None
    hours: dict[Weekday, Blocks] | None = None
    holidays: Annotated[str, AfterValidator(_code)] | None = None
    closures: tuple[Closure, ...] = ()
    half_days: dict[Day, Blocks] = {}
    extra_days: dict[Day, Blocks] = {}
    day_hours: Annotated[float, Field(gt=0, le=24)] | None = None

    def __hash__(self) -> int:
        """Rules are a cache's key, and dicts have no hash of their own."""
        days = (frozenset((table or {}).items()) for table in (self.hours, self.half_days, self.extra_days))
        return hash((self.kind, self.working_days, self.holidays, self.closures, self.day_hours, *days))

    @field_validator("working_days")
    @classmethod
    def _are_days_of_the_week(cls, days: tuple[Weekday, ...] | None) -> tuple[Weekday, ...] | None:
        if days is None:
            return None
        if not days:
            raise PydanticCustomError("no_working_days", "working_days names no day, so nothing would ever be open")
        return tuple(day for day in WEEKDAYS if day in days)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        for code, message, values in (*self._contradictions(), *self._contradicting_days()):
            raise PydanticCustomError(code, message, values)
        for start in (ANY_DAY, *(closure.first for closure in self.closures)):
            if not any(self.blocks_on(start + timedelta(days=days)) for days in range(LONGEST_CLOSED)):
                message = "nothing is open for a year from {start} on, so no deadline could be met"
                raise PydanticCustomError("nothing_open", message, {"start": str(start)})
        return self

    def _contradictions(self) -> Iterator[tuple[Any, Any, dict[str, object]]]:
        given = [name for name in type(self).model_fields if name != "kind" and getattr(self, name)]
        if self.kind == CalendarKind.ALWAYS and given:
            message = "an always calendar counts every minute of every day: leave out {keys}"
            yield "always_with_rules", message, {"keys": ", ".join(given)}
        if self.kind == CalendarKind.BUSINESS_DAYS and self.hours is not None:
            message = "business_days counts whole days: leave out hours, or choose business_hours"
            yield "days_with_hours", message, {}
        if self.kind == CalendarKind.BUSINESS_DAYS and self.day_hours is not None:
            yield "whole_days", "business_days counts whole days: leave out day_hours", {}
        if self.hours is not None and not self.hours:
            yield "no_hours", "hours names no day, so nothing would ever be open", {}
        for day in WEEKDAYS:
            if self.hours is None or self.working_days is None or (day in self.hours) == (day in self.working_days):
                continue
            message = "{day} is only in one of working_days and hours"
            yield "half_working_day", message, {"day": day}

    def _contradicting_days(self) -> Iterator[tuple[Any, Any, dict[str, object]]]:
        for day in self.half_days:
            closed = next((closure for closure in self.closures if closure.covers(day)), None)
            if day in self.extra_days:
                yield "half_and_extra", "{day} is both a half day and an extra day", {"day": str(day)}
            elif closed or day.weekday() not in self._week:
                message = "{day} is closed anyway, so it cannot be a half day: make it an extra day"
                yield "half_of_nothing", message, {"day": str(day)}

    @property
    def counts_working_days(self) -> bool:
        """Whether a day of `feedback_days` and the like is a working day, however long that is."""
        return self.kind == CalendarKind.BUSINESS_HOURS and self.day_hours is None

    @property
    def weekdays(self) -> tuple[Weekday, ...]:
        """The days of the week that are worked."""
        return tuple(WEEKDAYS[day] for day in sorted(self._week))

    @cached_property
    def day(self) -> timedelta:
        """The open time of a day of `feedback_days` and the like. A working day is the open time of a week, by the
        number of days that are worked: where all are as long, so many days later it is the same time of day."""
        if not self.counts_working_days:
            return timedelta(hours=self.day_hours or 24)
        blocks = [
            (weekday * MINUTES_A_DAY + start, weekday * MINUTES_A_DAY + end)
            for weekday, named in self._week.items()
            for start, end in map(minutes, named)
        ]
        a_week = 7 * MINUTES_A_DAY
        open_minutes = {minute % a_week for start, end in blocks for minute in range(start, end)}
        return timedelta(minutes=len(open_minutes)) / len(self._week)

    @cached_property
    def _week(self) -> dict[int, tuple[str, ...]]:
        """The blocks of the weekdays that are worked, Monday being 0."""
        if self.kind == CalendarKind.ALWAYS:
            return dict.fromkeys(range(7), WHOLE_DAY)
        if self.hours is not None:
            return {WEEKDAYS.index(day): blocks for day, blocks in self.hours.items()}
        blocks = WHOLE_DAY if self.kind == CalendarKind.BUSINESS_DAYS else OFFICE_HOURS
        return {WEEKDAYS.index(day): blocks for day in self.working_days or MONDAY_TO_FRIDAY}

    def blocks_on(self, day: date, pinned: Pinned | None = None) -> tuple[str, ...]:
        """Return the blocks that start on a day; none where it is off. `pinned`: the holidays to go by, in its
        years."""
        if day in self.extra_days:
            return self.extra_days[day]
        if self.day_off(day, pinned=pinned):
            return ()
        return self.half_days.get(day) or self._week[day.weekday()]

    def day_off(self, day: date, language: str | None = None, pinned: Pinned | None = None) -> Closed | None:
        """Return why nothing opens on a day, or None. A holiday is named in `language` ("ja", "en") where that is
        known."""
        if day in self.extra_days:
            return None
        for closure in self.closures:
            if closure.covers(day):
                return Closed(ClosedWhy.CLOSURE, closure.name)
        if self.holidays and self._is_holiday(day, pinned):
            return Closed(ClosedWhy.HOLIDAY, holidays.in_year(self.holidays, day.year, language).get(day))
        return None if day.weekday() in self._week else Closed(ClosedWhy.WEEKEND)

    def _is_holiday(self, day: date, pinned: Pinned | None) -> bool:
        if pinned is not None and pinned.first <= day.year <= pinned.last:
            return day in pinned.days
        return self.holidays is not None and day in holidays.in_year(self.holidays, day.year)


@lru_cache(maxsize=4096)
def minutes(block: str) -> tuple[int, int]:
    """Start and end of a block in minutes of local time from midnight: up to 1439, and up to 2879 on the next day."""
    starts, ends = (60 * int(text[:2]) + int(text[3:]) for text in block.split("-"))
    return starts, ends if ends > starts else ends + MINUTES_A_DAY
