"""Timezones and holidays as fields of a settings form: chosen from what a search finds."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from bot.i18n import Translator
from bot.slack.blocks.base.kit import Block
from bot.slack.blocks.base.place_menus import NO_HOLIDAYS, holidays_label, holidays_menu, timezone_label, timezone_menu
from bot.slack.blocks.settings.kinds import Entry, Kind, State


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
