"""The days that one tap chooses instead of a date: tomorrow, Monday, in a week. The words are `day.<preset>`."""

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


def distinct(today: date) -> dict[str, date]:
    """Return the days of all presets, without one that another names already."""
    days: dict[str, date] = {}
    for word, day_of in PRESETS.items():
        if day_of(today) not in days.values():
            days[word] = day_of(today)
    return days
