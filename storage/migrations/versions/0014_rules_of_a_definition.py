"""a version of the definition may hold rules, and the queue the leads that fail them

Versions from before have none: they are words, and no lead is held for them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("definition", sa.Column("rules", sa.JSON(), nullable=False, server_default="{}"))
    for column in (
        sa.Column("lead", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("lead_source", sa.String(32), nullable=True),
        sa.Column("definition_id", sa.Integer(), nullable=True),
        sa.Column("failing", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("why", sa.String(), nullable=True),
    ):
        op.add_column("unreadable", column)
    where = sa.text("definition_id IS NOT NULL")
    columns = ["workspace_id", "at"]
    op.create_index("ix_unreadable_held", "unreadable", columns, sqlite_where=where, postgresql_where=where)
