"""One change of the settings: a place in the tables of the team file, and what is to stand there. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from bot.core.teamfile.positions import Path

Document = dict[str, Any]

IDENTITY = {
    "members": "user",
    "people": "user",
    "pools": "name",
    "routes": "name",
    "tiers": "name",
    "lost_reasons": "key",
    "closures": "first",
}
"""The key by which an entry of a list is known. An entry of any other list is known by its place, from 0."""


@dataclass(frozen=True)
class Change:
    """What is to stand at a path; None takes it out, and then the default of the team file holds.

    A path names tables and keys as the team file does, such as ("policy", "tiers", "Hot", "response_hours"). An entry
    of a list goes by its identity (see `IDENTITY`), else by its place. One that is not there yet is added at the end.
    """

    path: Path
    value: Any


def entry(document: Document, path: Path) -> Any:
    """Return a copy of what stands at a path; None where nothing does."""
    at: Any = document
    for part in resolved(document, path):
        if isinstance(at, Mapping):
            at = at.get(part)
        elif isinstance(at, Sequence) and isinstance(part, int) and part < len(at):
            at = at[part]
        else:
            return None
    return deepcopy(at)


def resolved(document: Document, path: Path) -> Path:
    """Return a path with the places of entries instead of their identities, as a problem of the team file has it. An
    entry that is not there has the place after the last one."""
    at: Any = document
    steps: list[str | int] = []
    for part in path:
        missing = at is None and (isinstance(part, int) or steps[-1] in IDENTITY)
        step = _place([] if missing else at, part, steps) if missing or isinstance(at, list) else part
        steps.append(step)
        at = at.get(step) if isinstance(at, dict) else at[step] if _has(at, step) else None
    return tuple(steps)


def changed(document: Document, changes: Sequence[Change]) -> Document:
    """Return the tables with every change made, one after the other."""
    after = deepcopy(document)
    for change in changes:
        _put(after, resolved(after, change.path), deepcopy(change.value))
    return after


def _has(at: Any, step: str | int) -> bool:
    return isinstance(at, list) and isinstance(step, int) and step < len(at)


def _place(entries: list[Any], part: str | int, path: Sequence[str | int]) -> int:
    if isinstance(part, int):
        return min(part, len(entries))
    key = IDENTITY.get(str(path[-1]))
    return next((place for place, known in enumerate(entries) if key and known.get(key) == part), len(entries))


def _put(at: Any, path: Path, value: Any) -> None:
    """Set what stands at a path below a table or a list, making the tables on the way."""
    step, rest = path[0], path[1:]
    if isinstance(at, list) and step == len(at):
        if value is None:
            return
        at.append({})
    if rest:
        inside = at.get(step) if isinstance(at, dict) else at[step]
        if inside is None:
            inside = at[step] = [] if isinstance(rest[0], int) else {}
        _put(inside, rest, value)
    elif value is not None:
        at[step] = value
    else:
        at.pop(step, None) if isinstance(at, dict) else at.pop(step)
