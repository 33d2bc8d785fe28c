"""a person may have working hours and a timezone of their own

Nobody has until a team file says so.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member", sa.Column("hours", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("member", sa.Column("timezone", sa.String(), nullable=True))
