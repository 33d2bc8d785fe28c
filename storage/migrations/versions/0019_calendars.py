"""members may link the address of a calendar, from which their absences are learnt"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "calendar_link",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("workspace_id", "user_id", "sealed")),
        *(sa.Column(name, moment, nullable=False) for name in ("created_at", "due_at")),
        sa.Column("read_at", moment, nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("etag", "modified")),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("failing_since", moment, nullable=True),
        sa.Column("last_news", sa.String(), nullable=True),
        sa.CheckConstraint("(failure IS NULL) = (failing_since IS NULL)", name="failing_has_reason"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "user_id"),
    )
    op.create_index("ix_calendar_link_due", "calendar_link", ["due_at"])
