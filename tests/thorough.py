"""Parameters of which `make test` takes a few, and `make test-all` all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import pytest

Value = TypeVar("Value")


def thoroughly(values: Iterable[Value], *, but: Iterable[Value] = ()) -> list[object]:
    """Return the values as parameters of a test: those of `but` first and always, the others in `make test-all`. A
    tuple holds the parameters of a test that has several."""
    quick = list(but)
    return [*quick, *(_rare(value) for value in values if value not in quick)]


def _rare(value: object) -> object:
    parameters = value if isinstance(value, tuple) else (value,)
    return pytest.param(*parameters, marks=pytest.mark.thorough)
