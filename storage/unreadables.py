"""The queue of messages and deliveries from outside that wait for a person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import rows
from storage.due import CONDITIONS, Work
from storage.models import Unreadable, mql, unreadable
from storage.vocabulary import DealResult, Status, UnreadableState

SAMPLES = 3
"""Messages of one sender that a person looks at to teach the reader."""


def add(tx: sa.Connection, workspace_id: str, **values: Any) -> int:
    """Add an entry to the queue and return its id."""
    return rows.insert(tx, unreadable, workspace_id=workspace_id, **values)


def get(tx: sa.Connection, workspace_id: str, entry_id: int) -> Unreadable | None:
    """Return an entry of the queue, or None."""
    return rows.find(tx, Unreadable, unreadable, {"workspace_id": workspace_id, "id": entry_id})


def locked(tx: sa.Connection, workspace_id: str, entry_id: int) -> Unreadable | None:
    """Return an entry, or None, locked until the transaction ends: two people may press its buttons at once."""
    return rows.find(tx, Unreadable, unreadable, {"workspace_id": workspace_id, "id": entry_id}, hold=True)


def of_message(tx: sa.Connection, workspace_id: str, channel: str, ts: str) -> Unreadable | None:
    """Return the entry of a Slack message, held until the transaction ends."""
    which = {"workspace_id": workspace_id, "channel": channel, "ts": ts}
    return rows.find(tx, Unreadable, unreadable, which, hold=True)


def of_ids(tx: sa.Connection, workspace_id: str, entry_ids: Collection[int]) -> list[Unreadable]:
    """Return some entries, oldest first."""
    return rows.of_each(tx, Unreadable, unreadable, {"workspace_id": workspace_id}, "id", entry_ids)


def waiting(tx: sa.Connection, workspace_id: str) -> list[Unreadable]:
    """Return the open entries, oldest first."""
    mine = sa.and_(unreadable.c.workspace_id == workspace_id, _OPEN)
    return rows.many(tx, Unreadable, sa.select(unreadable).where(mine).order_by(unreadable.c.id))


def waiting_of(tx: sa.Connection, workspace_id: str, sender: str) -> list[Unreadable]:
    """Return the open entries of one sender, oldest first."""
    mine = sa.and_(unreadable.c.workspace_id == workspace_id, unreadable.c.sender == sender, _OPEN)
    return rows.many(tx, Unreadable, sa.select(unreadable).where(mine).order_by(unreadable.c.id))


def held(tx: sa.Connection, workspace_id: str) -> list[Unreadable]:
    """Return the entries of held leads, oldest first, locked until the transaction ends."""
    mine = sa.and_(unreadable.c.workspace_id == workspace_id, _OPEN, unreadable.c.definition_id.is_not(None))
    return rows.many(tx, Unreadable, sa.select(unreadable).where(mine).order_by(unreadable.c.id).with_for_update())


def samples(tx: sa.Connection, workspace_id: str, sender: str) -> list[Unreadable]:
    """Return the newest entries of one sender of which anything was kept, the newest first."""
    mine = sa.and_(unreadable.c.workspace_id == workspace_id, unreadable.c.sender == sender)
    kept = sa.cast(unreadable.c.content, sa.String) != "{}"
    query = sa.select(unreadable).where(mine, kept).order_by(unreadable.c.id.desc()).limit(SAMPLES)
    return rows.many(tx, Unreadable, query)


def sender_names(tx: sa.Connection, workspace_id: str) -> dict[str, str]:
    """Return what each app last called itself in an entry, by its id."""
    is_named = (unreadable.c.sender.is_not(None), unreadable.c.sender_name.is_not(None))
    named = sa.and_(unreadable.c.workspace_id == workspace_id, *is_named)
    newest = sa.select(sa.func.max(unreadable.c.id)).where(named).group_by(unreadable.c.sender)
    query = sa.select(unreadable.c.sender, unreadable.c.sender_name)
    query = query.where(unreadable.c.workspace_id == workspace_id, unreadable.c.id.in_(newest))
    return {sender: name for sender, name in tx.execute(query)}


def count_set_aside(tx: sa.Connection, workspace_id: str, start: datetime, end: datetime) -> int:
    """Return how many the bot set aside from `start` up to, but not including, `end`."""
    then = sa.and_(unreadable.c.set_aside_at >= start, unreadable.c.set_aside_at < end)
    query = sa.select(sa.func.count()).where(unreadable.c.workspace_id == workspace_id, then)
    return int(tx.execute(query).scalar_one())


def count_held(tx: sa.Connection, workspace_id: str, start: datetime, end: datetime) -> tuple[int, int, int]:
    """Return of how many leads marketing was to decide about, how many of these it handed over, and how many it sent
    back to nurturing, each from `start` up to, but not including, `end`."""
    closed = sa.and_(unreadable.c.closed_at >= start, unreadable.c.closed_at < end)
    came = sa.and_(unreadable.c.at >= start, unreadable.c.at < end)
    ended = ((UnreadableState.ENTERED, closed), (UnreadableState.DISMISSED, closed))
    counts = [sa.func.count().filter(came)]
    counts += [sa.func.count().filter(sa.and_(unreadable.c.state == state, then)) for state, then in ended]
    mine = sa.and_(unreadable.c.workspace_id == workspace_id, unreadable.c.definition_id.is_not(None))
    counted = tx.execute(sa.select(*counts).where(mine)).one()
    return counted[0], counted[1], counted[2]


class Became(NamedTuple):
    """Held leads with the same result, counted."""

    state: UnreadableState
    status: Status | None
    """Of the MQL that one became; None: of none."""
    deal: DealResult | None
    leads: int


def held_became(tx: sa.Connection, workspace_id: str, start: datetime, end: datetime) -> list[Became]:
    """Return what became of the leads that were held from `start` up to, but not including, `end`."""
    mine = sa.and_(unreadable.c.workspace_id == workspace_id, unreadable.c.definition_id.is_not(None))
    then = sa.and_(unreadable.c.at >= start, unreadable.c.at < end)
    alike = (unreadable.c.state, mql.c.status, mql.c.deal_result)
    joined = unreadable.outerjoin(mql, mql.c.id == unreadable.c.mql_id)
    query = sa.select(*alike, sa.func.count()).select_from(joined).where(mine, then).group_by(*alike)
    return [Became(*row) for row in tx.execute(query)]


def change(tx: sa.Connection, entry: Unreadable, **values: object) -> None:
    """Change the named columns of an entry that is held."""
    rows.change(tx, unreadable, {"workspace_id": entry.workspace_id, "id": entry.id}, **values)


def due(tx: sa.Connection, now: datetime) -> list[str]:
    """Return the workspaces with an entry that somebody is to be told of by now."""
    query = sa.select(unreadable.c.workspace_id).where(*CONDITIONS[Work.QUEUE]).distinct()
    return sorted(tx.execute(query, {"now": now}).scalars())


def to_check(tx: sa.Connection, workspace_id: str, now: datetime) -> list[Unreadable]:
    """Return the entries that somebody is to be told of by now, oldest first, locked until the transaction ends."""
    mine = sa.and_(rows.unsought(unreadable.c.workspace_id) == workspace_id, unreadable.c.check_at.is_not(None))
    query = sa.select(unreadable).where(mine, unreadable.c.check_at <= now).order_by(unreadable.c.id)
    return rows.many(tx, Unreadable, query.with_for_update())


def untold(tx: sa.Connection, workspace_id: str) -> list[Unreadable]:
    """Return the open entries that marketing was not told of, oldest first, locked until the transaction ends."""
    mine = sa.and_(unreadable.c.workspace_id == workspace_id, _OPEN, unreadable.c.group_id.is_(None))
    query = sa.select(unreadable).where(mine, unreadable.c.check_at.is_not(None)).order_by(unreadable.c.id)
    return rows.many(tx, Unreadable, query.with_for_update())


def postpone(tx: sa.Connection, workspace_id: str, now: datetime, until: datetime) -> None:
    """Let what is due by now be looked at later."""
    mine = sa.and_(rows.unsought(unreadable.c.workspace_id) == workspace_id, unreadable.c.check_at <= now)
    tx.execute(unreadable.update().where(mine).values(check_at=until))


_OPEN = unreadable.c.state == rows.literal(UnreadableState.OPEN)
