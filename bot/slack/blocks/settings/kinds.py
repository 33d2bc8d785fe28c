"""What stands in a field of a settings form: how a value of the team file is entered, read back and told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as field_of
from typing import Any

from typing_extensions import override

from bot.core.sla.policy import QuietHours
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base.forms import date_input, field, text_input
from bot.slack.blocks.base.kit import Block, Element, option, plain, select

State = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""What was entered, as Slack sends it: block id → action id → element."""
UNSET = "-"
"""The choice that says nothing: the default of the team file holds, or in a tier what the policy says."""
_PLAIN = ("value", "selected_time", "selected_date", "selected_user", "selected_conversation")
_SIGNS = {"U": "@", "W": "@", "C": "#", "G": "#", "S": "!subteam^"}
_SEVERAL = ("selected_users", "selected_conversations")


@dataclass(frozen=True)
class Entry:
    """A field of an open form: where its inputs stand, what they are called, and whether they may stay empty."""

    block: str
    label: str
    hint: str | None
    optional: bool
    unset: str | None = None
    """What the choice is called that says nothing."""
    groups: Mapping[str, str] = field_of(default_factory=dict)
    """The @handles of user groups by id, as far as they are known."""

    def input(self, element: Element, part: str = "", label: str | None = None, *, optional: bool = False) -> Block:
        """Return one input of the field; `part` tells its inputs apart where there are several."""
        free = self.optional or optional
        return field(self.block + part, label or self.label, element, optional=free, hint=None if part else self.hint)


def given(state: State, block: str) -> str | list[str] | None:
    """Return what was entered into a block: trimmed text or ids; None where nothing was."""
    element = next(iter(state.get(block, {}).values()), {})
    if chosen := element.get("selected_option"):
        return None if chosen["value"] == UNSET else str(chosen["value"])
    for key in _SEVERAL:
        if element.get(key):
            return [str(identity) for identity in element[key]]
    if element.get("selected_options"):
        return [str(chosen["value"]) for chosen in element["selected_options"]]
    return next((str(element[key]).strip() for key in _PLAIN if element.get(key)), None) or None


def text_of(state: State, block: str) -> str | None:
    """Return the text of a block, with narrow letters for wide ones."""
    entered = given(state, block)
    return unicodedata.normalize("NFKC", entered).strip() if isinstance(entered, str) else None


class Kind:
    """One sort of value. `inputs` shows it, `read` returns what was entered as the team file has it, or None, and
    `phrase` says it in a line. What cannot be understood is handed on as it is, for the team file's own checks."""

    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        """Return the inputs, filled with the present value."""
        raise NotImplementedError

    def read(self, state: State, block: str) -> Any:
        """Return what was entered."""
        entered = given(state, block)
        return entered if isinstance(entered, str) else None

    def faults(self, state: State, block: str) -> Iterable[tuple[str, str]]:  # noqa: ARG002 - most kinds have none
        """Return the blocks of inputs that do not go with others of the field, each with the key of what is wrong."""
        return ()

    def phrase(self, value: Any, t: Translator) -> Mrkdwn:
        """Return the value in words of the reader."""
        return escape(self.text(value, t))

    def text(self, value: Any, t: Translator) -> str:
        """Return the value as plain text."""
        return t.listed([str(part) for part in value]) if isinstance(value, list) else str(value)


@dataclass(frozen=True)
class Text(Kind):
    """A line, or several."""

    most: int = 200

    @override
    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        return [entry.input(text_input(entry.block, value, most=self.most))]


@dataclass(frozen=True)
class Number(Kind):
    """A number from `least` to `most`."""

    least: float
    most: float
    decimal: bool = False

    @override
    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        element: Element = {"type": "number_input", "action_id": entry.block, "is_decimal_allowed": self.decimal}
        element |= {"min_value": f"{self.least:g}", "max_value": f"{self.most:.0f}"}
        return [entry.input(element if value is None else {**element, "initial_value": number_text(value)})]

    @override
    def read(self, state: State, block: str) -> Any:
        entered = text_of(state, block)
        if entered is None or not re.fullmatch(r"-?\d{1,9}(\.\d{1,6})?", entered):
            return entered
        number = float(entered)
        return int(number) if number.is_integer() else number

    @override
    def text(self, value: Any, t: Translator) -> str:
        return t.number(value) if isinstance(value, int) else number_text(value)


@dataclass(frozen=True)
class Choice(Kind):
    """One of some words. Where it may be left open, a choice says so: a menu in Slack cannot be emptied."""

    words: tuple[str, ...]

    @override
    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        shown = [option(self.text(word, t), word) for word in self.words]
        open_choice = [option(entry.unset or t("settings.nothing"), UNSET)] if entry.optional else []
        chosen = UNSET if value is None and entry.optional else value
        return [entry.input(select(entry.block, [*open_choice, *shown], t("settings.choose"), chosen))]

    @override
    def text(self, value: Any, t: Translator) -> str:
        return t(f"settings.word.{value}")


@dataclass(frozen=True)
class Named(Choice):
    """One of some names that people gave, which are shown as they are."""

    @override
    def text(self, value: Any, t: Translator) -> str:
        return str(value)


class YesNo(Choice):
    """Yes or no."""

    def __init__(self) -> None:
        super().__init__(("true", "false"))

    @override
    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        return super().inputs(entry, value if value is None else str(value).lower(), t)

    @override
    def read(self, state: State, block: str) -> Any:
        entered = given(state, block)
        return entered == "true" if entered in self.words else entered

    @override
    def text(self, value: Any, t: Translator) -> str:
        return super().text(str(value).lower(), t)


@dataclass(frozen=True)
class Several(Choice):
    """Some of some words."""

    @override
    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        options = [option(super(Several, self).text(word, t), word) for word in self.words]
        element: Element = {"type": "checkboxes", "action_id": entry.block, "options": options}
        chosen = [shown for shown in options if shown["value"] in (value or ())]
        return [entry.input({**element, "initial_options": chosen} if chosen else element)]

    @override
    def read(self, state: State, block: str) -> Any:
        return given(state, block)

    @override
    def text(self, value: Any, t: Translator) -> str:
        return t.listed([super(Several, self).text(word, t) for word in value])


class Time(Kind):
    """A time of day."""

    @override
    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        return [entry.input(_time(entry.block, value))]


class Day(Kind):
    """A day."""

    @override
    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        return [entry.input(date_input(entry.block, value))]


@dataclass(frozen=True)
class Picked(Kind):
    """People or Slack channels, by a search of Slack's own; `several`: more than one. A single one that may be left out
    is a list of one, because Slack's menu of one cannot be emptied."""

    what: str
    several: bool = False

    @override
    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        known = value if isinstance(value, list) else [value] if value else []
        element: Element = {"action_id": entry.block, "placeholder": plain(t("settings.choose"), 150)}
        if entry.optional or self.several:
            element |= {"type": f"multi_{self.what}s_select", f"initial_{self.what}s": known}
            element |= {} if self.several else {"max_selected_items": 1}
        else:
            element |= {"type": f"{self.what}s_select"} | ({f"initial_{self.what}": known[0]} if known else {})
        if self.what == "conversation":
            element["filter"] = {"include": ["public", "private"]}
        return [entry.input({key: part for key, part in element.items() if part not in ([], None)})]

    @override
    def read(self, state: State, block: str) -> Any:
        entered = given(state, block)
        return entered[0] if isinstance(entered, list) and not self.several else entered

    @override
    def phrase(self, value: Any, t: Translator) -> Mrkdwn:
        return mentions(value if isinstance(value, list) else [value], t)


class Percents(Kind):
    """Whole percents in a row, such as 25, 50, 75."""

    @override
    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        return [entry.input(text_input(entry.block, ", ".join(map(str, value or ()))))]

    @override
    def read(self, state: State, block: str) -> Any:
        entered = text_of(state, block)
        parts = split(entered.replace("%", ""), r"[\s,、;]+") if entered else []
        return [int(part) if re.fullmatch(r"\d{1,9}", part) else part for part in parts] or None


class Quiet(Kind):
    """Hours in which nobody is reminded; `false` says that there are none."""

    @override
    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        modes = Choice(("hours", "none")).inputs(entry, "hours" if value else "none" if value is False else None, t)
        hours = value or {}
        starts, ends = (
            entry.input(
                _time(f"{entry.block}.{part}", hours.get(part)), f".{part}", t(f"settings.quiet.{part}"), optional=True
            )
            for part in ("start", "end")
        )
        return [*modes, starts, ends]

    @override
    def read(self, state: State, block: str) -> Any:
        mode = given(state, block)
        if mode != "hours":
            return False if mode == "none" else None
        both = {part: given(state, f"{block}.{part}") for part in ("start", "end")}
        return {part: at for part, at in both.items() if at is not None}

    @override
    def text(self, value: Any, t: Translator) -> str:
        shown = value.model_dump() if isinstance(value, QuietHours) else value
        return f"{shown['start']}–{shown['end']}" if shown else t("settings.none")


def mentions(known: Iterable[str], t: Translator) -> Mrkdwn:
    """Return people, Slack channels and user groups as Slack shows them by their ids; anything else as it is."""
    shown = [
        f"<{_SIGNS[name[0]]}{name}>" if re.fullmatch(r"[UWCGS][A-Z0-9]+", name) else escape(name) for name in known
    ]
    return Mrkdwn(t.listed(shown))


def split(text: str, between: str) -> list[str]:
    """Return the parts of a text without empty ones."""
    return [part.strip() for part in re.split(between, text) if part.strip()]


def number_text(value: Any) -> str:
    """Return a number without zeros at its end."""
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _time(block: str, value: Any) -> Element:
    element: Element = {"type": "timepicker", "action_id": block}
    return element if value is None else {**element, "initial_time": value}
