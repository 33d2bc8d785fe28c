"""Many rows, and odd ones: the rows of a told story again and again, each time in a workspace of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from storage import models
from storage.database import Database
from storage.fingerprints import chunks

STEP = 10_000  # between the ids of one telling and the next
# What people and tools write: anything may stand in these.
FREE = {
    "mql": ("company", "person", "title", "phone", "campaign", "form", "score_reason", "message"),
    "event": ("reason",),
    "feedback": ("comment", "next_step"),
    "outbox": ("error",),
    "member": ("name",),
}
FREE_JSON = {"mql": "attributes", "event": "data", "receipt": "answer"}


def multiply(
    history: Database,
    into: Database,
    times: int,
    text: Callable[[], str] | None = None,
    json: Callable[[], Any] | None = None,
) -> None:
    """Write the rows of `history` into another database `times` times, where wanted with other texts and JSON."""
    with history.snapshot() as tx:
        rows = {table.name: [r for part in chunks(tx, sa.select(table)) for r in part] for table in _in_order()}
    for turn in range(1, times + 1):
        with into.transaction() as tx:
            for table in _in_order():
                again = [_again(table, row, turn, text, json) for row in rows[table.name]]
                tx.execute(table.insert(), again)


def _in_order() -> list[sa.Table]:
    return list(models.metadata.sorted_tables)


def _again(
    table: sa.Table,
    row: dict[str, Any],
    turn: int,
    text: Callable[[], str] | None,
    json: Callable[[], Any] | None,
) -> dict[str, Any]:
    new = dict(row)
    for column in table.columns:
        value = row[column.name]
        if column.name == "workspace_id" or (table.name, column.name) == ("workspace", "id"):
            new[column.name] = f"{value}-{turn}"
        elif isinstance(value, int) and (column.foreign_keys or column.primary_key):
            new[column.name] = value + turn * STEP
        elif text and column.name in FREE.get(table.name, ()):
            new[column.name] = text()
        elif json and column.name == FREE_JSON.get(table.name):
            new[column.name] = {"odd": json()}
    return new
