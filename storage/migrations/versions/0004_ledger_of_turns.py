"""the ledger of turns; every balance begins at zero, so nobody is owed what was before it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "turn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("mql_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("weight <> 0", name="turn_has_weight"),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"]),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_turn_workspace", "turn", ["workspace_id", "id"])
    op.add_column("member", sa.Column("balance", sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("member") as batch_op:
        batch_op.alter_column("balance", existing_type=sa.BigInteger(), server_default=None)
