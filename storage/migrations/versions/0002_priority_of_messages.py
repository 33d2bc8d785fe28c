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
    for priority, kinds in PRIORITIES.items():
        _change("outbox", kinds, priority=priority)
    for old, new in RENAMED.items():
        _change("outbox", (old,), kind=new)
        _change("mute", (old,), kind=new)
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


def _change(table: str, kinds: tuple[str, ...], **values: object) -> None:
    columns: list[sa.ColumnClause[object]] = [sa.column(name) for name in {"kind", *values}]
    changed = sa.table(table, *columns)
    op.execute(changed.update().where(changed.c.kind.in_(kinds)).values(**values))
