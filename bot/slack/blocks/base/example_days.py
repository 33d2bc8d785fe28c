"""Examples of what to type, from the clock: days that lie ahead, weeks and months that are over."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.base import period_words
from bot.core.reports import monthly
from bot.i18n import Translator

A_DAY, A_WEEK = timedelta(days=1), timedelta(weeks=1)
WORKING_DAYS = 5


def example_days(t: Translator, now: datetime) -> dict[str, str]:
    """Return what a sentence may name as an example: `example_day`, next week's Monday; `example_days`, Monday to
    Friday of that week; `example_week` and `example_month`, the last ones that are over. Each can be typed as it
    stands."""
    today = t.local_date(now)
    monday = today - today.weekday() * A_DAY + A_WEEK
    friday = monday + (WORKING_DAYS - 1) * A_DAY
    return {
        "example_day": t.short_day(monday),
        "example_days": f"{t.short_day(monday)}-{t.short_day(friday)}",
        "example_week": period_words.iso_week(today - A_WEEK),
        "example_month": monthly.period_of(today.replace(day=1) - A_DAY),
    }
