"""Parameters of which `make test` takes a few, and `make test-all` all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import pytest

Value = TypeVar("Value")


def thoroughly(values: Iterable[Value], *, but: Iterable[Value] = ()) -> list[object]:
    """Return the values as parameters of a test: those of `but` first and always, the others in `make test-all`."""
    quick = list(but)
    return [*quick, *(pytest.param(value, marks=pytest.mark.thorough) for value in values if value not in quick)]
