"""Days as people type them, in Japanese and English alike: 明日, 12/5, 来週月曜, 12/5-12/9, 午前休, Dec 5. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

A_DAY, A_WEEK = timedelta(days=1), timedelta(weeks=1)
FARTHEST = timedelta(days=366)
"""So far ahead a day may lie."""


class Halves(NamedTuple):
    """How a day is halved for whoever has one half of it off."""

    morning_ends: time
    """Whoever has the morning off is back then."""
    afternoon_begins: time
    """Whoever has the afternoon off leaves then."""


NOON = Halves(time(13), time(12))
"""For whoever has no hours of their own: lunch belongs to both halves."""
_EARLIEST, _LATEST = time(10), time(17)
"""Between these a working day has its middle, whoever works when."""


class DayPart(StrEnum):
    """A half of a day."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


@dataclass(frozen=True)
class Days:
    """Days in a row, the last one included, or half of a single one."""

    first: date
    last: date
    part: DayPart | None = None

    def span(self, timezone: str, halves: Halves = NOON) -> tuple[datetime, datetime]:
        """Return when they begin, and the first moment after them. `halves`: how their day is halved."""
        begins = halves.afternoon_begins if self.part == DayPart.AFTERNOON else time()
        last, ends = (self.last, halves.morning_ends) if self.part == DayPart.MORNING else (self.last + A_DAY, time())
        zone = ZoneInfo(timezone)
        moments = (datetime.combine(day, at, zone) for day, at in ((self.first, begins), (last, ends)))
        begin, end = (moment.astimezone(UTC) for moment in moments)
        return begin, end

    @classmethod
    def of(cls, begins: datetime, ends: datetime, timezone: str) -> Days:
        """Return the days of an absence: a half where it ends or begins in the middle of a day, else whole days."""
        zone = ZoneInfo(timezone)
        local, back = begins.astimezone(zone), ends.astimezone(zone)
        if local.date() == back.date() and _EARLIEST <= back.time() <= _LATEST and local.time() < _EARLIEST:
            return cls(local.date(), local.date(), DayPart.MORNING)
        last = (back - timedelta(microseconds=1)).date()
        whole = local.date() != last or not _EARLIEST < local.time() <= _LATEST or back.time() != time()
        return cls(local.date(), last, None if whole else DayPart.AFTERNOON)


def parse(text: str, now: datetime) -> Days | None:
    """Return the days that somebody has typed; nothing but spaces: today. `now` is local time. A day without a year is
    the next of its kind; one that names its week lies in it. None for anything else, and for what is over or more than
    a year ahead."""
    words = _tidied(text)
    words, part = _without_part(words)
    days = _days(words, now.date())
    if days is None:
        return None
    if part is not None and not words and part == DayPart.MORNING and now.time() >= NOON.morning_ends:
        days = Days(days.first + A_DAY, days.last + A_DAY)
    if part is not None and days.first != days.last:
        return None
    over = days.last < now.date() or days.first < now.date()
    return None if over or days.last > now.date() + FARTHEST else replace(days, part=part)


_PARTS = {
    DayPart.MORNING: re.compile(r"午前(半)?(休み?)?|\b(in the )?morning( off)?\b|\bam( off)?\b"),
    DayPart.AFTERNOON: re.compile(r"午後(半)?(休み?)?|\b(in the )?afternoon( off)?\b|\bpm( off)?\b"),
}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NOISE = re.compile(r"\([月火水木金土日]\)|\b(on|from|the|off|and)\b|[,、。.!]|いっぱい|終日")
_BETWEEN = re.compile(r"\s*(?:[-~〜–—―−]|から|\bto\b|\buntil\b|\btill\b|\bthrough\b)\s*")
_UNTIL = re.compile(r"(?:\b(?:until|till|through)\b|^[-~〜])\s*(.+)|(.+?)\s*まで")
_WEEKDAYS_JA = "月火水木金土日"
_WEEKDAYS_EN = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAY = re.compile(
    r"(?P<week>今週|来週|再来週|this|next)?\s*の?\s*"
    r"(?:(?P<ja>[月火水木金土日])曜?日?|(?P<en>mon|tue|wed|thu|fri|sat|sun)[a-z]*)"
)
_DATES = (
    re.compile(r"(?:(?P<y>\d{4})[/年.])?(?P<m>\d{1,2})[/月.](?P<d>\d{1,2})日?"),
    re.compile(r"(?P<name>[a-z]{3})[a-z]* (?P<d>\d{1,2})(?:st|nd|rd|th)?(?: (?P<y>\d{4}))?"),
    re.compile(r"(?P<d>\d{1,2})(?:st|nd|rd|th)? (?P<name>[a-z]{3})[a-z]*(?: (?P<y>\d{4}))?"),
)
_DAY_ONLY = re.compile(r"(?P<d>\d{1,2})(?:日|st|nd|rd|th)?")
_NEAR = {
    **dict.fromkeys(("", "今日", "本日", "きょう", "today"), 0),
    **dict.fromkeys(("明日", "あした", "あす", "tomorrow"), 1),
    **dict.fromkeys(("明後日", "あさって", "day after tomorrow"), 2),
}
_WEEKS = {
    **dict.fromkeys(("今週", "this week", "rest of this week", "rest of week"), 0),
    **dict.fromkeys(("来週", "next week"), 1),
    **dict.fromkeys(("再来週",), 2),
}


def _tidied(text: str) -> str:
    narrow = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    slashed = _ISO.sub(r"\1/\2/\3", narrow)
    return " ".join(_NOISE.sub(" ", slashed).split())


def _without_part(words: str) -> tuple[str, DayPart | None]:
    for part, pattern in _PARTS.items():
        if pattern.search(words):
            left = " ".join(pattern.sub(" ", words, count=1).split())
            return left.removesuffix("の").strip(), part
    return words, None


def _days(words: str, today: date) -> Days | None:
    if words in _WEEKS:
        monday = today - today.weekday() * A_DAY + _WEEKS[words] * A_WEEK
        return Days(max(monday, today), monday + 6 * A_DAY)
    if (single := _day(words, today)) is not None:
        return Days(single, single)
    for first, last in _pairs(words):
        begins = _day(first, today) if first is not None else today
        if begins is None:
            continue
        ends = _end(last, begins, today)
        if ends is not None and begins <= ends:
            return Days(begins, ends)
    return None


def _pairs(words: str) -> Iterator[tuple[str | None, str]]:
    """Yield every way to read the words as a first and a last day; None: today."""
    if until := _UNTIL.fullmatch(words):
        end = until[1] or until[2]
        yield None, end
        words = end
    for between in _BETWEEN.finditer(words):
        first, last = words[: between.start()].strip(), words[between.end() :].removesuffix("まで").strip()
        if first and last:
            yield first, last


def _end(words: str, begins: date, today: date) -> date | None:
    """Return the last day of a range: after its first, in whose month a bare number lies."""
    if bare := _DAY_ONLY.fullmatch(words):
        return _date(begins.year, begins.month, int(bare["d"]))
    if words in _WEEKS:
        return today - today.weekday() * A_DAY + _WEEKS[words] * A_WEEK + 6 * A_DAY
    return _day(words, begins) or _day(words, today)


def _day(words: str, today: date) -> date | None:
    if words in _NEAR:
        return today + _NEAR[words] * A_DAY
    if matched := _WEEKDAY.fullmatch(words):
        return _weekday(matched, today)
    for pattern in _DATES:
        if matched := pattern.fullmatch(words):
            return _dated(matched, today)
    bare = _DAY_ONLY.fullmatch(words) if words.endswith(("日", "st", "nd", "rd", "th")) else None
    return _next(today, [(month.year, month.month, int(bare["d"])) for month in _months(today)]) if bare else None


def _weekday(matched: re.Match[str], today: date) -> date | None:
    wanted = _WEEKDAYS_JA.index(matched["ja"]) if matched["ja"] else _WEEKDAYS_EN.index(matched["en"])
    weeks = {"今週": 0, "this": 0, "来週": 1, "next": 1, "再来週": 2}.get(matched["week"] or "")
    if weeks is None:
        return today + ((wanted - today.weekday() - 1) % 7 + 1) * A_DAY
    day = today + (wanted - today.weekday()) * A_DAY + weeks * A_WEEK
    return day if day >= today else None


def _dated(matched: re.Match[str], today: date) -> date | None:
    known = matched.groupdict()
    name = known.get("name")
    if name is not None and name not in _MONTHS:
        return None
    month, day = (_MONTHS.index(name) + 1) if name else int(known["m"]), int(known["d"])
    if known.get("y"):
        return _date(int(known["y"]), month, day)
    return _next(today, [(year, month, day) for year in (today.year, today.year + 1)])


def _months(today: date) -> list[date]:
    """Return the first of this month and of the next three, in one of which there is every day."""
    firsts = [today.replace(day=1)]
    for _ in range(3):
        firsts.append((firsts[-1] + 31 * A_DAY).replace(day=1))
    return firsts


def _next(today: date, wanted: list[tuple[int, int, int]]) -> date | None:
    days = (_date(*parts) for parts in wanted)
    return next((day for day in days if day is not None and day >= today), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
