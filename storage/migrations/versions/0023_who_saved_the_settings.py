"""the settings have a version, and whoever saved it is known

What was set up before counts as version 0, which nobody is named for.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workspace", sa.Column("settings_version", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("workspace", sa.Column("settings_by", sa.String(), nullable=True))
    op.add_column("workspace", sa.Column("settings_at", sa.DateTime(timezone=True), nullable=True))
