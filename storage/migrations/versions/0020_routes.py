"""routes, pools and where everybody stands in them; an MQL may be offered to a pool, and a rep's turns be paused

What was decided before has no route: it went in turn, among all reps.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "routing_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_routing_version", "routing_version", ["workspace_id", "id"])
    op.create_table(
        "pool_standing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("pool", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("last_turn", sa.Integer(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "pool", "user_id"),
    )
    op.add_column("assignment", sa.Column("route", sa.String(), nullable=True))
    op.add_column("assignment", sa.Column("pool", sa.String(), nullable=True))
    op.add_column("assignment", sa.Column("strategy", sa.String(32), nullable=True))
    op.add_column("assignment", sa.Column("matched", sa.JSON(), nullable=False, server_default="[]"))
    op.create_index("ix_assignment_at", "assignment", ["workspace_id", "at"])
    op.add_column("mql", sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mql", sa.Column("offer_hides", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("member", sa.Column("lapses", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("member", sa.Column("turns_paused_at", sa.DateTime(timezone=True), nullable=True))
