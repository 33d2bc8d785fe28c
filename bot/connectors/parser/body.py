"""A request body as JSON that can be pointed into: what JSON itself would lose is kept to be reported."""

from __future__ import annotations

import codecs
import json
from collections import Counter
from dataclasses import dataclass

from bot.connectors.parser import text
from bot.connectors.problems import FieldProblem, problem

MAX_BYTES = 256 * 1024
MAX_INTEGER = 2**63 - 1

_SHOWN = 60


class Object(dict[str, object]):
    """A JSON object that remembers which of its keys were given more than once."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.repeated = [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]


@dataclass(frozen=True)
class Unusable:
    """A number that cannot be stored; it stands where it was found, so that its path can be told."""

    problem: str


def parse(body: bytes) -> Object | FieldProblem:
    """Return the object in the body, or why there is none. Never raises."""
    if len(body) > MAX_BYTES:
        return problem("too_large", limit=MAX_BYTES)
    if body.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return problem("not_json", message="The body begins with a byte order mark. Send UTF-8 without it.")
    try:
        return _object(body.decode("utf-8"))
    except UnicodeDecodeError:
        return problem("not_utf8")


def _object(decoded: str) -> Object | FieldProblem:
    if not decoded.strip():
        return problem("not_json", message="The body is empty. Send one JSON object.")
    try:
        # Not strict: templates of form tools put raw newlines into strings.
        value = json.loads(
            decoded,
            strict=False,
            object_pairs_hook=Object,
            parse_constant=lambda _: Unusable("not_a_number"),
            parse_int=_integer,
            parse_float=_float,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        place = f"{error.lineno}:{error.colno}"
        return problem("not_json", message=f"The body is not JSON: see {where}. Send one JSON object.", detail=place)
    except RecursionError:
        return problem("too_deep", message="The body is nested too deep. Flatten it.")
    return value if isinstance(value, Object) else problem("not_an_object")


def _integer(digits: str) -> int | Unusable:
    # Length first: Python refuses to convert thousands of digits, by an exception.
    if len(digits) > 20 or abs(int(digits)) > MAX_INTEGER:
        return Unusable("out_of_range")
    return int(digits)


def _float(digits: str) -> float | Unusable:
    value = float(digits)
    return value if abs(value) != float("inf") else Unusable("out_of_range")


def shown(key: str) -> str:
    """Return a key from outside, short and clean enough to stand in a path or a sentence."""
    return text.cut(text.line(text.mended(key)), _SHOWN)
