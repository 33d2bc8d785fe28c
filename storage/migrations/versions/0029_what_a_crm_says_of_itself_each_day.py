"""what a CRM says of itself is read anew each day

Of a connection of before it is read at once.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("crm_connection", sa.Column("described_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("crm_connection", sa.Column("drift", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("crm_connection", sa.Column("daily_calls", sa.Integer(), nullable=True))
