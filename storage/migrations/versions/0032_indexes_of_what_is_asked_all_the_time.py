"""indexes of what is asked all the time

Without them all that is open was read for each list of one person's, and every clock for each move to another policy.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_open = sa.text("status IN ('unassigned', 'assigned', 'accepted', 'contacted')")
    columns = ["workspace_id", "owner", "id"]
    op.create_index("ix_mql_owner", "mql", columns, sqlite_where=is_open, postgresql_where=is_open)
    waits, columns = sa.text("state = 'open'"), ["workspace_id", "state", "id"]
    op.drop_index("ix_unreadable_open", "unreadable")
    op.create_index("ix_unreadable_open", "unreadable", columns, sqlite_where=waits, postgresql_where=waits)
    op.create_index("ix_turn_at", "turn", ["workspace_id", "at"])
    runs = sa.text("stopped_at IS NULL")
    columns = ["workspace_id", "due_at"]
    op.create_index("ix_clock_open", "clock", columns, sqlite_where=runs, postgresql_where=runs)
