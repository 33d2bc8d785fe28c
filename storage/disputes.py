"""Disqualifications that marketing disputes."""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import Event, Mql, event, mql
from storage.vocabulary import EventType


def waiting(tx: sa.Connection, workspace_id: str) -> list[Mql]:
    """Return the MQLs whose dispute waits for a decision, the oldest dispute first."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, mql.c.disputed_at.is_not(None))
    return rows.many(tx, Mql, sa.select(mql).where(mine).order_by(mql.c.disputed_at, mql.c.id))


def newest(tx: sa.Connection, workspace_id: str, mql_ids: list[int]) -> dict[int, Event]:
    """Return the event that opened the newest dispute of each of these MQLs, open or not, by MQL; none for one
    without."""
    events = rows.many(tx, Event, _newest(), {"workspace": workspace_id, "mqls": mql_ids})
    return {opened.mql_id: opened for opened in events}


@cache
def _newest() -> sa.Select[Any]:
    about = event.c.mql_id.in_(sa.bindparam("mqls", expanding=True))
    disputed = event.c.type == EventType.DISPUTED
    ids = sa.select(sa.func.max(event.c.id)).where(event.c.workspace_id == sa.bindparam("workspace"), about, disputed)
    return sa.select(event).where(event.c.id.in_(ids.group_by(event.c.mql_id)))
