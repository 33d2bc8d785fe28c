"""MQLs one after the other, for an export of all of them."""

from __future__ import annotations

import sqlalchemy as sa

from storage import rows
from storage.models import Mql, mql
from storage.reports import COUNTED


def after(tx: sa.Connection, workspace_id: str, mql_id: int, most: int) -> list[Mql]:
    """Return the next MQLs after one, in the order in which they were written down; withdrawn ones are left out."""
    mine = sa.and_(rows.unsought(mql.c.workspace_id) == workspace_id, mql.c.id > mql_id, COUNTED)
    return rows.many(tx, Mql, sa.select(mql).where(mine).order_by(mql.c.id).limit(most))
