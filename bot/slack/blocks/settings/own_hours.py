"""When one person works, as a field of a settings form."""

from __future__ import annotations

import re
from typing import Any

from typing_extensions import override

from bot.core.sla.calendar_rules import WEEKDAYS
from bot.core.sla.own_hours import EVERY
from bot.i18n import Translator
from bot.slack.blocks.forms import text_input
from bot.slack.blocks.kit import Block
from bot.slack.blocks.settings.kinds import Entry, Kind, State, blocks_of, text_of

JAPANESE_WEEKDAYS = "月火水木金土日"
"""In the order of WEEKDAYS."""


class OwnHours(Kind):
    """Blocks of hours for each working day, and a line for each weekday that differs, such as Monday: 10:00-15:00."""

    @override
    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        shown = self.text(value, t) if value else None
        return [entry.input(text_input(entry.block, shown, most=2000, multiline=True))]

    @override
    def read(self, state: State, block: str) -> Any:
        week: dict[str, list[str]] = {}
        for line in filter(str.strip, (text_of(state, block) or "").splitlines()):
            day, hours = re.fullmatch(r"([^\d:]*):?(.*)", line).groups()  # type: ignore[union-attr]
            week.setdefault(_weekday(day.strip()), []).extend(blocks_of(hours))
        return week[EVERY] if week.keys() == {EVERY} else week or None

    @override
    def text(self, value: Any, t: Translator) -> str:
        week = {EVERY: value} if isinstance(value, list) else value
        in_order = sorted(week, key=(EVERY, *WEEKDAYS).index)
        heads = {day: "" if day == EVERY else f"{t(f'settings.word.{day}')}: " for day in in_order}
        return "\n".join(f"{heads[day]}{', '.join(week[day])}" for day in in_order)


def _weekday(name: str) -> str:
    """Return the key of a weekday by its name in Japanese or English, which may be short; the name where it is none."""
    if not name:
        return EVERY
    if re.fullmatch(f"[{JAPANESE_WEEKDAYS}](曜日?)?", name):
        return WEEKDAYS[JAPANESE_WEEKDAYS.index(name[0])]
    short = name.lower().rstrip(".")
    return next((day for day in WEEKDAYS if len(short) >= 3 and day.startswith(short)), name)
