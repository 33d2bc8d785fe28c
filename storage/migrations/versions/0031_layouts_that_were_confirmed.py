"""layouts of notices that a person has confirmed

What waits from before has none that could be confirmed: it is entered by hand, as before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("unreadable", sa.Column("guess", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "sender_layout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("unsure", sa.JSON(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("reads", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by", sa.String(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sender_layout")),
        sa.CheckConstraint("(removed_by IS NULL) = (removed_at IS NULL)", name="removed_by_somebody"),
    )
    holds = sa.text("removed_at IS NULL")
    columns = ["workspace_id", "sender"]
    op.create_index("ix_sender_layout_holds", "sender_layout", columns, sqlite_where=holds, postgresql_where=holds)
