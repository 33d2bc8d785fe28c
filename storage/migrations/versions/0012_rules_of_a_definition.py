"""a version of the definition may hold rules

Versions from before have none: they are words, and no lead is held for them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("definition", sa.Column("rules", sa.JSON(none_as_null=True), nullable=True))
