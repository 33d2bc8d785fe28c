"""marketing's own figures, by week and segment, as sources and files tell them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "nurturing_week",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("workspace_id", "week", "segment")),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("new_leads", "sent", "opened", "clicked")),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("file", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(source_id IS NULL) = (file IS NOT NULL)", name="from_source_or_file"),
        sa.CheckConstraint("new_leads >= 0 AND sent >= 0 AND opened >= 0 AND clicked >= 0", name="figures_are_counts"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_nurturing_week_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_nurturing_week"),
        sa.UniqueConstraint(
            "workspace_id", "week", "segment", "version", name="uq_nurturing_week_workspace_id_week_segment_version"
        ),
    )
