"""Fields of a settings form that are chosen from what a search finds: timezones, holidays, reminders, hours, words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from typing_extensions import override

from bot.i18n import Translator
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import text_input
from bot.slack.blocks.base.kit import Block
from bot.slack.blocks.base.place_menus import NO_HOLIDAYS, holidays_label, holidays_menu, timezone_label, timezone_menu
from bot.slack.blocks.settings.kinds import Entry, Kind, State, given, number_text, split
from bot.slack.blocks.settings.suggestions import (
    MOST,
    NO_REMINDERS,
    VALUE,
    external_menu,
    hours_label,
    hours_option,
    reminder_label,
    reminder_option,
    word_option,
)


class Timezone(Kind):
    """A timezone; where it may be left out, the menu has a choice for that of the team."""

    @override
    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        return [entry.input(timezone_menu(value, t, may_be_the_teams=entry.optional))]

    @override
    def text(self, value: Any, t: Translator) -> str:
        return timezone_label(str(value), t)


class Holidays(Kind):
    """A country or a part of one, or none."""

    @override
    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        return [entry.input(holidays_menu(value, t))]

    @override
    def read(self, state: State, block: str) -> Any:
        entered = super().read(state, block)
        return None if entered == NO_HOLIDAYS else entered

    @override
    def text(self, value: Any, t: Translator) -> str:
        return holidays_label(str(value), t)


class Reminders(Kind):
    """Shares of the time allowed, and spans of open time such as 4h; or the choice that there are none."""

    @override
    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        written = [NO_REMINDERS] if value == [] else map(_written, value or ())
        return [entry.input(external_menu(ids.REMINDERS_MENU, [reminder_option(each, t) for each in written], t))]

    @override
    def read(self, state: State, block: str) -> Any:
        chosen = _chosen(state, block)
        return [_reminder(each) for each in chosen if each != NO_REMINDERS] if chosen else None

    @override
    def faults(self, state: State, block: str) -> Iterator[tuple[str, str]]:
        chosen = _chosen(state, block)
        if NO_REMINDERS in chosen and len(chosen) > 1:
            yield block, "reminders_and_none"

    @override
    def text(self, value: Any, t: Translator) -> str:
        return t.listed([reminder_label(_written(each), t) for each in value]) if value else t("settings.none")


class Span(Kind):
    """A number of hours."""

    @override
    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        known = [] if value is None else [hours_option(value, t)]
        return [entry.input(external_menu(ids.HOURS_MENU, known, t, most=1))]

    @override
    def read(self, state: State, block: str) -> Any:
        chosen = _chosen(state, block)
        if not chosen or not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", chosen[0]):
            return chosen[0] if chosen else None
        hours = float(chosen[0])
        return int(hours) if hours.is_integer() else hours

    @override
    def text(self, value: Any, t: Translator) -> str:
        return hours_label(value, t)


class Words(Kind):
    """Words of leads, each known from some or typed. One that is too long for a menu, or more than it holds, make the
    field a text, with a word in each line."""

    @override
    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        words = self._lines(value)
        if len(words) > MOST or any(len(word) > VALUE for word in words):
            return [entry.input(text_input(entry.block, "\n".join(words), most=3000, multiline=True))]
        return [entry.input(external_menu(ids.WORDS_MENU, map(word_option, words), t))]

    @override
    def read(self, state: State, block: str) -> Any:
        return _chosen(state, block, r"\n") or None

    def _lines(self, value: Any) -> list[str]:
        return list(value or ())


class Facts(Words):
    """Attributes and the words of each. A choice is a name and a word: Plan: gold."""

    @override
    def read(self, state: State, block: str) -> Any:
        facts: dict[str, list[str]] = {}
        for line in _chosen(state, block, r"\n"):
            # A name may hold a colon; somebody who types may leave out the space.
            name, _, word = line.partition(": " if ": " in line else ":")
            facts.setdefault(name.strip(), []).extend(filter(None, [word.strip()]))
        return facts or None

    @override
    def text(self, value: Any, t: Translator) -> str:
        return t.listed(self._lines(value))

    @override
    def _lines(self, value: Any) -> list[str]:
        return [f"{name}: {word}" for name, words in (value or {}).items() for word in words]


def _chosen(state: State, block: str, between: str = r"[\s,、;]+") -> list[str]:
    """Return what was chosen in a block; of one that is a text, its parts."""
    entered = given(state, block)
    return split(entered, between) if isinstance(entered, str) else list(entered or ())


def _written(value: float | str) -> str:
    return value if isinstance(value, str) else f"{number_text(round(value * 100, 6))}%"


def _reminder(written: str) -> Any:
    return round(float(written[:-1]) / 100, 6) if re.fullmatch(r"\d{1,3}(\.\d+)?%", written) else written
