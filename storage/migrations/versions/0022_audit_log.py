"""what somebody changes that is no MQL is written down: settings, roles, sources, secrets, erasures, exports

Nothing is known of what was changed before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("door", sa.String(32), nullable=False),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("by", "machine_user", "subject")),
        *(sa.Column(name, sa.JSON(), nullable=True) for name in ("before", "after")),
        sa.CheckConstraint("by IS NULL OR machine_user IS NULL", name="done_by_one"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_audit_newest", "audit", ["workspace_id", "id"])
    op.create_index("ix_audit_at", "audit", ["workspace_id", "at"])
