"""an act can be undone for a while, a rep may promise the next touch, one message tells the owner of a lead,
and a proposed definition can be withdrawn or sent back

Nothing that was done before can be undone, and nobody has promised anything.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "undo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("mql_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("after_id", "event_id")),
        sa.Column("until", moment, nullable=False),
        sa.Column("undone_at", moment, nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.CheckConstraint("event_id > after_id", name="an_act_has_events"),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_undo_mql", "undo", ["workspace_id", "mql_id", "id"])
    op.create_index("ix_undo_until", "undo", ["until"])
    op.create_table(
        "next_touch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("mql_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("due_at", moment, nullable=False),
        *(sa.Column(name, moment, nullable=True) for name in ("remind_at", "kept_at")),
        sa.Column("kept_id", sa.Integer(), nullable=True),
        sa.Column("dropped_at", moment, nullable=True),
        sa.CheckConstraint("(kept_at IS NULL) = (kept_id IS NULL)", name="kept_by_an_event"),
        sa.CheckConstraint("kept_at IS NULL OR dropped_at IS NULL", name="kept_or_dropped"),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_next_touch_mql", "next_touch", ["workspace_id", "mql_id", "id"])
    op.create_index("ix_next_touch_due", "next_touch", ["workspace_id", "due_at"])
    where = sa.text("remind_at IS NOT NULL")
    op.create_index("ix_next_touch_remind", "next_touch", ["remind_at"], sqlite_where=where, postgresql_where=where)
    for column in ("closed_by", "closed_why"):
        op.add_column("definition", sa.Column(column, sa.String(), nullable=True))
    op.add_column("definition", sa.Column("closed_at", moment, nullable=True))
    op.add_column("workspace", sa.Column("owner_told", sa.String(32), nullable=False, server_default="dm"))
