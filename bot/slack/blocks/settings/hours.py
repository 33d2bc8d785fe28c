"""Hours of a day as a field of a settings form, and the weeks that they make: of the team, or of one person."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from typing_extensions import override

from bot.core.settings import Change, entry
from bot.core.settings.change import Document
from bot.core.sla.calendar_rules import WEEKDAYS
from bot.core.sla.own_hours import EVERY
from bot.core.teamfile.positions import Path
from bot.i18n import Translator
from bot.slack.blocks.base.kit import Block, Element
from bot.slack.blocks.settings.kinds import Entry, Kind, State, given
from storage.vocabulary import CalendarKind

WEEKS = ("opening_hours", "own_hours")
"""Lists of the days of a week: they have an entry for each day, whether it is set or not."""
DAYS = ("opening_day", "own_day")
"""Their forms."""
PAIRS = 2
"""How many blocks of hours a form offers: with a break between them."""
USUAL = ["09:00-18:00"]
MIDNIGHT, END_OF_DAY = "00:00", "24:00"


class Hours(Kind):
    """Blocks of hours of a day, such as 09:00-12:00 and 13:00-18:00: each from a time to a time."""

    @override
    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        pairs = [_ends(written) for written in value or ()]
        pairs += [(None, None)] * (PAIRS - len(pairs))
        return [block for number, pair in enumerate(pairs) for block in self._pair(entry, number, pair, t)]

    @override
    def read(self, state: State, block: str) -> Any:
        return [f"{start}-{end}" for start, end in _entered(state, block) if start and end] or None

    @override
    def faults(self, state: State, block: str) -> Iterator[tuple[str, str]]:
        for number, (start, end) in enumerate(_entered(state, block)):
            if (start is None) != (end is None):
                yield block + _parts(number)[start is not None], "both"

    def _pair(self, entry: Entry, number: int, pair: tuple[str | None, str | None], t: Translator) -> list[Block]:
        labels = [t(f"settings.hours.{end}", number=number + 1) for end in ("start", "end")]
        parts = zip(_parts(number), labels, pair, strict=True)
        return [
            entry.input(_picker(entry.block + part, at), part, label, optional=number > 0) for part, label, at in parts
        ]


def week(place_screen: str, path: Path, document: Document) -> dict[str, list[str]]:
    """Return the hours of each day that has some, at the path of a week."""
    written = entry(document, path)
    if isinstance(written, list):
        return {EVERY: written}
    if written is None and place_screen == "opening_hours":
        return {day: USUAL for day in worked(entry(document, path[:-1]) or {})}
    return written or {}


def days(screen: str) -> tuple[str, ...]:
    """Return the days of a week that can be set: for one person also each working day that is not named."""
    return WEEKDAYS if screen == "opening_hours" else (EVERY, *WEEKDAYS)


def worked(calendar: dict[str, Any]) -> list[str]:
    """Return the working days of a calendar: those that it names, else those with hours, else Monday to Friday."""
    named = calendar.get("working_days") or calendar.get("hours") or WEEKDAYS[:5]
    return [day for day in WEEKDAYS if day in named]


def calendar_table(shown: dict[str, Any], there: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the calendar that its form asks for; None where it asks for none and there is none of its own.

    Where days have hours, a working day more has the usual ones. Working days that hold by default are not named."""
    chosen = shown.get("working_days")
    table = {key: value for key, value in shown.items() if key != "working_days"}
    if chosen and table.get("hours"):
        table["hours"] = {day: table["hours"].get(day, USUAL) for day in WEEKDAYS if day in chosen}
    elif chosen and (chosen != list(WEEKDAYS[:5]) or "working_days" in (there or {})):
        table["working_days"] = chosen
    return table if table or there is not None else None


def is_shown(path: Path, document: Document) -> bool:
    """Return whether the opening hours at a path mean something: only in a calendar that counts them."""
    return bool(entry(document, (*path[:-1], "kind")) == CalendarKind.BUSINESS_HOURS)


def changes(screen: str, path: Path, shown: dict[str, Any], document: Document) -> list[Change]:
    """Return the changes that a sent form of a day asks for: of its hours, and of the days that are to be as it is."""
    listing = WEEKS[DAYS.index(screen)]
    known = week(listing, path[:-1], document)
    hours = shown.get("hours")
    named = (str(path[-1]), *shown.get("also", ()))
    wanted = {day: hours if day in named else known.get(day) for day in days(listing)}
    after: Any = {day: blocks for day, blocks in wanted.items() if blocks}
    if after == known:
        return []
    if screen == "opening_day":
        return [Change((*path[:-2], "working_days"), None), Change(path[:-1], after)]
    return [Change(path[:-1], after[EVERY] if after.keys() == {EVERY} else after or None)]


def _entered(state: State, block: str) -> Iterator[tuple[str | None, str | None]]:
    for number in count():
        start, end = (block + part for part in _parts(number))
        if start not in state and end not in state:
            return
        yield _time(state, start), END_OF_DAY if _time(state, end) == MIDNIGHT else _time(state, end)


def _time(state: State, block: str) -> str | None:
    entered = given(state, block)
    return entered if isinstance(entered, str) else None


def _parts(number: int) -> tuple[str, str]:
    """Return what tells the two inputs of a block of hours apart; the first of all has the field's own id."""
    return (f".start{number}" if number else "", f".end{number}")


def _ends(written: str) -> tuple[str | None, str | None]:
    start, _, end = written.partition("-")
    return start, MIDNIGHT if end == END_OF_DAY else end


def _picker(action_id: str, at: str | None) -> Element:
    picker: Element = {"type": "timepicker", "action_id": action_id}
    return picker if at is None else {**picker, "initial_time": at}
