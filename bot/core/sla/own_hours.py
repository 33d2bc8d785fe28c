"""When one person works, where that differs from the team: their hours by weekday, and their timezone. Pure.

Days off (holidays, closures) are the team's. Half a day is half of the person's own hours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from bot.core.base.day_words import NOON, Halves
from bot.core.sla.calendar import Calendar
from bot.core.sla.calendar_rules import MINUTES_A_DAY, MONDAY_TO_FRIDAY, WEEKDAYS, Blocks, CalendarRules, minutes
from bot.core.sla.checkpoints import Agreement
from storage.models import Member
from storage.vocabulary import CalendarKind

EVERY = "every"
"""The key of the hours of each working day that is not named."""
Week = Mapping[str, tuple[str, ...]]


def _by_weekday(written: object) -> object:
    """Return a bare list of blocks as the hours of each working day, and lists of TOML as what they mean."""
    week = {EVERY: written} if isinstance(written, list | tuple) else written
    if not isinstance(week, dict):
        return week
    return {day: tuple(blocks) if isinstance(blocks, list) else blocks for day, blocks in week.items()}


def _known_days(week: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    if not week:
        raise PydanticCustomError("no_hours", "hours names no day, so nothing would ever be open")
    for day in week:
        if day not in (EVERY, *WEEKDAYS):
            raise PydanticCustomError("not_a_weekday", "{given} is no day of the week", {"given": day})
    return week


WrittenWeek = Annotated[dict[str, Blocks], BeforeValidator(_by_weekday), AfterValidator(_known_days)]
"""What a team file says of somebody's hours. Raises pydantic.ValidationError."""


@dataclass(frozen=True)
class OwnHours:
    """The hours of one person. `week` None: those of the team."""

    timezone: str
    week: Week | None = None

    @classmethod
    def of(cls, member: Member | None, timezone: str) -> OwnHours:
        """Return the hours of a member; those of the team for nobody. `timezone`: the team's."""
        if member is None:
            return cls(timezone)
        week = {day: tuple(blocks) for day, blocks in member.hours.items()} if member.hours else None
        return cls(member.timezone or timezone, week)

    def halves(self, day: date) -> Halves:
        """Return when a morning off ends and an afternoon off begins: at 13:00 and 12:00 for whoever has no hours of
        their own; else between the first and the last block of the day, and in the middle of a single one."""
        weekday = WEEKDAYS[day.weekday()]
        blocks = (self.week.get(weekday) or self.week.get(EVERY)) if self.week else None
        if not blocks:
            return NOON
        spans = sorted(map(minutes, blocks))
        if len(spans) > 1:
            return Halves(_time(spans[-1][0]), _time(spans[0][1]))
        middle = _time(sum(spans[0]) // 2)
        return Halves(middle, middle)

    def calendar(self, team: Calendar) -> Calendar:
        """Return the open time of this person: their hours on the team's working days. The same calendar where nothing
        differs."""
        if self.week is None:
            return team if self.timezone == team.timezone else replace(team, timezone=self.timezone)
        rules = _rules(team.rules, json.dumps(dict(self.week), sort_keys=True))
        return Calendar(rules, self.timezone, team.pinned)

    def agreement(self, agreed: Agreement) -> Agreement:
        """Return what is agreed, on the calendar of this person."""
        calendar = self.calendar(agreed.calendar)
        return agreed if calendar is agreed.calendar else replace(agreed, calendar=calendar)

    def awake_at(self, agreed: Agreement, at: datetime) -> datetime:
        """Return when this person hears of what they have not asked for: not in the quiet hours where they are, and
        where there are quiet hours, in their own hours alone."""
        own = self.agreement(agreed)
        awake = own.awake_at(at)
        return awake if self.week is None or own.terms.quiet is None else own.calendar.next_opening(awake)


def awake_of(agreed: Agreement, person: Member | str | None, at: datetime) -> datetime:
    """Return when somebody hears of what they have not asked for; who goes by an id alone, or is nobody, as the
    team."""
    member = None if isinstance(person, str) else person
    return OwnHours.of(member, agreed.calendar.timezone).awake_at(agreed, at)


def _time(of_day: int) -> time:
    hours, rest = divmod(of_day % MINUTES_A_DAY, 60)
    return time(hours, rest)


@lru_cache(maxsize=256)
def _rules(team: CalendarRules, week: str) -> CalendarRules:
    written: dict[str, Any] = json.loads(week)
    worked = MONDAY_TO_FRIDAY if team.kind == CalendarKind.ALWAYS else team.weekdays
    every = dict.fromkeys(worked, written[EVERY]) if EVERY in written else {}
    hours = {day: blocks for day, blocks in (every | written).items() if day != EVERY}
    half_days = {
        day: blocks
        for day, blocks in team.half_days.items()
        if WEEKDAYS[day.weekday()] in hours and day not in team.extra_days
    }
    return CalendarRules(
        kind=CalendarKind.BUSINESS_HOURS,
        hours=hours,
        holidays=team.holidays,
        closures=team.closures,
        half_days=half_days,
        extra_days=team.extra_days,
    )
