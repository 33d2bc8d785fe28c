"""the priority of a message is stored with it; what marketing hears is no longer called an outcome"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# As the kinds stood when this was written. All others have the priority 3.
PRIORITIES = {
    0: ("edit", "private"),
    1: ("card", "assignment", "unassigned"),
    2: (
        "escalation",
        "unreachable",
        "offer",
        "owner_left",
        "alert",
        "alert_over",
        "disputed",
        "reopened",
    ),
    4: ("outcomes", "digest", "digest_people", "digest_trend", "own_week", "checkup", "monthly", "scoring"),
}
RENAMED = {"outcome": "marketing_update", "outcomes": "marketing_updates"}

UNSENT = sa.text("state IN ('pending', 'sending')")
LISTS = sa.text("kind IN ('marketing_updates', 'held', 'digest', 'own_week', 'meeting')")


def upgrade() -> None:
    op.drop_index("ix_outbox_lists", "outbox")
    op.drop_index("ix_outbox_unsent", "outbox")
    # With a default no row is written for it, and only those of another priority are changed.
    op.add_column("outbox", sa.Column("priority", sa.Integer(), nullable=False, server_default="3"))
    _fill()
    for table in ("outbox", "mute"):
        _rename(table)
    # Without one from here on: a message that is queued without its priority is refused.
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.alter_column("priority", existing_type=sa.Integer(), server_default=None)
    op.create_index(
        "ix_outbox_lists", "outbox", ["workspace_id", "created_at"], sqlite_where=LISTS, postgresql_where=LISTS
    )
    op.create_index(
        "ix_outbox_unsent",
        "outbox",
        ["workspace_id", "target", "priority", "id"],
        sqlite_where=UNSENT,
        postgresql_where=UNSENT,
    )


def _fill() -> None:
    outbox = sa.table("outbox", sa.column("kind", sa.String()), sa.column("priority", sa.Integer()))
    priorities = {kind: priority for priority, kinds in PRIORITIES.items() for kind in kinds}
    mine = outbox.c.kind.in_(list(priorities))
    op.execute(outbox.update().where(mine).values(priority=sa.case(priorities, value=outbox.c.kind)))


def _rename(name: str) -> None:
    table = sa.table(name, sa.column("kind", sa.String()))
    op.execute(table.update().where(table.c.kind.in_(list(RENAMED))).values(kind=sa.case(RENAMED, value=table.c.kind)))
