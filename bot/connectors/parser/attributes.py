"""Attributes: free JSON beside the lead's own fields, kept small enough to show and to store."""

from __future__ import annotations

from pydantic import JsonValue

from bot.connectors.parser import text
from bot.connectors.parser.body import MAX_INTEGER, Object, Unusable, shown
from bot.connectors.problems import FieldProblem, problem

MAX_NAMES = 50
MAX_NAME = 200
MAX_TEXT = 5_000
MAX_DEPTH = 4
MAX_VALUES = 200


def bounded(attributes: Object) -> tuple[dict[str, JsonValue], list[FieldProblem]]:
    """Return the attributes, cleaned, and everything wrong with them. Blank and null attributes count as absent."""
    walk = _Walk()
    if len(attributes) > MAX_NAMES:
        walk.problems.append(problem("too_many", "attributes", limit=MAX_NAMES))
    cleaned = walk.members(attributes, "attributes", depth=0)
    if walk.values > MAX_VALUES:
        walk.problems.append(problem("too_many", "attributes", limit=MAX_VALUES))
    return {name: value for name, value in cleaned.items() if value not in (None, "")}, walk.problems


class _Walk:
    def __init__(self) -> None:
        self.problems: list[FieldProblem] = []
        self.values = 0

    def members(self, value: Object, path: str, depth: int) -> dict[str, JsonValue]:
        self.problems += [problem("duplicate_key", f"{path}.{shown(key)}") for key in value.repeated]
        result: dict[str, JsonValue] = {}
        for key, item in value.items():
            at = f"{path}.{shown(key)}"
            name = self._name(key, at)
            if name in result:
                self.problems.append(problem("duplicate_key", at))
            result[name] = self.value(item, at, depth)
        return result

    def _name(self, key: str, path: str) -> str:
        name = text.line(text.mended(key))
        if text.has_lone_surrogate(key):
            self.problems.append(problem("not_unicode", path))
        elif text.is_blank(name):
            self.problems.append(problem("missing", path))
        elif len(name) > MAX_NAME:
            self.problems.append(problem("too_long", path, limit=MAX_NAME))
        return name

    def value(self, value: object, path: str, depth: int) -> JsonValue:
        self.values += 1
        if isinstance(value, Unusable):
            self.problems.append(_number_problem(value, path))
            return None
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, Object | list):
            return self._container(value, path, depth + 1)
        return value if isinstance(value, bool | int | float) else None

    def _container(self, value: Object | list[object], path: str, depth: int) -> JsonValue:
        if depth > MAX_DEPTH:
            self.problems.append(problem("too_deep", path, limit=MAX_DEPTH))
            return None
        if isinstance(value, Object):
            return self.members(value, path, depth)
        return [self.value(item, f"{path}.{index}", depth) for index, item in enumerate(value)]

    def _text(self, value: str, path: str) -> str | None:
        if text.has_lone_surrogate(value):
            self.problems.append(problem("not_unicode", path))
            return None
        cleaned = "" if text.is_blank(value) else text.paragraphs(value)
        if len(cleaned) > MAX_TEXT:
            self.problems.append(problem("too_long", path, limit=MAX_TEXT))
        return cleaned


def _number_problem(value: Unusable, path: str) -> FieldProblem:
    if value.problem != "out_of_range":
        return problem(value.problem, path)
    return problem(value.problem, path, limit=MAX_INTEGER, message=f"{path} is too large a number. Send it as text.")
