"""a clock knows when it was moved to its policy version"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clock", sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))
