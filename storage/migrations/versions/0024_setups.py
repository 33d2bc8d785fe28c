"""the first set-up of a workspace can be done in Slack, step by step"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "setup",
        sa.Column("workspace_id", sa.String(), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("keepers", "answers", "reading")),
        sa.Column("next_attempt_at", moment, nullable=True),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("started_by", sa.String(), nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("finished_at", moment, nullable=True),
        sa.Column("test_mql_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("test_mql_id IS NULL OR finished_at IS NOT NULL", name="tested_once_finished"),
        sa.ForeignKeyConstraint(["test_mql_id"], ["mql.id"]),
        sa.PrimaryKeyConstraint("workspace_id"),
    )
