"""tools that send to an address of ours: their secrets, mappings and deliveries"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column(
            "proof",
            sa.Enum(
                "signed", "header", "address", name="proof_known", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("header", sa.String(), nullable=True),
        sa.Column("defaults", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "active", "removed", name="sourcestate_known", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_proof", sa.String(32), nullable=True),
        sa.Column("last_state", sa.String(32), nullable=True),
        sa.Column("refusals", sa.JSON(), nullable=False),
        sa.CheckConstraint("(header IS NULL) = (proof <> 'header')", name="header_has_name"),
        sa.CheckConstraint("(last_at IS NULL) = (last_proof IS NULL)", name="last_delivery_has_proof"),
        sa.CheckConstraint("(last_at IS NULL) = (last_state IS NULL)", name="last_delivery_has_state"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
    )
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.create_index(
            "uq_source_name",
            ["workspace_id", "name"],
            unique=True,
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        )

    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "proof",
            sa.Enum(
                "signed", "header", "address", name="proof_known", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "taken",
                "waiting",
                "unreadable",
                name="deliverystate_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("mapping_version", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_delivery_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_at", ["workspace_id", "at"], unique=False)
        batch_op.create_index("ix_delivery_source", ["workspace_id", "source_id", "id"], unique=False)

    op.create_table(
        "source_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_source_mapping_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_mapping")),
        sa.UniqueConstraint(
            "workspace_id", "source_id", "version", name=op.f("uq_source_mapping_workspace_id_source_id_version")
        ),
    )
    op.create_table(
        "source_secret",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column(
            "use",
            sa.Enum(
                "address",
                "header",
                "signature",
                name="secretuse_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("sealed", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(digest IS NULL) = (use = 'signature')", name="compared_is_digest"),
        sa.CheckConstraint("(sealed IS NULL) = (use <> 'signature')", name="signing_is_sealed"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_source_secret_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_secret")),
    )
    with op.batch_alter_table("source_secret", schema=None) as batch_op:
        batch_op.create_index("ix_source_secret", ["workspace_id", "source_id"], unique=False)

    op.create_table(
        "delivery_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "became",
            sa.Enum(
                "new",
                "joined",
                "waits",
                "no_lead",
                name="became_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("mql_id", sa.Integer(), nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(mql_id IS NOT NULL) = (became IN ('new', 'joined'))", name="lead_has_mql"),
        sa.CheckConstraint("became <> 'waits' OR entry_id IS NOT NULL", name="waiting_has_entry"),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_delivery_item_delivery_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["unreadable.id"], name=op.f("fk_delivery_item_entry_id")),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"], name=op.f("fk_delivery_item_mql_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_item")),
        sa.UniqueConstraint("delivery_id", "position", name=op.f("uq_delivery_item_delivery_id_position")),
    )
    with op.batch_alter_table("delivery_item", schema=None) as batch_op:
        batch_op.create_index(
            "ix_delivery_item_mql",
            ["workspace_id", "mql_id"],
            unique=False,
            sqlite_where=sa.text("mql_id IS NOT NULL"),
            postgresql_where=sa.text("mql_id IS NOT NULL"),
        )
