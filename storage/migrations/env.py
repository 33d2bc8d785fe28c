"""Run by Alembic. The connection comes from storage.migrate, never from a file or the environment."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from storage import migrate


def _plain_types(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """Write the types of SQLModel, and enums that the database does not check, as what they are in the database:
    a revision must not change when the code's words do."""
    if kind != "type":
        return False
    if isinstance(item, AutoString):
        return "sa.String()"
    if isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, sa.Enum) and not item.create_constraint:
        return f"sa.String({item.length})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=migrate.metadata(),
    render_as_batch=True,
    render_item=_plain_types,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
