"""Menus of the settings whose options Slack asks for while somebody types: reminders, hours, words, user groups.

What is offered for a number is that number in each unit that it may have. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from bot.i18n import Translator
from bot.slack.blocks.base.kit import Element, option, plain

MOST = 100
"""Options in one answer (Slack documentation: external select)."""
VALUE = 150
"""Characters of the value of an option (Slack documentation: option object)."""
NO_REMINDERS = "none"
NONE = (NO_REMINDERS, "なし", "no")
"""What people type who want no reminders."""
HOURS_MOST = 24 * 90
USUAL_REMINDERS = ("50%", "80%", "90%", "100%", "30m", "1h", "2h", "4h", "8h", "1d", "2d", "3d")
USUAL_HOURS = (0.5, 1, 2, 4, 8, 12, 24, 36, 48, 72, 96, 120, 168)
_UNITS = {
    "%": ("%", "percent", "パーセント"),
    "m": ("minutes", "min", "分"),
    "h": ("hours", "hrs", "時間"),
    "d": ("days", "日"),
}
_NUMBER = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)\s*(\D*)")


def external_menu(action_id: str, chosen: Iterable[Element], t: Translator, *, most: int | None = None) -> Element:
    """Return a menu of several, which unlike one of a single choice can be emptied. `most`: how many may be chosen."""
    element: Element = {"type": "multi_external_select", "action_id": action_id, "min_query_length": 0}
    element["placeholder"] = plain(t("menu.search"), 150)
    element |= {"initial_options": first} if (first := list(chosen)[:MOST]) else {}
    return element if most is None else {**element, "max_selected_items": most}


def reminder_option(written: str, t: Translator) -> Element:
    """Return a reminder as 50%, 30m, 4h or 2d, or that there is none."""
    if written == NO_REMINDERS:
        return option(t("settings.no_reminders"), NO_REMINDERS)
    return option(reminder_label(written, t), written)


def reminder_label(written: str, t: Translator) -> str:
    """Return a reminder in words of the reader; what is no reminder as it is."""
    number, unit = written[:-1], written[-1:]
    if unit == "%":
        return t("settings.reminder.share", percent=number)
    return t(f"settings.reminder.{unit}", count=int(number)) if number.isdecimal() and unit in _UNITS else written


def hours_option(hours: float, t: Translator) -> Element:
    """Return a number of hours."""
    return option(hours_label(hours, t), f"{hours:g}")


def hours_label(hours: float, t: Translator) -> str:
    """Return a number of hours in words of the reader: half an hour as 30 minutes."""
    minutes = round(hours * 60, 2)
    if minutes < 60 and minutes.is_integer():
        return t("duration.minutes", count=int(minutes))
    return t("duration.decimal_hours", count=t.number(hours))


def word_option(word: str) -> Element:
    """Return a word that leads have, or that somebody typed."""
    return option(word, word)


def group_option(group_id: str, handle: str) -> Element:
    """Return a user group."""
    return option(handle, group_id)


def reminders_matching(typed: str, t: Translator) -> list[Element]:
    """Return the reminders that a typed number may mean, or the usual ones where there is none."""
    words = _fold(typed)
    match = _NUMBER.fullmatch(words)
    if match is not None:
        return [reminder_option(written, t) for written in _reminders(match[1], match[2].strip())]
    if words in NONE:
        return [reminder_option(NO_REMINDERS, t)]
    offered = [reminder_option(written, t) for written in (*USUAL_REMINDERS, NO_REMINDERS)]
    return [each for each in offered if words in _fold(each["text"]["text"])]


def _reminders(number: str, unit: str) -> Iterator[str]:
    if _is_unit("%", unit) and 0 < float(number) <= 100:
        yield f"{float(number):g}%"
    whole = "." not in number and int(number) > 0
    yield from (f"{int(number)}{short}" for short in "mhd" if whole and _is_unit(short, unit))


def hours_matching(typed: str, t: Translator) -> list[Element]:
    """Return the hours that a typed number may mean, as minutes too; the usual ones where there is none."""
    words = _fold(typed)
    match = _NUMBER.fullmatch(words)
    if match is not None:
        known = _hours(float(match[1]), match[2].strip())
        return [hours_option(hours, t) for hours in known if 0 < hours <= HOURS_MOST]
    offered = [hours_option(hours, t) for hours in USUAL_HOURS]
    return [each for each in offered if words in _fold(each["text"]["text"])]


def _hours(number: float, unit: str) -> Iterator[float]:
    if _is_unit("h", unit):
        yield number
    if _is_unit("m", unit):
        yield round(number / 60, 6)
    if _is_unit("d", unit):
        yield number * 24


def words_matching(typed: str, known: Iterable[str], *, free: bool = True) -> list[Element]:
    """Return the known words that hold what is typed, and where anything may be said (`free`) first the typed one."""
    wanted = _fold(typed)
    matching = [word for word in known if wanted in _fold(word) and len(word) <= VALUE]
    own = unicodedata.normalize("NFKC", typed).strip()[:VALUE]
    first = [own] if free and own and wanted not in map(_fold, matching) else []
    return [word_option(word) for word in [*first, *matching][:MOST]]


def groups_matching(typed: str, groups: Mapping[str, str]) -> list[Element]:
    """Return the user groups whose @handle holds what is typed; `groups`: handles by id."""
    wanted = _fold(typed)
    return [group_option(*group) for group in groups.items() if wanted in _fold(group[1])][:MOST]


def _is_unit(short: str, typed: str) -> bool:
    return any(word.startswith(typed) for word in _UNITS[short])


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()
