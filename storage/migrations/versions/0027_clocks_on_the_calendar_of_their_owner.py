"""a response clock may run on the calendar of whoever has the MQL

Every clock of before runs on the team's.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clock", sa.Column("legs", sa.JSON(none_as_null=True), nullable=True))
