"""CRMs are connected: with which credentials, which MQL is which record there, what both sides last agreed on, what is
to be written, and where a person decides

No CRM was connected before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crm_connection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("record_url", sa.String(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("mapping_version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("active", "removed", name="crmstate_known", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("cursor", sa.String(), nullable=False),
        sa.Column("event_mark", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lacks", sa.JSON(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_on", sa.String(), nullable=True),
        sa.Column("vanished", sa.JSON(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("calls_on", sa.String(), nullable=True),
        sa.Column("lease", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(calls_on IS NULL) = (calls = 0)", name="calls_have_a_day"),
        sa.CheckConstraint("(failure IS NULL) = (failing_since IS NULL)", name="failing_has_reason"),
        sa.CheckConstraint("(lease IS NULL) = (lease_until IS NULL)", name="a_lease_ends"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_connection")),
    )
    with op.batch_alter_table("crm_connection", schema=None) as batch_op:
        batch_op.create_index(
            "uq_crm_connection",
            ["workspace_id", "kind"],
            unique=True,
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        )

    op.create_table(
        "crm_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["crm_connection.id"], name=op.f("fk_crm_notice_connection_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_notice")),
        sa.UniqueConstraint("connection_id", "record", name=op.f("uq_crm_notice_connection_id_record")),
    )
    with op.batch_alter_table("crm_notice", schema=None) as batch_op:
        batch_op.create_index("ix_crm_notice_due", ["connection_id", "due_at"], unique=False)

    op.create_table(
        "crm_secret",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["crm_connection.id"], name=op.f("fk_crm_secret_connection_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_secret")),
    )
    with op.batch_alter_table("crm_secret", schema=None) as batch_op:
        batch_op.create_index("ix_crm_secret", ["workspace_id", "connection_id"], unique=False)

    op.create_table(
        "crm_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("mql_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=True),
        sa.Column("is_fresh", sa.Boolean(), nullable=False),
        sa.Column("look_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_up", sa.Integer(), nullable=False),
        sa.Column("seen_event", sa.Integer(), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("look_up_at IS NULL OR record_id IS NULL", name="what_is_found_is_not_looked_for"),
        sa.ForeignKeyConstraint(["connection_id"], ["crm_connection.id"], name=op.f("fk_crm_link_connection_id")),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"], name=op.f("fk_crm_link_mql_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_link")),
        sa.UniqueConstraint("connection_id", "mql_id", name=op.f("uq_crm_link_connection_id_mql_id")),
    )
    with op.batch_alter_table("crm_link", schema=None) as batch_op:
        batch_op.create_index(
            "ix_crm_link_look_up",
            ["connection_id", "look_up_at"],
            unique=False,
            sqlite_where=sa.text("look_up_at IS NOT NULL"),
            postgresql_where=sa.text("look_up_at IS NOT NULL"),
        )
        batch_op.create_index("ix_crm_link_mql", ["workspace_id", "mql_id"], unique=False)
        batch_op.create_index("ix_crm_link_record", ["connection_id", "record_id"], unique=False)

    op.create_table(
        "crm_conflict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("mql_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(32), nullable=False),
        sa.Column("base_theirs", sa.String(), nullable=True),
        sa.Column("base_ours", sa.String(), nullable=True),
        sa.Column("theirs", sa.String(), nullable=True),
        sa.Column("ours", sa.String(), nullable=True),
        sa.Column("changed_by", sa.String(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "decision",
            sa.Enum(
                "ours",
                "theirs",
                "settled",
                name="crmdecision_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(decided_at IS NULL) = (decision IS NULL)", name="decided_at_says_decided"),
        sa.ForeignKeyConstraint(["link_id"], ["crm_link.id"], name=op.f("fk_crm_conflict_link_id")),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"], name=op.f("fk_crm_conflict_mql_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_conflict")),
    )
    with op.batch_alter_table("crm_conflict", schema=None) as batch_op:
        batch_op.create_index("ix_crm_conflict_mql", ["workspace_id", "mql_id"], unique=False)
        batch_op.create_index(
            "uq_crm_conflict_open",
            ["link_id", "field"],
            unique=True,
            sqlite_where=sa.text("decided_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL"),
        )

    op.create_table(
        "crm_shadow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("mql_id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(32), nullable=False),
        sa.Column("theirs", sa.String(), nullable=True),
        sa.Column("ours", sa.String(), nullable=True),
        sa.Column("is_ahead", sa.Boolean(), nullable=False),
        sa.Column("sending", sa.String(), nullable=True),
        sa.Column("is_sending", sa.Boolean(), nullable=False),
        sa.Column("wanted", sa.String(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.CheckConstraint("is_sending OR sending IS NULL", name="sending_has_value"),
        sa.ForeignKeyConstraint(["link_id"], ["crm_link.id"], name=op.f("fk_crm_shadow_link_id")),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"], name=op.f("fk_crm_shadow_mql_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_shadow")),
        sa.UniqueConstraint("link_id", "field", name=op.f("uq_crm_shadow_link_id_field")),
    )
    op.create_table(
        "crm_write",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("mql_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "fields",
                "task",
                "note",
                name="crmwritekind_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "done",
                "dead",
                "dropped",
                name="crmwritestate_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("maybe_sent", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.CheckConstraint("(done_at IS NULL) = (state NOT IN ('done', 'dropped'))", name="done_at_says_done"),
        sa.CheckConstraint("(event_id IS NULL) = (kind = 'fields')", name="fields_tell_of_no_event"),
        sa.ForeignKeyConstraint(["connection_id"], ["crm_connection.id"], name=op.f("fk_crm_write_connection_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_crm_write_event_id")),
        sa.ForeignKeyConstraint(["link_id"], ["crm_link.id"], name=op.f("fk_crm_write_link_id")),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"], name=op.f("fk_crm_write_mql_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_write")),
        sa.UniqueConstraint("link_id", "kind", "event_id", name=op.f("uq_crm_write_link_id_kind_event_id")),
    )
    with op.batch_alter_table("crm_write", schema=None) as batch_op:
        batch_op.create_index(
            "ix_crm_write_due",
            ["connection_id", "next_attempt_at"],
            unique=False,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )
        batch_op.create_index(
            "uq_crm_write_fields",
            ["link_id"],
            unique=True,
            sqlite_where=sa.text("kind = 'fields' AND state = 'pending'"),
            postgresql_where=sa.text("kind = 'fields' AND state = 'pending'"),
        )
