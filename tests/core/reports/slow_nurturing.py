"""Marketing's own figures, recounted from everything that was ever delivered, one delivery at a time. Uses none of
bot.core.reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

FIGURES = ("new_leads", "sent", "opened", "clicked")
NAMES = (*FIGURES, "open_rate", "click_rate")
Told = tuple[str, str, Mapping[str, int | None]]
"""Week, segment, and the figures that were named."""


def known(deliveries: Iterable[Told]) -> dict[tuple[str, str], dict[str, int | None]]:
    """What stands at the end."""
    stands: dict[tuple[str, str], dict[str, int | None]] = {}
    for week, segment, figures in deliveries:
        stands.setdefault((week, segment), dict.fromkeys(FIGURES)).update(figures)
    return stands


def counts(deliveries: Iterable[Told], weeks: Iterable[str]) -> dict[str, Any]:
    """The whole of some weeks: a count, or (part, whole) of a rate; None where nothing is known."""
    stands, result = known(deliveries), dict.fromkeys(NAMES)
    for week in weeks:
        for name in NAMES:
            value = of_week({segment: figures for (which, segment), figures in stands.items() if which == week}, name)
            result[name] = _plus(result[name], value)
    return result


def of_week(segments: Mapping[str, Mapping[str, int | None]], name: str) -> Any:
    """The whole where it is told without a segment, else the sum of the segments."""
    values = {segment: _value(figures, name) for segment, figures in segments.items()}
    if values.get("") is not None:
        return values[""]
    whole = None
    for segment, value in values.items():
        whole = _plus(whole, value) if segment else whole
    return whole


def _value(figures: Mapping[str, int | None], name: str) -> Any:
    if name in FIGURES:
        return figures[name]
    return share(figures[{"open_rate": "opened", "click_rate": "clicked"}[name]], figures["sent"])


def share(part: int | None, whole: int | None) -> tuple[int, int] | None:
    """The counts of a rate, where there can be one."""
    if part is None or whole is None or whole == 0 or part > whole:
        return None
    return part, whole


def _plus(first: Any, other: Any) -> Any:
    if first is None or other is None:
        return other if first is None else first
    return tuple(map(sum, zip(first, other, strict=True))) if isinstance(first, tuple) else first + other
