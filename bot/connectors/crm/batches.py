"""Many values, some at a time: as many as a CRM takes in one call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

Value = TypeVar("Value")


def batched(values: Sequence[Value], most: int) -> Iterable[Sequence[Value]]:
    """Yield the values in their order, up to `most` at a time."""
    return (values[start : start + most] for start in range(0, len(values), most))
