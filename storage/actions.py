"""Actions that were agreed upon: recorded once, done once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import ActionItem, action_item

_OPEN = action_item.c.done_at.is_(None)


def add(tx: sa.Connection, workspace_id: str, **values: Any) -> int:
    """Store an action and return its id."""
    return rows.insert(tx, action_item, workspace_id=workspace_id, **values)


def get(tx: sa.Connection, workspace_id: str, action_id: int) -> ActionItem | None:
    """One action by id."""
    return rows.find(tx, ActionItem, action_item, {"workspace_id": workspace_id, "id": action_id})


def open_ones(tx: sa.Connection, workspace_id: str) -> list[ActionItem]:
    """The actions that are not done, by the day they are due, so that overdue ones come first."""
    query = sa.select(action_item).where(action_item.c.workspace_id == workspace_id, _OPEN)
    return rows.many(tx, ActionItem, query.order_by(action_item.c.due_on, action_item.c.id))


def finish(tx: sa.Connection, workspace_id: str, action_id: int, by: str, now: datetime) -> bool:
    """Mark an open action as done. False: it was done before, or there is none."""
    mine = sa.and_(action_item.c.workspace_id == workspace_id, action_item.c.id == action_id, _OPEN)
    return tx.execute(action_item.update().where(mine).values(done_by=by, done_at=now, remind_at=None)).rowcount == 1


def to_remind(tx: sa.Connection, now: datetime) -> list[ActionItem]:
    """Actions of any workspace whose owner is to be told, oldest first."""
    query = sa.select(action_item).where(action_item.c.remind_at.is_not(None), action_item.c.remind_at <= now)
    return rows.many(tx, ActionItem, query.order_by(action_item.c.remind_at, action_item.c.id))


def reminded(tx: sa.Connection, seen: ActionItem) -> bool:
    """Note that its owner is told. False: another worker was here first, or it was done meanwhile."""
    return _move(tx, seen, None)


def postpone(tx: sa.Connection, seen: ActionItem, until: datetime) -> None:
    """Look at it again later."""
    _move(tx, seen, until)


def _move(tx: sa.Connection, seen: ActionItem, to: datetime | None) -> bool:
    mine = sa.and_(action_item.c.workspace_id == seen.workspace_id, action_item.c.id == seen.id)
    waiting = sa.and_(mine, action_item.c.remind_at == seen.remind_at)
    return tx.execute(action_item.update().where(waiting).values(remind_at=to)).rowcount == 1


def forget(tx: sa.Connection, workspace_id: str, before: datetime) -> int:
    """Drop the actions that were done before then; returns how many."""
    old = sa.and_(action_item.c.workspace_id == workspace_id, action_item.c.done_at < before)
    return tx.execute(action_item.delete().where(old)).rowcount
