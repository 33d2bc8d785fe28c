"""the queue keeps what was read, from wherever it came, with a clock; what people teach the reader about a sender"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STATES = ("open", "entered", "dismissed", "set_aside", "deleted")
KNOWN = f"state IN ({', '.join(repr(state) for state in STATES)})"
CHECKS = {
    "message_has_channel_and_ts": "(channel IS NULL) = (ts IS NULL)",
    "message_or_delivery": "channel IS NULL OR source_id IS NULL",
    "closed_unless_open": "(closed_at IS NULL) = (state = 'open')",
    "only_open_ones_are_told": "check_at IS NULL OR state = 'open'",
    "set_aside_has_time": "state <> 'set_aside' OR set_aside_at IS NOT NULL",
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _make_anew()
    else:
        _alter()
    op.create_index("ix_unreadable_check", "unreadable", ["check_at"], **_where("check_at IS NOT NULL"))
    op.create_index("ix_unreadable_open", "unreadable", ["workspace_id", "id"], **_where("state = 'open'"))
    set_aside = _where("set_aside_at IS NOT NULL")
    op.create_index("ix_unreadable_set_aside", "unreadable", ["workspace_id", "set_aside_at"], **set_aside)
    op.create_index("ix_unreadable_sender", "unreadable", ["workspace_id", "sender", "id"])
    _limit_the_queue()
    _learn_of_senders()


def _columns() -> list[sa.Column[Any]]:
    """Return the new columns, all of them empty at first."""
    moment = sa.DateTime(timezone=True)
    return [
        *(sa.Column(name, sa.String(), nullable=True) for name in ("sender", "sender_name", "headline")),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("source_id", "delivery_id")),
        *(sa.Column(name, moment, nullable=True) for name in ("due_at", "check_at", "escalated_at")),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("group_id", "escalation_id")),
        *(sa.Column(name, moment, nullable=True) for name in ("set_aside_at", "closed_at")),
    ]


def _make_anew() -> None:
    """SQLite changes no constraint of a table: it is made anew, in the steps that SQLite's documentation gives
    (https://www.sqlite.org/lang_altertable.html#otheralter). Foreign keys are off meanwhile."""
    tx = op.get_bind()
    op.create_table(
        "unreadable_anew",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("ts", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("mql_id", sa.Integer(), nullable=True),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.String(), nullable=True),
        *_columns(),
        sa.CheckConstraint(KNOWN, name="unreadablestate_known"),
        sa.CheckConstraint("(mql_id IS NOT NULL) = (state = 'entered')", name="entered_has_mql"),
        *(sa.CheckConstraint(rule, name=name) for name, rule in CHECKS.items()),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"], name=op.f("fk_unreadable_mql_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unreadable")),
        sa.UniqueConstraint("workspace_id", "channel", "ts", name=op.f("uq_unreadable_workspace_id_channel_ts")),
    )
    same = "id, workspace_id, channel, ts, reason, state, mql_id, at, closed_by"
    closed_at = "CASE state WHEN 'open' THEN NULL ELSE at END"
    tx.exec_driver_sql(
        f"INSERT INTO unreadable_anew ({same}, content, came_at, closed_at) "  # noqa: S608
        f"SELECT {same}, found, at, {closed_at} FROM unreadable"
    )
    tx.exec_driver_sql("DROP TABLE unreadable")
    tx.exec_driver_sql("ALTER TABLE unreadable_anew RENAME TO unreadable")
    _tell_by_label()


def _alter() -> None:
    op.alter_column("unreadable", "channel", nullable=True)
    op.alter_column("unreadable", "ts", nullable=True)
    op.alter_column("unreadable", "found", new_column_name="content")
    for column in _columns():
        op.add_column("unreadable", column)
    op.add_column("unreadable", sa.Column("came_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE unreadable SET came_at = at")
    op.execute("UPDATE unreadable SET closed_at = at WHERE state <> 'open'")
    op.alter_column("unreadable", "came_at", nullable=False)
    op.drop_constraint("unreadablestate_known", "unreadable")
    op.create_check_constraint("unreadablestate_known", "unreadable", KNOWN)
    for name, rule in CHECKS.items():
        op.create_check_constraint(name, "unreadable", rule)
    _tell_by_label()


def _tell_by_label() -> None:
    """Which labels stood in a message was a list; from here on each has what stood at it, which is not known of these.
    When they were sent is: Slack's ts of a message is its moment."""
    tx = op.get_bind()
    entry = sa.table(
        "unreadable",
        sa.column("id", sa.Integer()),
        sa.column("ts", sa.String()),
        sa.column("content", sa.JSON()),
        sa.column("came_at", sa.DateTime(timezone=True)),
    )
    for row in tx.execute(sa.select(entry.c.id, entry.c.ts, entry.c.content)).all():
        values: dict[str, object] = {"content": dict.fromkeys(row.content, "")}
        values["came_at"] = datetime.fromtimestamp(float(row.ts), UTC)
        tx.execute(entry.update().where(entry.c.id == row.id).values(**values))


def _limit_the_queue() -> None:
    rule = "queue_hours > 0"
    if op.get_bind().dialect.name == "sqlite":
        named = "CONSTRAINT an_hour_for_the_queue_at_least"
        op.execute(f"ALTER TABLE workspace ADD COLUMN queue_hours INTEGER {named} CHECK ({rule})")
    else:
        op.add_column("workspace", sa.Column("queue_hours", sa.Integer(), nullable=True))
        op.create_check_constraint("an_hour_for_the_queue_at_least", "workspace", rule)


def _learn_of_senders() -> None:
    op.create_table(
        "sender_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "sender", "number"),
    )
    op.create_table(
        "sender_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("sender_name", sa.String(), nullable=True),
        sa.Column("headline", sa.String(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by", sa.String(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(removed_by IS NULL) = (removed_at IS NULL)", name="removed_by_somebody"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sender_rule_holds", "sender_rule", ["workspace_id", "sender"], **_where("removed_at IS NULL"))


def _where(condition: str) -> dict[str, Any]:
    """Return what makes an index one of only some rows, on either database."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
