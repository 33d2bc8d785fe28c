"""The response clock on the calendar of whoever has the MQL, where the policy says so (ADR 56).

A clock has legs: from each change of owner on it counts on the calendar of the new one, and what was counted before
stays counted. A leg holds the hours as they were when it began, so that a later team file moves no deadline in silence.
While nobody has the MQL it counts on the team's calendar.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.core.sla.calendar import Calendar, Leg, RelayCalendar
from bot.core.sla.own_hours import OwnHours

Legs = Sequence[dict[str, Any]]


def leg(own: OwnHours, since: datetime) -> dict[str, Any]:
    """Return a leg as it is stored."""
    week = None if own.week is None else {day: list(blocks) for day, blocks in own.week.items()}
    return {"since": since.isoformat(), "timezone": own.timezone, "week": week}


def relay(team: Calendar, legs: Legs) -> Calendar:
    """Return the calendar of a clock with these legs; the team's where it has none."""
    if not legs:
        return team
    return RelayCalendar(team.rules, team.timezone, team.pinned, legs=tuple(_read(team, stored) for stored in legs))


def _read(team: Calendar, stored: dict[str, Any]) -> Leg:
    week = stored["week"]
    own = OwnHours(stored["timezone"], week and {day: tuple(blocks) for day, blocks in week.items()})
    return Leg(datetime.fromisoformat(stored["since"]), own.calendar(team))
