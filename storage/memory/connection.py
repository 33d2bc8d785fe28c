"""The connection to a database in memory."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect

from storage.memory.statements import Plan, plan
from storage.memory.tables import Table

AT_MOST = 1_000
"""Statements whose plans are kept. Those that are built once are among them from the beginning."""


class Memory(sa.Connection):
    """A connection to tables that are empty when it is made and gone with it."""

    def __init__(self) -> None:
        self._tables: dict[sa.Table, Table] = {}
        self._plans: dict[int, tuple[Any, Plan]] = {}
        self._known: dict[str, Any] = {}
        self.dialect = DefaultDialect()
        self.dialect.name = "memory"

    @property
    def info(self) -> dict[str, Any]:
        """What is noted beside the connection."""
        return self._known

    def execute(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:  # noqa: ARG002
        """Run a statement, and return its result. Raises NotImplementedError for one that is not known here."""
        known = self._plans.get(id(statement))
        if known is None:
            if len(self._plans) >= AT_MOST:
                self._plans.clear()
            known = self._plans[id(statement)] = statement, plan(statement, self._table)
        return known[1](parameters)

    def _table(self, table: sa.Table) -> Table:
        if table not in self._tables:
            self._tables[table] = Table(table)
        return self._tables[table]
