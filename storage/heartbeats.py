"""Which processes tick, and when they last did."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from storage import rows
from storage.models import Heartbeat, heartbeat


def beat(
    tx: sa.Connection, workspace_id: str, process: str, version: str, started_at: datetime, ticked_at: datetime
) -> None:
    """Note that a process has ticked."""
    values = {"version": version, "started_at": started_at, "ticked_at": ticked_at}
    if not rows.insert_once(tx, heartbeat, workspace_id=workspace_id, process=process, **values):
        mine = sa.and_(heartbeat.c.workspace_id == workspace_id, heartbeat.c.process == process)
        tx.execute(heartbeat.update().where(mine).values(**values))


def newest(tx: sa.Connection, workspace_id: str) -> Heartbeat | None:
    """Return the process that ticked last."""
    query = sa.select(heartbeat).where(heartbeat.c.workspace_id == workspace_id)
    return rows.one(tx, Heartbeat, query.order_by(heartbeat.c.ticked_at.desc()).limit(1))


def forget(tx: sa.Connection, workspace_id: str, before: datetime) -> None:
    """Drop the processes that last ticked before then: each start of a container may bring a new name."""
    tx.execute(heartbeat.delete().where(heartbeat.c.workspace_id == workspace_id, heartbeat.c.ticked_at < before))
