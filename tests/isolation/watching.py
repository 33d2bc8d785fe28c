"""Which function of storage/ executes which statement, and whether the statement asks whose row it is."""

from __future__ import annotations

import pkgutil
import sys
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.compiler import Compiled, SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

import storage
from storage import models

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
    names: dict[Compiled, tuple[str, ...] | None] = {}

    def before(_: sa.Connection, __: Any, ___: str, ____: Any, context: Any, _____: bool) -> None:
        function = _caller()
        if function is None or not isinstance(context.compiled, SQLCompiler):
            return
        if context.compiled not in names:
            names[context.compiled] = _names_of_workspaces(context.compiled)
        if (asked := names[context.compiled]) is not None:
            values = (row[name] for row in context.compiled_parameters for name in asked if name in row)
            seen.append(Seen(function, frozenset(values)))

    sa.event.listen(engine, "before_cursor_execute", before)
    return seen


def _caller() -> str | None:
    """The public function of a noun on whose behalf a statement is executed."""
    frame, caller = sys._getframe(1), None
    while frame is not None:
        if name := _of_a_noun(frame.f_code):
            caller = name
            if not frame.f_code.co_name.startswith(("_", "<")):
                return caller
        frame = frame.f_back  # type: ignore[assignment]
    return caller


@cache
def _of_a_noun(code: CodeType) -> str | None:
    """Return the name of a function with its noun, where it is one of a noun's."""
    file = Path(code.co_filename)
    return f"{file.stem}.{code.co_name}" if file.parent == HERE and file.stem in NOUNS else None


def _names_of_workspaces(compiled: SQLCompiler) -> tuple[str, ...] | None:
    """Return by which names a statement is given the workspaces that it is about; None where no row of its tables
    belongs to one."""
    statement = compiled.statement
    if not isinstance(statement, sa.ClauseElement) or not _tenants(statement):
        return None
    if isinstance(statement, sa.Insert):
        return ("id" if statement.table is models.workspace else "workspace_id",)
    asked = [
        clause.right
        for clause in visitors.iterate(statement)
        if isinstance(clause, sa.BinaryExpression)
        and clause.operator is operators.eq
        and _says_whose(clause.left)
        and isinstance(clause.right, sa.BindParameter)
    ]
    return tuple(compiled.bind_names[value] for value in asked)


def _tenants(statement: sa.ClauseElement) -> bool:
    """Whether it touches a table whose rows belong to a workspace."""
    tables = {clause for clause in visitors.iterate(statement) if isinstance(clause, sa.Table)}
    return any("workspace_id" in table.c or table is models.workspace for table in tables)


def _says_whose(column: Any) -> bool:
    if isinstance(column, FunctionElement):  # rows.unsought
        (column,) = column.clauses
    table = getattr(column, "table", None)
    if isinstance(table, sa.Alias):
        table = table.element
    return getattr(column, "name", "") == "workspace_id" or (table is models.workspace and column.name == "id")
