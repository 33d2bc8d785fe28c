"""Weeks and months as people type them, in Japanese and English alike: 先週, 2026-47, 2026/10, 10月, October. Pure."""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.core.base.typed import narrow

_WEEKS_BACK = {"this week": 0, "今週": 0, "last week": 1, "先週": 1, "先々週": 2, "week before last": 2}
_MONTHS_BACK = {"this month": 0, "今月": 0, "last month": 1, "先月": 1, "先々月": 2, "month before last": 2}
_FIRST_HALF = ("january", "february", "march", "april", "may", "june")
_MONTHS = (*_FIRST_HALF, "july", "august", "september", "october", "november", "december")
_WEEK = re.compile(r"(?:(\d{4})[-/ ]?)?(?:w|week |kw ?|第)(\d{1,2})週?|(\d{4})[-/](\d{2})|(\d{1,2})週")
_MONTH = re.compile(r"(?:(\d{4})[-/ ]|(\d{4})年)?(\d{1,2})月?(?:度|分)?")
_NAMED_MONTH = re.compile(r"([a-z]{3,9})\.?(?: (\d{4}))?")


def iso_week(day: date) -> str:
    """Return the ISO week that a day lies in, as 2026-W47."""
    iso = day.isocalendar()
    return f"{iso.year}-W{iso.week:02}"


def week(text: str, today: date) -> str | None:
    """Return the ISO week that was typed, such as 2026-W47; None for anything else. `today` is a local date.

    A number alone is none. A week without a year is the newest of its number that has begun. Weeks are numbered by
    ISO 8601: whether the year has one of that number is for the reader to say (`reports.weekly.week_of`)."""
    typed = _tidied(text)
    if typed in _WEEKS_BACK:
        return iso_week(today - timedelta(weeks=_WEEKS_BACK[typed]))
    matched = _WEEK.fullmatch(typed)
    if matched is None:
        return None
    year, number = matched[1] or matched[3], int(matched[2] or matched[4] or matched[5])
    this_year, this_week, _ = today.isocalendar()
    return f"{year or this_year - (number > this_week)}-W{number:02}"


def month(text: str, today: date) -> str | None:
    """Return the month that was typed, such as 2026-10; None for anything else. `today` is a local date.

    A month without a year is the newest of its name that has begun."""
    typed = _tidied(text)
    if typed in _MONTHS_BACK:
        months = today.year * 12 + today.month - 1 - _MONTHS_BACK[typed]
        return f"{months // 12}-{months % 12 + 1:02}"
    if (matched := _MONTH.fullmatch(typed)) and 1 <= int(matched[3]) <= 12:
        return _begun(matched[1] or matched[2], int(matched[3]), today)
    if (matched := _NAMED_MONTH.fullmatch(typed)) and (number := _numbered(matched[1])):
        return _begun(matched[2], number, today)
    return None


def either(text: str, today: date) -> tuple[str, str] | None:
    """Return which report was meant and its period; None where what was typed is neither a week nor a month.

    2026-10 alone is the month: whoever means the week of that number writes its W."""
    if period := month(text, today):
        return "monthly", period
    period = week(text, today)
    return ("weekly", period) if period else None


def _begun(year: str | None, number: int, today: date) -> str:
    return f"{year or today.year - (number > today.month)}-{number:02}"


def _numbered(name: str) -> int | None:
    """Return the number of a month by its English name, or by at least three letters of it."""
    return next((number for number, month in enumerate(_MONTHS, 1) if month.startswith(name)), None)


def _tidied(text: str) -> str:
    return " ".join(narrow(text).lower().split()).removesuffix("の")
