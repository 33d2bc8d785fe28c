"""The small words the Block Kit rules are written in.

A check takes a value and the path where it stands and yields one sentence for each broken rule, such as
`blocks[2].elements[0].text: 91 characters, limit 75`. A value without sentences is accepted.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

type_names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", int: "a number"}

Check = Callable[[Any, str], Iterator[str]]


def kind(value: object) -> str:
    """Name the JSON type of a value, for sentences."""
    return "null" if value is None else type_names.get(type(value), "a number")


def items(value: Any) -> list[Any]:
    """Return an array as it is, and anything else as an empty one; that it is wrong is said elsewhere."""
    return value if isinstance(value, list) else []


def string(at_most: int | None = None, at_least: int = 0, pattern: str | None = None) -> Check:
    """Accept a string of so many characters, and of one form if a pattern is given."""

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"{path}: must be a string, is {kind(value)}"
            return
        if len(value) < at_least:
            yield f"{path}: {len(value)} characters, at least {at_least}"
        if at_most is not None and len(value) > at_most:
            yield f"{path}: {len(value)} characters, limit {at_most}"
        if pattern is not None and not re.fullmatch(pattern, value):
            yield f"{path}: {value!r} is not of the form {pattern}"

    return check


def anything(_value: Any, _path: str) -> Iterator[str]:
    """Accept whatever stands there; it is looked at elsewhere, or Slack does not say its form."""
    return iter(())


def boolean(value: Any, path: str) -> Iterator[str]:
    """Accept true and false."""
    if not isinstance(value, bool):
        yield f"{path}: must be a boolean, is {kind(value)}"


def number(at_least: float | None = None, at_most: float | None = None, whole: bool = False) -> Check:
    """Accept a number within bounds, both included."""

    def check(value: Any, path: str) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            yield f"{path}: must be {'an integer' if whole else 'a number'}, is {kind(value)}"
            return
        if at_least is not None and value < at_least:
            yield f"{path}: {value}, at least {at_least}"
        if at_most is not None and value > at_most:
            yield f"{path}: {value}, limit {at_most}"

    return check


def one_of(*allowed: str) -> Check:
    """Accept one of a few words."""

    def check(value: Any, path: str) -> Iterator[str]:
        if value not in allowed:
            yield f"{path}: {value!r}, must be one of {', '.join(allowed)}"

    return check


def array(each: Check, at_least: int = 0, at_most: int | None = None) -> Check:
    """Accept an array whose items all pass, of bounded length."""

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{path}: must be an array, is {kind(value)}"
            return
        if len(value) < at_least:
            yield f"{path}: {len(value)} items, at least {at_least}"
        if at_most is not None and len(value) > at_most:
            yield f"{path}: {len(value)} items, limit {at_most}"
        for index, item in enumerate(value):
            yield from each(item, f"{path}[{index}]")

    return check


def shape(
    required: Mapping[str, Check], optional: Mapping[str, Check] | None = None, rules: Sequence[Check] = ()
) -> Check:
    """Accept an object with these keys and no others; `rules` then look at the object as a whole."""
    known = {**required, **(optional or {})}

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: must be an object, is {kind(value)}"
            return
        for key in required:
            if key not in value:
                yield f"{path}: missing {key}"
        for key, item in value.items():
            if key in known:
                yield from known[key](item, f"{path}.{key}")
            else:
                yield f"{path}.{key}: unknown key"
        for rule in rules:
            yield from rule(value, path)

    return check


def by_type(table: Mapping[str, Check], noun: str) -> Check:
    """Accept an object whose `type` is in the table, by the check that stands there."""

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: must be an object, is {kind(value)}"
        elif not isinstance(value.get("type"), str):
            yield f"{path}: missing type"
        elif value["type"] not in table:
            yield f"{path}.type: {noun} {value['type']!r} is not allowed here"
        else:
            yield from table[value["type"]](value, path)

    return check


def either(*keys: str, both: bool = False) -> Check:
    """Demand one of several keys; more than one only where `both` says so."""

    def check(value: Any, path: str) -> Iterator[str]:
        present = [key for key in keys if value.get(key) is not None]
        if not present:
            yield f"{path}: needs {' or '.join(keys)}"
        if len(present) > 1 and not both:
            yield f"{path}: {' and '.join(present)} exclude each other"

    return check
