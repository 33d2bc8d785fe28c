"""The days that one tap chooses instead of a date: tomorrow, Monday, in a week, each moved to a day on which the
workspace works. The words are `day.<preset>`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

PRESETS: dict[str, Callable[[date], date]] = {
    "tomorrow": lambda today: today + timedelta(days=1),
    "monday": lambda today: today + timedelta(days=7 - today.weekday()),
    "week": lambda today: today + timedelta(days=7),
}
"""Each by its word, counted from today; Monday is never today."""
OTHER_DAY = "other"
"""The choice of a date instead."""
Opens = Callable[[date], date]
"""Returns a day itself, or the first working day after it."""


def day_of(word: str, today: date, opens: Opens) -> date:
    """Return the working day that a preset means."""
    return opens(PRESETS[word](today))


def distinct(today: date, opens: Opens) -> dict[str, date]:
    """Return the days of all presets, without one that another names already."""
    days: dict[str, date] = {}
    for word in PRESETS:
        day = day_of(word, today, opens)
        if day not in days.values():
            days[word] = day
    return days
