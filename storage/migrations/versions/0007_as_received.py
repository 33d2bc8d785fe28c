"""what an MQL came with is kept beside what it became when the same lead came in again"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unicodedata import normalize

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEPT: dict[str, sa.types.TypeEngine[Any]] = {
    "channel": sa.String(),
    "campaign": sa.String(),
    "form": sa.String(),
    "score": sa.Integer(),
}
BATCH = 500

mql = sa.table(
    "mql",
    *(sa.column(name) for name in ("id", "email", "phone", "received_tier", "received_contactable")),
    *(sa.column(name) for kept in KEPT for name in (kept, f"received_{kept}")),
)
clock = sa.table("clock", sa.column("mql_id"), sa.column("kind"), sa.column("tier"))
event = sa.table("event", sa.column("mql_id"), sa.column("type"), sa.column("data", sa.JSON()))


def upgrade() -> None:
    for name, kind in KEPT.items():
        op.add_column("mql", sa.Column(f"received_{name}", kind, nullable=True))
    op.add_column("mql", sa.Column("received_tier", sa.String(), nullable=True))
    op.execute("ALTER TABLE mql RENAME COLUMN was_contactable TO received_contactable")
    _fill()
    _write_addresses_in_one_way()


def _fill() -> None:
    """What the log does not tell is taken to be as it is now: most leads come in once."""
    tier = sa.select(clock.c.tier).where(clock.c.mql_id == mql.c.id, clock.c.kind == "response").scalar_subquery()
    reachable = sa.or_(mql.c.email != "", mql.c.phone != "")
    op.execute(mql.update().values(received_tier=tier, **{f"received_{name}": mql.c[name] for name in KEPT}))
    op.execute(mql.update().where(reachable).values(received_contactable=sa.true()))
    unknown = list(_scored_again())
    for start in range(0, len(unknown), BATCH):
        op.execute(mql.update().where(mql.c.id.in_(unknown[start : start + BATCH])).values(received_score=None))


def _scored_again() -> Iterator[int]:
    """Yield the MQLs whose score may be of a later time: the lead came again with one, or with what was erased since.
    Which score they came with was written down nowhere."""
    again = sa.select(event.c.mql_id, event.c.data).where(event.c.type == "received_again")
    for mql_id, data in op.get_bind().execute(again):
        if not data or data.get("score") is not None:
            yield mql_id


def _write_addresses_in_one_way() -> None:
    """An address that was typed in full-width signs is the same as in narrow ones, and is stored so from here on."""
    addresses = sa.select(mql.c.id, mql.c.email).where(mql.c.email.is_not(None))
    for mql_id, email in op.get_bind().execute(addresses).all():
        narrow = normalize("NFKC", normalize("NFKC", email).lower())
        if narrow != email:
            op.execute(mql.update().where(mql.c.id == mql_id).values(email=narrow))
