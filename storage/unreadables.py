"""The queue of intake messages that could not be read as a lead."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from storage import committed_events, rows
from storage.models import Unreadable, unreadable
from storage.vocabulary import UnreadableState


def add(
    tx: sa.Connection, workspace_id: str, channel: str, ts: str, reason: str, found: list[str], now: datetime
) -> int:
    """Put a message in the queue and return its id."""
    committed_events.note(tx, "unreadable", workspace_id, reason=reason)
    return rows.insert(
        tx,
        unreadable,
        workspace_id=workspace_id,
        channel=channel,
        ts=ts,
        reason=reason,
        found=found,
        state=UnreadableState.OPEN,
        at=now,
    )


def get(tx: sa.Connection, workspace_id: str, unreadable_id: int) -> Unreadable | None:
    """One entry of the queue."""
    mine = sa.and_(unreadable.c.workspace_id == workspace_id, unreadable.c.id == unreadable_id)
    return rows.one(tx, Unreadable, sa.select(unreadable).where(mine))


def locked(tx: sa.Connection, workspace_id: str, unreadable_id: int) -> Unreadable | None:
    """One entry, held until the transaction ends: two people may press its buttons at once."""
    mine = sa.and_(unreadable.c.workspace_id == workspace_id, unreadable.c.id == unreadable_id)
    return rows.one(tx, Unreadable, sa.select(unreadable).where(mine).with_for_update())


def waiting(tx: sa.Connection, workspace_id: str) -> list[Unreadable]:
    """Return what nobody has dealt with yet, oldest first."""
    mine = sa.and_(unreadable.c.workspace_id == workspace_id, unreadable.c.state == UnreadableState.OPEN)
    return rows.many(tx, Unreadable, sa.select(unreadable).where(mine).order_by(unreadable.c.id))


def close(tx: sa.Connection, entry: Unreadable, state: UnreadableState, by: str, mql_id: int | None = None) -> None:
    """Take an entry out of the queue."""
    mine = sa.and_(unreadable.c.workspace_id == entry.workspace_id, unreadable.c.id == entry.id)
    tx.execute(unreadable.update().where(mine).values(state=state, closed_by=by, mql_id=mql_id))
