"""The bot's clock. Read at the edges only; everything else is given `now`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_ahead = timedelta(0)


def utcnow() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC) + _ahead


def advance(by: timedelta) -> datetime:
    """Let the playground's time jump ahead and return the new now. Raises ValueError for a jump back in time."""
    global _ahead  # noqa: PLW0603 - one clock per process is what a clock is
    if by < timedelta(0):
        raise ValueError("time does not go back")
    _ahead += by
    return utcnow()


def set_to(moment: datetime) -> None:
    """Let the clock show this moment and go on from there: for the playground, whose story has a date of its own."""
    global _ahead  # noqa: PLW0603 - as above
    _ahead = moment - datetime.now(UTC)


def day_in(timezone: str, at: datetime) -> date:
    """Return the day that a moment lies in for whoever lives in a timezone."""
    return at.astimezone(ZoneInfo(timezone)).date()


def midnight(timezone: str, day: date) -> datetime:
    """Return when a day begins in a timezone."""
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)


def week_start(timezone: str, at: datetime) -> datetime:
    """Return the Monday, 00:00 in a timezone, of the week that a moment lies in."""
    day = day_in(timezone, at)
    return midnight(timezone, day - timedelta(days=day.weekday()))
