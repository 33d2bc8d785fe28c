"""the history of a lead's score, and what became of marketing's e-mails to its person"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

KINDS = ("score", "sent", "delivered", "opened", "clicked", "bounced", "unsubscribed")


def upgrade() -> None:
    kind = sa.Enum(*KINDS, name="engagementkind_known", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "engagement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("mql_id", sa.Integer(), nullable=False),
        sa.Column("crm", sa.String(32), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(), nullable=True),
        sa.CheckConstraint("(kind = 'score') = (score IS NOT NULL)", name="a_score_has_a_number"),
        sa.CheckConstraint("before IS NULL OR kind = 'score'", name="only_a_score_had_one_before"),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"], name=op.f("fk_engagement_mql_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement")),
        sa.UniqueConstraint("mql_id", "crm", "key", name=op.f("uq_engagement_mql_id_crm_key")),
    )
    with op.batch_alter_table("engagement", schema=None) as batch_op:
        batch_op.create_index("ix_engagement_mql", ["mql_id", "kind", "at"], unique=False)
