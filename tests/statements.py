"""What is executed on a database, by SQLAlchemy's own events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

Values = Sequence[dict[str, Any]]
Hears = Callable[[Any, Values], object]


def hear(engine: sa.Engine, hears: Hears) -> None:
    """Tell of every statement from now on, before it is executed, with its values: one of them, or many."""

    def before(_: sa.Connection, statement: Any, many: Any, single: Any, __: Any) -> None:
        hears(statement, [*many, single] if single else [*many])

    sa.event.listen(engine, "before_execute", before)


def texts(engine: sa.Engine) -> list[tuple[str, Any]]:
    """Return the list to which every statement is added from now on, as the driver gets it, with its values."""
    asked: list[tuple[str, Any]] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
    return asked
