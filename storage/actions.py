"""Actions of the review meeting, and how they went on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.due import CONDITIONS, Work
from storage.models import ActionChange, ActionItem, action_change, action_item
from storage.vocabulary import ActionStep

_OPEN = action_item.c.done_at.is_(None)


def add(tx: sa.Connection, workspace_id: str, **values: Any) -> int:
    """Store an action and return its id."""
    return rows.insert(tx, action_item, workspace_id=workspace_id, **values)


def get(tx: sa.Connection, workspace_id: str, action_id: int) -> ActionItem | None:
    """Return an action by id, or None."""
    return rows.find(tx, ActionItem, action_item, {"workspace_id": workspace_id, "id": action_id})


def locked(tx: sa.Connection, workspace_id: str, action_id: int) -> ActionItem | None:
    """Return an action by id, or None; it is locked until the transaction ends."""
    return rows.find(tx, ActionItem, action_item, {"workspace_id": workspace_id, "id": action_id}, hold=True)


def log(tx: sa.Connection, item: ActionItem, step: ActionStep, by: str, now: datetime) -> int:
    """Append an action's state after a step to its log; return the entry's id."""
    stands = {"what": item.what, "owner": item.owner, "due_on": item.due_on}
    return rows.insert(
        tx, action_change, workspace_id=item.workspace_id, action_id=item.id, step=step, **stands, by=by, at=now
    )


def history(tx: sa.Connection, workspace_id: str, action_ids: Collection[int]) -> list[ActionChange]:
    """Return everything that was done to some actions, the oldest first."""
    changes = rows.of_each(tx, ActionChange, action_change, {"workspace_id": workspace_id}, "action_id", action_ids)
    return sorted(changes, key=lambda change: change.id)


def done_since(tx: sa.Connection, workspace_id: str, since: datetime, most: int) -> list[ActionItem]:
    """Return the actions that were done from then on, the newest first."""
    query = sa.select(action_item).where(action_item.c.workspace_id == workspace_id, action_item.c.done_at >= since)
    return rows.many(tx, ActionItem, query.order_by(action_item.c.done_at.desc(), action_item.c.id.desc()).limit(most))


def change(tx: sa.Connection, seen: ActionItem, **values: Any) -> None:
    """Change the named columns of an action that is held."""
    rows.change(tx, action_item, {"workspace_id": seen.workspace_id, "id": seen.id}, **values)


def open_ones(tx: sa.Connection, workspace_id: str) -> list[ActionItem]:
    """Return the actions that are not done, by the day they are due, so that overdue ones come first."""
    query = sa.select(action_item).where(action_item.c.workspace_id == workspace_id, _OPEN)
    return rows.many(tx, ActionItem, query.order_by(action_item.c.due_on, action_item.c.id))


def finish(tx: sa.Connection, workspace_id: str, action_id: int, by: str, now: datetime) -> bool:
    """Mark an open action as done. Return False if it was done before, or there is none."""
    mine = sa.and_(action_item.c.workspace_id == workspace_id, action_item.c.id == action_id, _OPEN)
    return tx.execute(action_item.update().where(mine).values(done_by=by, done_at=now, remind_at=None)).rowcount == 1


def to_remind(tx: sa.Connection, now: datetime) -> list[ActionItem]:
    """Return the actions of all workspaces whose owner is to be reminded, oldest first."""
    query = sa.select(action_item).where(*CONDITIONS[Work.ACTIONS])
    return rows.many(tx, ActionItem, query.order_by(action_item.c.remind_at, action_item.c.id), {"now": now})


def reminded(tx: sa.Connection, seen: ActionItem) -> bool:
    """Note that its owner is reminded. Return False if another worker was first, or the action was done meanwhile."""
    return _move(tx, seen, None)


def postpone(tx: sa.Connection, seen: ActionItem, until: datetime) -> None:
    """Let the reminder be looked at again later."""
    _move(tx, seen, until)


def _move(tx: sa.Connection, seen: ActionItem, to: datetime | None) -> bool:
    mine = sa.and_(action_item.c.workspace_id == seen.workspace_id, action_item.c.id == seen.id)
    waiting = sa.and_(mine, action_item.c.remind_at == seen.remind_at)
    return tx.execute(action_item.update().where(waiting).values(remind_at=to)).rowcount == 1


def forget(tx: sa.Connection, workspace_id: str, before: datetime) -> int:
    """Delete the actions that were done before then; return how many."""
    old = sa.and_(action_item.c.workspace_id == workspace_id, action_item.c.done_at < before)
    theirs = action_change.c.action_id.in_(sa.select(action_item.c.id).where(old))
    tx.execute(action_change.delete().where(action_change.c.workspace_id == workspace_id, theirs))
    return tx.execute(action_item.delete().where(old)).rowcount
