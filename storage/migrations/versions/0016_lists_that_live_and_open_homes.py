"""a message about several MQLs is found by each of them, and an App Home that is open is known

Lists from before name nobody here: they stay as they were sent.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "listing",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("outbox_id", "mql_id")),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name="fk_listing_outbox_id"),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"], name="fk_listing_mql_id"),
        sa.PrimaryKeyConstraint("outbox_id", "mql_id", name="pk_listing"),
    )
    op.create_index("ix_listing_mql", "listing", ["mql_id"])
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "open_home",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("workspace_id", "user_id")),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("next_at", moment, nullable=False),
        sa.Column("drawn_at", moment, nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("drawn_from", "drawn")),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("taken_until", moment, nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", name="pk_open_home"),
    )
