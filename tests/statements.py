"""What is executed on a database: through SQLAlchemy, and past it by storage.rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from storage import rows

Values = Sequence[dict[str, Any]]
Hears = Callable[[Any, Values], object]
_hearing: WeakKeyDictionary[sa.Engine, list[Hears]] = WeakKeyDictionary()
_execute, _execute_many = rows.execute, rows.execute_many


def hear(engine: sa.Engine, hears: Hears) -> None:
    """Tell of every statement from now on, before it is executed, with its values: one of them, or many."""

    def before(_: sa.Connection, statement: Any, many: Any, one: Any, __: Any) -> None:
        hears(statement, [*many, one] if one else [*many])

    sa.event.listen(engine, "before_execute", before)
    _hearing.setdefault(engine, []).append(hears)


def texts(engine: sa.Engine) -> list[tuple[str, Any]]:
    """The statements that are executed from now on, as the driver gets them, with their values."""
    asked: list[tuple[str, Any]] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))

    def hears(statement: Any, values: Values) -> None:
        ready = rows._ready(statement, engine.dialect, *values[0])
        asked.append((ready.text, ready.stored(values[0])))

    _hearing.setdefault(engine, []).append(hears)
    return asked


def _told(tx: sa.Connection, statement: Any, values: Values) -> None:
    for hears in _hearing.get(tx.engine, ()):
        hears(statement, values)


def _heard(tx: sa.Connection, statement: Any, values: Any) -> Any:
    _told(tx, statement, [dict(values)])
    return _execute(tx, statement, values)


def _all_heard(tx: sa.Connection, statement: Any, values: Any) -> None:
    _told(tx, statement, [dict(one) for one in values])
    _execute_many(tx, statement, values)


rows.execute, rows.execute_many = _heard, _all_heard
