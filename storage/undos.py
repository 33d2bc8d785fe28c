"""What can be undone, for a few minutes each, and the log that is told anew by it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.due import CONDITIONS, Work
from storage.models import Clock, Event, Mql, Undo, clock, event, feedback, undo
from storage.vocabulary import ClockKind, EventType

BESIDE = (
    EventType.UNDO,
    EventType.UNDONE,
    EventType.REFUSED,
    EventType.REMINDED,
    EventType.ASKED,
    EventType.TOUCH_DUE,
    EventType.RECEIVED_AGAIN,
    EventType.MESSAGE_DROPPED,
    EventType.MESSAGE_DEAD,
)
"""Events after which an act can still be undone: they change nothing that it changed, or only when to ask next. None of
them brings messages up to date, so that the button stays, too."""


def add(tx: sa.Connection, subject: Mql, **values: Any) -> None:
    """Store what an act changed; `values`: by, after_id, event_id, until, before."""
    rows.insert(tx, undo, workspace_id=subject.workspace_id, mql_id=subject.id, undone_at=None, **values)


def get(tx: sa.Connection, workspace_id: str, undo_id: int) -> Undo | None:
    """One act that can be undone, could be until now, or was."""
    return rows.find(tx, Undo, undo, {"workspace_id": workspace_id, "id": undo_id})


def offered(tx: sa.Connection, workspace_id: str, mql_ids: Collection[int]) -> dict[int, Undo]:
    """Return for each of these MQLs the newest act that can be undone now, where nothing has happened since that the
    undoing would trample on."""
    values = {"workspace": workspace_id, "mqls": list(mql_ids)}
    return {row.mql_id: row for row in rows.many(tx, Undo, _offered(), values)} if mql_ids else {}


@cache
def _offered() -> rows.Query:
    since = sa.and_(event.c.mql_id == undo.c.mql_id, event.c.id > undo.c.event_id, event.c.type.not_in(BESIDE))
    about = undo.c.mql_id.in_(sa.bindparam("mqls", expanding=True))
    mine = sa.and_(undo.c.workspace_id == sa.bindparam("workspace"), about, undo.c.undone_at.is_(None))
    return sa.select(undo).where(mine, ~sa.exists().where(since)).order_by(undo.c.id)


def first_since(tx: sa.Connection, act: Undo) -> Event | None:
    """Return the first thing that has happened since an act because of which it cannot be undone; None where nothing
    has."""
    since = sa.and_(event.c.mql_id == act.mql_id, event.c.id > act.event_id, event.c.type.not_in(BESIDE))
    mine = event.c.workspace_id == act.workspace_id
    return rows.one(tx, Event, sa.select(event).where(mine, since).order_by(event.c.id).limit(1))


def settle(tx: sa.Connection, act: Undo, now: datetime) -> bool:
    """Note that an act was undone. False: somebody has undone it already."""
    still = sa.and_(undo.c.id == act.id, undo.c.undone_at.is_(None))
    return tx.execute(undo.update().where(still).values(undone_at=now)).rowcount == 1


def over(tx: sa.Connection, now: datetime, most: int) -> list[Undo]:
    """Return acts of any workspace that can no longer be undone, the oldest first."""
    query = sa.select(undo).where(*CONDITIONS[Work.UNDOS]).order_by(undo.c.until)
    return rows.many(tx, Undo, query.limit(most), {"now": now})


def standing(tx: sa.Connection, workspace_id: str) -> list[Undo]:
    """Return the acts of a workspace that were not undone and whose time is not known to be over."""
    mine = sa.and_(undo.c.workspace_id == workspace_id, undo.c.undone_at.is_(None))
    return rows.many(tx, Undo, sa.select(undo).where(mine).order_by(undo.c.id))


def remove(tx: sa.Connection, act: Undo) -> bool:
    """Forget that an act could be undone. False: somebody else has."""
    mine = sa.and_(undo.c.workspace_id == act.workspace_id, undo.c.id == act.id)
    return tx.execute(undo.delete().where(mine)).rowcount == 1


def postpone(tx: sa.Connection, act: Undo, until: datetime) -> None:
    """Look at an act again later."""
    rows.change(tx, undo, {"id": act.id}, until=until)


def events_of(tx: sa.Connection, act: Undo) -> list[Event]:
    """Return the events of an act, as they were written."""
    mine = sa.and_(event.c.workspace_id == act.workspace_id, event.c.mql_id == act.mql_id)
    its = event.c.id.between(act.after_id + 1, act.event_id)
    return rows.many(tx, Event, sa.select(event).where(mine, its).order_by(event.c.id))


def mark_undone(tx: sa.Connection, undone: Event) -> None:
    """Let an event say that it was undone. It stays in the log with its moment and its people; its type becomes
    UNDONE, so that nothing that counts events of its type counts it, and its data says what it was. Whoever wants to
    show it asks `as_it_was`."""
    data = {"was": undone.type, "data": undone.data}
    rows.change(tx, event, {"id": undone.id}, type=EventType.UNDONE, data=data)


def as_it_was(undone: Event) -> Event:
    """Return an event of the type UNDONE as it was written; any other as it is."""
    if undone.type != EventType.UNDONE:
        return undone
    return undone.model_copy(update={"type": EventType(undone.data["was"]), "data": undone.data["data"]})


def delete_feedback(tx: sa.Connection, workspace_id: str, feedback_id: int) -> None:
    """Forget an answer of sales that was undone."""
    tx.execute(feedback.delete().where(feedback.c.workspace_id == workspace_id, feedback.c.id == feedback_id))


def delete_clock(tx: sa.Connection, begun: Clock) -> None:
    """Forget a clock that an act had started."""
    tx.execute(clock.delete().where(clock.c.workspace_id == begun.workspace_id, clock.c.id == begun.id))


def put_clock_back(tx: sa.Connection, workspace_id: str, mql_id: int, kind: ClockKind, values: dict[str, Any]) -> None:
    """Give a clock the columns that it had."""
    rows.change(tx, clock, {"workspace_id": workspace_id, "mql_id": mql_id, "kind": kind}, **values)
