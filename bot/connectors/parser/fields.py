"""The fields of a JSON object, as every webhook treats them."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from bot.connectors.parser import text
from bot.connectors.parser.body import shown
from bot.connectors.problems import FieldProblem, problem

MAX_PROBLEMS = 100


def is_absent(value: object) -> bool:
    """Return whether a field counts as not given: null, or text in which a reader would see nothing."""
    return value is None or (isinstance(value, str) and text.is_blank(value))


def unknown(name: str, known: Collection[str], whose: str, advice: str) -> FieldProblem:
    """Return the problem with a field that is none of `whose`, with the known one that is near, if any,
    and the advice."""
    near = difflib.get_close_matches(shown(name).lower(), known, n=1)
    hint = f"Did you mean {near[0]}? {advice}" if near else advice
    message = f"{shown(name)} is not a field of {whose}. {hint}"
    return problem("unknown_field", shown(name), message=message, detail=near[0] if near else None)


def bounded(problems: list[FieldProblem]) -> list[FieldProblem]:
    """Cut the list of problems: a body of thousands of wrong fields must not get an answer many times its size."""
    if len(problems) <= MAX_PROBLEMS:
        return problems
    more = f"{len(problems) - MAX_PROBLEMS} more problems are not listed. Put these right first."
    return [*problems[:MAX_PROBLEMS], problem("too_many", limit=MAX_PROBLEMS, message=more)]
