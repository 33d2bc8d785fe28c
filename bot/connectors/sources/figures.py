"""Marketing's own figures as a tool or a script sends them: new leads and e-mails, by week and segment.

Unlike a lead, a wrong figure is answered with what is wrong, and nothing of its delivery is taken: whoever counts can
count again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bot.connectors.sources.base import MAX_ITEMS, Unsigned
from bot.connectors.sources.contract import Delivery, FiguresRead, Item, Reply, Unreadable
from bot.core.reports.nurturing import NAMES
from bot.core.reports.nurturing_delivery import (
    MOST,
    WeekSupplied,
    Wrong,
    begun,
    beyond_sent,
    segment_named,
    week_named,
    week_of_day,
)

KEYS = ("week", "day", "segment", *NAMES)
LISTED = 10
_SAYS = {
    "week": '"week" is to be an ISO week as YYYY-Www',
    "week_ahead": "this week has not begun",
    "segment_long": '"segment" is too long',
}


class Figures(Unsigned):
    """A body of one week and segment, or a list of several."""

    def read(self, delivery: Delivery, mapping: Mapping[str, str]) -> list[Item]:  # noqa: ARG002 as in the contract
        """Return all that the body tells, as one item. Raises Unreadable with everything that is wrong."""
        supplied: dict[tuple[str, str], WeekSupplied] = {}
        problems: list[str] = []
        for number, each in enumerate(_weeks(delivery.body), start=1):
            try:
                week = _told(each, delivery.at)
                if (week.week, week.segment) in supplied:
                    raise _Problem("the same week and segment stand in the body twice")
                supplied[week.week, week.segment] = week
            except _Problem as problem:
                problems.append(f"Entry {number}: {problem}.")
        if problems:
            more = [f"And {len(problems) - LISTED} more."] if len(problems) > LISTED else []
            raise Unreadable(" ".join(["Nothing was taken.", *problems[:LISTED], *more]))
        return [Item(None, FiguresRead(tuple(supplied.values())))]

    def reply(self, delivery: Delivery, taken: Sequence[str]) -> Reply:
        """Answer how many weeks and segments were taken, and which figures cannot be right."""
        supplied = [week for item in self.read(delivery, {}) for week in _read(item)] if taken else []
        odd = [
            f"{week.week} {week.segment}: more {name} than sent".replace(" :", ":")
            for week in supplied
            for name in beyond_sent(week.figures)
        ]
        return Reply(json.dumps({"taken": len(supplied), "check": odd}, ensure_ascii=False))

    def kept(self, body: bytes) -> bytes:
        """Return the keys that are ours: who sends more may send what names people."""
        try:
            return json.dumps([_ours(each) for each in _weeks(body)]).encode()
        except Unreadable:
            return b""


class _Problem(Exception):
    """What is wrong with an entry."""


def _read(item: Item) -> tuple[WeekSupplied, ...]:
    return item.content.weeks if isinstance(item.content, FiguresRead) else ()


def _weeks(body: bytes) -> list[Any]:
    """Return the entries of a body. Raises Unreadable."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("The body is not JSON.") from None
    entries = content if isinstance(content, list) else [content]
    if not entries:
        raise Unreadable("The body holds no week.")
    if len(entries) > MAX_ITEMS:
        raise Unreadable(f"The body holds more than {MAX_ITEMS:,} entries. Send fewer at a time.")
    return entries


def _ours(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return None
    return {key: value for key, value in entry.items() if key in KEYS and isinstance(value, str | int | float | None)}


def _told(entry: Any, now: datetime) -> WeekSupplied:
    if not isinstance(entry, dict):
        raise _Problem("it is no object")
    figures = {name: _count(name, entry[name]) for name in NAMES if name in entry}
    if not figures:
        raise _Problem(f"it has none of {', '.join(NAMES)}")
    segment = entry.get("segment")
    if segment is not None and not isinstance(segment, str):
        raise _Problem('"segment" is to be a text')
    try:
        return WeekSupplied(_week(entry, now), segment_named(segment or ""), figures)
    except Wrong as wrong:
        raise _Problem(_SAYS[wrong.word]) from wrong


def _count(name: str, value: Any) -> int | None:
    """Return a count, or None that takes it back."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    if value is None or (whole and 0 <= value <= MOST):
        return value  # type: ignore[no-any-return]
    raise _Problem(f'"{name}" is to be a whole number from 0 to {MOST}, without quotes')


def _week(entry: Mapping[str, Any], now: datetime) -> str:
    week, day = entry.get("week"), entry.get("day")
    if (week is None) == (day is None):
        raise _Problem('it needs one of "week" and "day"')
    if week is not None:
        return begun(week_named(week if isinstance(week, str) else ""), now)
    try:
        return week_of_day(date.fromisoformat(day if isinstance(day, str) else ""), now)
    except Wrong:
        raise
    except ValueError:
        raise _Problem('"day" is to be a day of the week as YYYY-MM-DD') from None
