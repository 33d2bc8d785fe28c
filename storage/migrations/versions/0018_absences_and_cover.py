"""absences may lie ahead and say who set them, and an MQL whose owner is away may have a cover

Of absences from before, the members themselves said them. What goes on, or has ended since anybody looked, is dealt
with when it ends; what is longer over is left alone.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

COVER = "cover IS NULL OR (owner IS NOT NULL AND cover <> owner)"
LISTS = sa.text(
    "kind IN ('marketing_updates', 'held', 'digest', 'own_week', 'absence_began', 'absence_over', 'meeting')"
)
GOES_ON = """
UPDATE absence SET next_at = until_at WHERE EXISTS (
    SELECT 1 FROM member
    WHERE member.workspace_id = absence.workspace_id
    AND member.user_id = absence.user_id
    AND member.away_until = absence.until_at
)
"""


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("absence", sa.Column("source", sa.String(32), nullable=False, server_default="person"))
    op.add_column("absence", sa.Column("set_by", sa.String(), nullable=True))
    op.add_column("absence", sa.Column("overruled_until", moment, nullable=True))
    op.add_column("absence", sa.Column("next_at", moment, nullable=True))
    op.execute("UPDATE absence SET set_by = user_id")
    op.execute(GOES_ON)
    where = sa.text("next_at IS NOT NULL")
    op.create_index("ix_absence_next", "absence", ["next_at"], sqlite_where=where, postgresql_where=where)
    columns = ["workspace_id", "created_at"]
    op.drop_index("ix_outbox_lists", "outbox")
    op.create_index("ix_outbox_lists", "outbox", columns, sqlite_where=LISTS, postgresql_where=LISTS)
    # With its constraint in one statement, which SQLite allows where the column is new.
    op.execute(f"ALTER TABLE mql ADD COLUMN cover VARCHAR CONSTRAINT cover_of_another CHECK ({COVER})")
    where = sa.text("cover IS NOT NULL")
    op.create_index("ix_mql_cover", "mql", ["workspace_id", "cover"], sqlite_where=where, postgresql_where=where)
