"""Which processes tick, and when they last did."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from storage import rows
from storage.models import Heartbeat, heartbeat

FUTURE = timedelta(seconds=60)
"""By how much the clocks of two machines may differ: a heartbeat from further ahead is wrong, not new."""


def beat(
    tx: sa.Connection, workspace_id: str, process: str, version: str, started_at: datetime, ticked_at: datetime
) -> None:
    """Note that a process has ticked."""
    values = {"version": version, "started_at": started_at, "ticked_at": ticked_at}
    if not rows.insert_once(tx, heartbeat, workspace_id=workspace_id, process=process, **values):
        rows.change(tx, heartbeat, {"workspace_id": workspace_id, "process": process}, **values)


def newest(tx: sa.Connection, workspace_id: str, until: datetime) -> Heartbeat | None:
    """Return the process that ticked last until then; one that has ticked later only where there is no other."""
    query = sa.select(heartbeat).where(heartbeat.c.workspace_id == workspace_id)
    later = sa.case((heartbeat.c.ticked_at > until, 1), else_=0)
    return rows.one(tx, Heartbeat, query.order_by(later, heartbeat.c.ticked_at.desc()).limit(1))


def furthest(tx: sa.Connection, workspace_id: str) -> datetime | None:
    """Return the latest moment at which a process says that it has ticked."""
    query = sa.select(sa.func.max(heartbeat.c.ticked_at)).where(heartbeat.c.workspace_id == workspace_id)
    newest: datetime | None = tx.execute(query).scalar_one()
    return newest


def forget_after(tx: sa.Connection, workspace_id: str, after: datetime) -> None:
    """Drop what says that a process has ticked later than then."""
    tx.execute(heartbeat.delete().where(heartbeat.c.workspace_id == workspace_id, heartbeat.c.ticked_at > after))


def forget(tx: sa.Connection, workspace_id: str, before: datetime) -> None:
    """Drop the processes that last ticked before then: each start of a container may bring a new name."""
    tx.execute(heartbeat.delete().where(heartbeat.c.workspace_id == workspace_id, heartbeat.c.ticked_at < before))
