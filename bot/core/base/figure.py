"""What a field of a report counts, declared once, at the field.

The columns of `mql-bot report` are derived from the declarations, and tests hold each of them against docs/metrics.md
and a slow recount, in both directions. A number without a declaration fails a test.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints


@dataclass(frozen=True, init=False)
class Figure:
    """A field, or a property, that counts or measures. Stands in its `Annotated`."""

    metrics: tuple[str, ...]
    """The lines of docs/metrics.md that define it: the words of their first column."""
    csv: str | None
    """Its name in CSV; "": that of the field. None: it has no column."""
    why: str
    """Why it has no column."""
    of: str | None
    """The field of which it is a part; a share is told with both counts."""
    goal: str | None
    """The goal of the team file that it is held against."""

    def __init__(
        self, *metrics: str, csv: str | None = "", why: str = "", of: str | None = None, goal: str | None = None
    ) -> None:
        if (csv is None) != bool(why):
            raise ValueError(f"{metrics} have a column, or a reason for having none")
        for name, value in (("metrics", metrics), ("csv", csv), ("why", why), ("of", of), ("goal", goal)):
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class Key:
    """A number that says which MQLs, or what they are held against, and counts nothing itself."""


class Declared(NamedTuple):
    """A figure at its field."""

    field: str
    hint: Any
    """The type of the field without its `Annotated`."""
    figure: Figure

    @property
    def column(self) -> str | None:
        """Its name in CSV."""
        return self.field if self.figure.csv == "" else self.figure.csv


@cache
def hints_of(report: type) -> Mapping[str, Any]:
    """Return the types of the fields of a report and of its properties, with what is declared of them: read
    once, for that takes milliseconds."""
    names = [field.name for field in dataclasses.fields(report)]
    hints = get_type_hints(report, include_extras=True)
    hint_of = {name: hints[name] for name in names}
    for name in (name for ancestor in reversed(report.__mro__) for name in vars(ancestor)):
        attribute = getattr(report, name)
        if isinstance(attribute, property) and attribute.fget is not None:
            hint_of[name] = get_type_hints(attribute.fget, include_extras=True)["return"]
    return hint_of


def declared(report: type) -> Iterator[Declared]:
    """Yield the figures of a report in the order of its fields, then of its properties."""
    for name, hint in hints_of(report).items():
        if get_origin(hint) is Annotated:
            plain, *marks = get_args(hint)
            yield from (Declared(name, plain, mark) for mark in marks if isinstance(mark, Figure))


def figures_in(report: object) -> dict[str, Any]:
    """Return the figures of a report by their fields."""
    return {figure.field: getattr(report, figure.field) for figure in declared(type(report))}
