"""files that people send to the bot in Slack, to be imported"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

STATES = ("reading", "read", "importing", "done", "undoing", "undone", "cancelled", "failed")


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="uploadstate_known", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("kind", sa.String(32), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("file_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("reading", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"]),
        sa.CheckConstraint(
            "(next_attempt_at IS NOT NULL) = (state IN ('reading', 'importing', 'undoing'))", name="work_is_looked_for"
        ),
    )
    where = sa.text("next_attempt_at IS NOT NULL")
    columns = ["workspace_id", "next_attempt_at"]
    op.create_index("ix_upload_due", "upload", columns, sqlite_where=where, postgresql_where=where)
