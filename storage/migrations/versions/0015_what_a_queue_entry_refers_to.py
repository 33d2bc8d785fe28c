"""an entry of the queue refers to a source, and to its delivery while that is kept; some receipts are kept for good

What is kept of entries whose delivery was forgotten before named one that is gone, or by now another one.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

GONE = """
UPDATE unreadable SET delivery_id = NULL
WHERE delivery_id IS NOT NULL
  AND NOT EXISTS (
    SELECT 1 FROM delivery JOIN delivery_item ON delivery_item.delivery_id = delivery.id
    WHERE delivery.id = unreadable.delivery_id AND delivery_item.entry_id = unreadable.id
  )
"""


def upgrade() -> None:
    op.execute(GONE)
    with op.batch_alter_table("unreadable") as batch_op:
        batch_op.create_foreign_key("fk_unreadable_source_id", "source", ["source_id"], ["id"])
        batch_op.create_foreign_key(
            "fk_unreadable_delivery_id", "delivery", ["delivery_id"], ["id"], ondelete="SET NULL"
        )
    where = sa.text("delivery_id IS NOT NULL")
    op.create_index("ix_unreadable_delivery", "unreadable", ["delivery_id"], sqlite_where=where, postgresql_where=where)
    op.add_column("receipt", sa.Column("lasting", sa.Boolean(), nullable=False, server_default=sa.false()))
