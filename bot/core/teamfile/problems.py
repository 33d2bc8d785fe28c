"""What is wrong with a team file: values, worded by the command line in the reader's language."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from zoneinfo import available_timezones

from pydantic import ValidationError

from bot.core.teamfile.positions import Path
from storage.vocabulary import Locale

EXPECTED = {
    "string_type": "text",
    "bool_type": "yes_no",
    "int_type": "whole_number",
    "int_from_float": "whole_number",
    "float_type": "number",
    "list_type": "list",
    "tuple_type": "list",
    "model_type": "table",
    "model_attributes_type": "table",
    "dict_type": "table",
}
LIMITS = {
    "greater_than": "gt",
    "greater_than_equal": "ge",
    "less_than": "lt",
    "less_than_equal": "le",
    "string_too_long": "max_length",
    "too_long": "max_length",
}

# The keys that hold tables, each under a line of its own.
LISTS_OF_TABLES = ("tiers", "escalations", "people")

# What the rules of calendars, quiet hours, tiers and escalation steps refuse, each with a sentence of its own.
CALENDAR_RULES = {
    "always_with_rules",
    "chooses_all",
    "chooses_none",
    "closed_all_year",
    "days_with_hours",
    "ends_before_it_begins",
    "half_a_repeat",
    "half_and_extra",
    "half_of_nothing",
    "half_working_day",
    "hands_over_twice",
    "hands_to_nobody",
    "no_blocks",
    "no_hours",
    "no_working_days",
    "not_our_time",
    "nothing_open",
    "quiet_for_ever",
    "reassigns_to_peers",
    "whole_days",
}


@dataclass(frozen=True)
class Problem:
    """One thing to mend. `line` counts from 1; `field` reads like members[2].roles, counted from 1 as well."""

    line: int
    field: str
    code: str
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)
    path: Path = dataclasses.field(default=(), compare=False)
    """Where it is, with places counted from 0."""


class BadFile(Exception):
    """The file was refused whole. `locale` is the language that it asks for, if that much can be read."""

    def __init__(self, problems: Iterable[Problem], locale: Locale | None = None) -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.line, problem.field))
        self.locale = locale
        super().__init__(", ".join(f"{problem.line}: {problem.field} {problem.code}" for problem in self.problems))


class Problems:
    """Collects every problem of one file, so that it can be mended in one go."""

    def __init__(self, lines: Mapping[Path, int]) -> None:
        self.found: list[Problem] = []
        self._lines = lines

    def add(self, path: Path, code: str, **values: object) -> None:
        """Note a problem at a key, or where the key is missing at the table that lacks it."""
        self.found.append(Problem(self.line(path), dotted(path), code, values, path))

    def any_under(self, path: Path) -> bool:
        """Return whether something in this table has been named."""
        return any(problem.field.startswith(dotted(path)) for problem in self.found)

    def line(self, path: Path) -> int:
        """Return the line of a key or of the nearest table around it."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def add_invalid(self, path: Path, error: ValidationError, known: Callable[[Path], Iterable[str]]) -> None:
        """Note everything that pydantic refuses. `known` lists the keys that a table may have."""
        for detail in error.errors(include_url=False):
            # An attribute's name that cannot be is at fault at the table: "[key]" is pydantic's word for it.
            inner = tuple(detail["loc"])
            inner = inner[:-2] if inner[-1:] == ("[key]",) else inner
            if not inner and detail["type"] == "value_error":
                continue  # keys that do not agree with each other: the checks between keys say it more closely
            code, values = _in_our_words(detail["type"], detail.get("ctx", {}), detail["input"], inner, known)
            self.add(path + inner, code, **values)


def dotted(path: Path) -> str:
    """Return a path as people write it."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def nearest(word: object, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """Return the known word that was probably meant; `likeness` is from 0 to 1."""
    spelled = {candidate.lower(): candidate for candidate in known}
    return next((spelled[candidate] for candidate in get_close_matches(str(word).lower(), spelled, 1, likeness)), None)


def _in_our_words(
    kind: str, context: dict[str, Any], given: object, path: Path, known: Callable[[Path], Iterable[str]]
) -> tuple[str, dict[str, object]]:
    if kind == "extra_forbidden":
        return unknown_key(path[-1], known(path[:-1]))
    if kind in ("enum", "literal_error"):
        choices = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return "unknown_word", {"given": given, "choices": choices, "meant": nearest(given, choices)}
    if kind in EXPECTED:
        tables = next((part for part in reversed(path) if isinstance(part, str)), None) in LISTS_OF_TABLES
        return "wrong_type", {"expected": "tables" if tables else EXPECTED[kind]}
    if kind in LIMITS:
        return kind, {"limit": f"{context[LIMITS[kind]]:g}"}
    if kind in ("missing", "too_short", "string_too_short"):
        return kind, {}
    if kind == "value_error":
        return "invalid", {"given": context["error"]}
    if kind == "not_a_timezone":
        return kind, {"given": given, "meant": nearest(given, available_timezones(), 0.7)}
    if kind in CALENDAR_RULES:
        return kind, {**context, "given": given}
    if kind.startswith("not_"):
        return kind, {"given": given}
    return "invalid", {"given": given}


def unknown_key(key: object, known: Iterable[str]) -> tuple[str, dict[str, object]]:
    """Return a key that means nothing here, with the one that was probably meant."""
    choices = sorted(known)
    return "unknown_key", {"given": key, "choices": choices, "meant": nearest(key, choices)}
