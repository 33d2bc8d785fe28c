"""How a simulation reads beside what happened: as text, as CSV for a spreadsheet, as values for JSON."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.core.teamfile import TeamFile
from bot.core.whatif import Figures, Level, Messages, Past, Period, Simulated
from bot.i18n import Translator

NUMBERS_SHOWN = 20
AN_HOUR = timedelta(hours=1)
NOTHING = Messages({})

Value = float | timedelta | None


@dataclass(frozen=True)
class Comparison:
    """What happened, and what would have."""

    period: Period
    happened: Figures
    simulated: Figures
    undone: int
    names: dict[str, str]
    """Display names by user id, of the roster as it is and as it would be."""
    translator: Translator
    """The language of the workspace."""

    @classmethod
    def of(cls, past: Past, simulated: Simulated, wanted: TeamFile) -> Comparison:
        """Return a past beside its replay."""
        names = {member.user_id: member.name for member in past.roster}
        names |= {person.user_id: person.name for person in wanted.members}
        words = Translator(past.workspace.locale, past.workspace.timezone)
        return cls(past.period, past.happened, simulated.figures, simulated.undone, names, words)

    @property
    def saved(self) -> list[int]:
        """Numbers of the MQLs that were late and would not have been."""
        return sorted(self.happened.late - self.simulated.late)

    @property
    def lost(self) -> list[int]:
        """Numbers of those that would have been late and were not."""
        return sorted(self.simulated.late - self.happened.late)


@dataclass(frozen=True)
class Row:
    """One figure on both sides."""

    label: str
    happened: Value
    simulated: Value

    @property
    def difference(self) -> Value:
        """By how much more there would have been."""
        if isinstance(self.happened, timedelta) and isinstance(self.simulated, timedelta):
            return self.simulated - self.happened
        if isinstance(self.happened, int | float) and isinstance(self.simulated, int | float):
            return self.simulated - self.happened
        return None


def as_text(comparison: Comparison, t: Translator) -> str:
    """Return the sentence that matters, the table, and what the method cannot know."""
    period = comparison.period
    days = {"first": period.first, "last": period.last, "until": t.moment(period.until)}
    parts = [_headline(comparison, t), t("simulate.period", count=comparison.happened.received, **days)]
    parts.append("\n".join(_table([_cells(row, t) for row in _rows(comparison, t)], t("simulate.figure"), t)))
    parts += [
        _numbers(key, numbers, t)
        for key, numbers in (("saved", comparison.saved), ("lost", comparison.lost))
        if numbers
    ]
    people = [_person(user, comparison, t) for user in _everybody(comparison)]
    if people:
        parts.append("\n".join(_table(people, t("simulate.people"), t)))
    parts.append("\n".join(_remarks(comparison, t)))
    return "\n\n".join(parts) + "\n"


def as_lines(comparison: Comparison, t: Translator) -> list[list[float | str]]:
    """Return every figure as a line: what, of whom, happened, simulated, difference. Durations are in hours."""
    lines: list[list[float | str]] = [
        [t(f"simulate.{word}") for word in ("figure", "person", "happened", "simulated", "difference")]
    ]
    lines += [_line(row, "", t) for row in _rows(comparison, t)]
    for user in _everybody(comparison):
        lines += [_line(row, comparison.names.get(user, user), t) for row in _of_person(user, comparison, t)]
    return lines


def as_values(comparison: Comparison) -> dict[str, Any]:
    """Return the same for a program: durations in seconds, people by user id."""
    period = comparison.period
    return {
        "period": {name: getattr(period, name) for name in ("first", "last", "timezone", "until")},
        "happened": _values(comparison.happened),
        "simulated": _values(comparison.simulated),
        "no_longer_late": comparison.saved,
        "newly_late": comparison.lost,
        "undone": comparison.undone,
        "names": comparison.names,
    }


def _values(figures: Figures) -> dict[str, Any]:
    plain = {name: getattr(figures, name) for name in figures.__dataclass_fields__}
    plain |= {"late": sorted(figures.late), "overdue": sorted(figures.overdue)}
    people = {user: {"total": messages.total, "by_day": messages.by_day} for user, messages in figures.messages.items()}
    return plain | {"messages": people, "told": figures.told, "median_a_day": figures.median_a_day}


def _headline(comparison: Comparison, t: Translator) -> str:
    before, after = len(comparison.happened.late), len(comparison.simulated.late)
    words = {"before": t.number(before), "after": t.number(after), "received": t.number(comparison.happened.received)}
    return t("simulate.same" if before == after else "simulate.changed", **words)


def _rows(comparison: Comparison, t: Translator) -> Iterator[Row]:
    before, after = comparison.happened, comparison.simulated

    def row(name: str, happened: Value, simulated: Value) -> Row:
        return Row(t(f"simulate.row.{name}"), happened, simulated)

    yield row("late", len(before.late), len(after.late))
    yield row("overdue", len(before.overdue), len(after.overdue))
    for level in Level:
        yield row(f"to_{level}", before.escalations[level], after.escalations[level])
    for name in ("overdue_told", "reassigned", "reassigned_by_step", "median", "median_open", "told", "median_a_day"):
        yield row(name, getattr(before, name), getattr(after, name))


def _everybody(comparison: Comparison) -> list[str]:
    """Return who got messages on either side, the most on one day first."""
    people = comparison.happened.messages.keys() | comparison.simulated.messages.keys()
    most = {user: max(row.most for row in _both(user, comparison)) for user in people}
    return sorted(people, key=lambda user: (-most[user], comparison.names.get(user, user)))


def _both(user: str, comparison: Comparison) -> tuple[Messages, Messages]:
    return comparison.happened.messages.get(user, NOTHING), comparison.simulated.messages.get(user, NOTHING)


def _of_person(user: str, comparison: Comparison, t: Translator) -> Iterator[Row]:
    before, after = _both(user, comparison)
    yield Row(t("simulate.row.told"), before.total, after.total)
    yield Row(t("simulate.row.most"), before.most, after.most)


def _person(user: str, comparison: Comparison, t: Translator) -> list[str]:
    total = next(_of_person(user, comparison, t))
    cells = [
        t("simulate.total_and_most", total=t.number(side.total), most=t.number(side.most), day=t.day(side.most_on))
        if side.most_on
        else _worded(0, t)
        for side in _both(user, comparison)
    ]
    return [comparison.names.get(user, user), *cells, _signed(total.difference, t)]


def _cells(row: Row, t: Translator) -> list[str]:
    return [row.label, _worded(row.happened, t), _worded(row.simulated, t), _signed(row.difference, t)]


def _worded(value: Value, t: Translator) -> str:
    if value is None:
        return "–"
    return t.hours(value) if isinstance(value, timedelta) else t.number(value)


def _signed(value: Value, t: Translator) -> str:
    zero = timedelta(0) if isinstance(value, timedelta) else 0
    if value is None or value == zero:
        return _worded(value, t)
    # Both are of one kind, which the type checker cannot see.
    less = value < zero  # type: ignore[operator]
    return ("−" if less else "+") + _worded(-value if less else value, t)


def _plainly(value: Value) -> float | str:
    if value is None:
        return ""
    return round(value / AN_HOUR, 2) if isinstance(value, timedelta) else value


def _line(row: Row, name: str, t: Translator) -> list[float | str]:
    what = row.label.strip()
    if isinstance(row.happened or row.simulated, timedelta):
        what = t("simulate.in_hours", what=what)
    return [what, name, *map(_plainly, (row.happened, row.simulated, row.difference))]


def _numbers(key: str, numbers: Sequence[int], t: Translator) -> str:
    shown = t.listed([f"#{number}" for number in numbers[:NUMBERS_SHOWN]])
    line = t(f"simulate.{key}", numbers=shown)
    left = len(numbers) - NUMBERS_SHOWN
    return t.flow(line, t("simulate.more", count=left)) if left > 0 else line


def _remarks(comparison: Comparison, t: Translator) -> Iterator[str]:
    if comparison.undone:
        yield t("simulate.undone", count=comparison.undone)
    yield t("simulate.limits")


def _table(rows: Sequence[Sequence[str]], what: str, t: Translator) -> Iterator[str]:
    """Yield lines in columns, the first to the left, the others to the right, however wide the characters are."""
    lines = [[what, *(t(f"simulate.{word}") for word in ("happened", "simulated", "difference"))], *rows]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    for first, *others in lines:
        cells = [first + " " * (widths[0] - _width(first))]
        cells += [" " * (width - _width(cell)) + cell for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join(cells)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
