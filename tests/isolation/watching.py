"""Which function of storage/ executes which statement, and whether the statement asks whose row it is."""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.sql import operators, visitors

import storage
from storage import models
from tests import statements

HERE = Path(storage.__file__).parent
# What is about a database as a whole, or about none.
NO_NOUNS = {"backups", "copying", "database", "digests", "facts", "migrate", "migrations", "models", "presence"}
NO_NOUNS |= {"rows", "sqlite_dialect", "vocabulary"}
NOUNS = sorted({module.name for module in pkgutil.iter_modules([str(HERE)])} - NO_NOUNS)


class Seen(NamedTuple):
    """One statement."""

    function: str
    workspaces: frozenset[Any]
    """The workspaces that it is about; empty where it asks for none."""


def watch(engine: sa.Engine) -> list[Seen]:
    """Note from now on what is executed."""
    seen: list[Seen] = []

    def before(statement: Any, values: statements.Values) -> None:
        function = _caller()
        if function is not None and isinstance(statement, sa.ClauseElement) and _tenants(statement):
            seen.append(Seen(function, frozenset(_workspaces(statement, values))))

    statements.hear(engine, before)
    return seen


def _caller() -> str | None:
    """The public function of a noun on whose behalf a statement is executed."""
    frame, found = sys._getframe(1), None
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        if file.parent == HERE and file.stem in NOUNS:
            found = f"{file.stem}.{frame.f_code.co_name}"
            if not frame.f_code.co_name.startswith(("_", "<")):
                return found
        frame = frame.f_back  # type: ignore[assignment]
    return found


def _tenants(statement: sa.ClauseElement) -> bool:
    """Whether it touches a table whose rows belong to a workspace."""
    tables = {one for one in visitors.iterate(statement) if isinstance(one, sa.Table)}
    return any("workspace_id" in table.c or table is models.workspace for table in tables)


def _workspaces(statement: sa.ClauseElement, given: statements.Values) -> Iterator[Any]:
    if isinstance(statement, sa.Insert):
        compiled = statement.compile().params
        name = "id" if statement.table is models.workspace else "workspace_id"
        rows = [row for row in given if row] or [compiled]
        yield from (row.get(name, compiled.get(name)) for row in rows)
        return
    for one in visitors.iterate(statement):
        if not isinstance(one, sa.BinaryExpression) or one.operator is not operators.eq:
            continue
        if _says_whose(one.left) and isinstance(one.right, sa.BindParameter):
            # A statement that is built once has its values beside it.
            named = [part[one.right.key] for part in given if one.right.key in part]
            yield from named or [one.right.effective_value]


def _says_whose(column: Any) -> bool:
    table = getattr(column, "table", None)
    if isinstance(table, sa.Alias):
        table = table.element
    return getattr(column, "name", "") == "workspace_id" or (table is models.workspace and column.name == "id")
