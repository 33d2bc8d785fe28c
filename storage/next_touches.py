"""The days on which reps mean to contact a lead again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import rows
from storage.due import CONDITIONS, Work
from storage.models import Mql, NextTouch, Undo, mql, next_touch
from storage.reports import COUNTED, Span

_OPEN = sa.and_(next_touch.c.kept_at.is_(None), next_touch.c.dropped_at.is_(None))


def add(tx: sa.Connection, subject: Mql, **values: Any) -> int:
    """Store a promise and return its id; `values`: by, made_at, day, due_at, remind_at."""
    empty = {"kept_at": None, "kept_id": None, "dropped_at": None}
    return rows.insert(tx, next_touch, workspace_id=subject.workspace_id, mql_id=subject.id, **empty, **values)


def get(tx: sa.Connection, workspace_id: str, touch_id: int) -> NextTouch | None:
    """One promise."""
    return rows.find(tx, NextTouch, next_touch, {"workspace_id": workspace_id, "id": touch_id})


def newest(tx: sa.Connection, workspace_id: str, mql_ids: Collection[int]) -> dict[int, NextTouch]:
    """Return the newest promise of each of these MQLs that is open: neither kept nor dropped."""
    values = {"workspace": workspace_id, "mqls": list(mql_ids)}
    return {row.mql_id: row for row in rows.many(tx, NextTouch, _newest(), values)} if mql_ids else {}


@cache
def _newest() -> rows.Query:
    about = next_touch.c.mql_id.in_(sa.bindparam("mqls", expanding=True))
    mine = sa.and_(next_touch.c.workspace_id == sa.bindparam("workspace"), about, _OPEN)
    return sa.select(next_touch).where(mine).order_by(next_touch.c.id)


def drop(tx: sa.Connection, workspace_id: str, mql_id: int, now: datetime) -> None:
    """Let the open promise of an MQL be none any more, where its day is not over yet: one whose day is over stays what
    it was, missed."""
    tx.execute(_dropping(), {"workspace": workspace_id, "mql": mql_id, "now": now})


@cache
def _dropping() -> sa.Update:
    now = sa.bindparam("now", type_=next_touch.c.due_at.type)
    return next_touch.update().where(_of_mql(), _OPEN, next_touch.c.due_at > now).values(dropped_at=now)


def _of_mql() -> sa.ColumnElement[bool]:
    mine = next_touch.c.workspace_id == sa.bindparam("workspace")
    return sa.and_(mine, next_touch.c.mql_id == sa.bindparam("mql"))


def keep(
    tx: sa.Connection, workspace_id: str, mql_id: int, at: datetime, event_id: int, *, made_before: datetime
) -> None:
    """Note that the promise of an MQL that was open at a moment was kept then, by an event, where it was made before
    another moment and its day was not over. Another promise or owner that came after that moment, though before
    somebody told of it, changes nothing."""
    about = {"workspace": workspace_id, "mql": mql_id, "before": made_before}
    tx.execute(_keeping(), {**about, "at": at, "by_event": event_id})


@cache
def _keeping() -> sa.Update:
    before, at = (sa.bindparam(name, type_=next_touch.c.due_at.type) for name in ("before", "at"))
    promised = sa.and_(next_touch.c.made_at < before, next_touch.c.due_at > at)
    open_then = sa.and_(
        next_touch.c.kept_at.is_(None), sa.or_(next_touch.c.dropped_at.is_(None), next_touch.c.dropped_at > at)
    )
    kept = {"kept_at": at, "kept_id": sa.bindparam("by_event", type_=sa.Integer()), "dropped_at": None}
    return next_touch.update().where(_of_mql(), open_then, promised).values(kept)


def reopen(tx: sa.Connection, act: Undo, at: datetime) -> None:
    """Open the promise again that an act of this moment, which is undone now, had kept or dropped."""
    mine = sa.and_(next_touch.c.workspace_id == act.workspace_id, next_touch.c.mql_id == act.mql_id)
    by_it = next_touch.c.kept_id.between(act.after_id + 1, act.event_id)
    tx.execute(next_touch.update().where(mine, by_it).values(kept_at=None, kept_id=None))
    tx.execute(next_touch.update().where(mine, next_touch.c.dropped_at == at).values(dropped_at=None))


def hold_again(tx: sa.Connection, subject: Mql, dropped_at: datetime, now: datetime) -> None:
    """Open the promise of an MQL again that was dropped at a moment, where its day is not over yet."""
    its = sa.and_(next_touch.c.workspace_id == subject.workspace_id, next_touch.c.mql_id == subject.id)
    dropped = sa.and_(next_touch.c.dropped_at == dropped_at, next_touch.c.due_at > now)
    tx.execute(next_touch.update().where(its, dropped).values(dropped_at=None))


class Touches(NamedTuple):
    """Promises whose day is over, and those of them that were kept."""

    due: int
    kept: int


def of_week(tx: sa.Connection, workspace_id: str, span: Span, as_of: datetime) -> Touches:
    """Return the promises whose day ended in the span and before a moment, but for those that were dropped."""
    ended = sa.and_(next_touch.c.due_at > span.start, next_touch.c.due_at <= min(span.end, as_of))
    mine = sa.and_(next_touch.c.workspace_id == workspace_id, ended, next_touch.c.dropped_at.is_(None), COUNTED)
    counts = (sa.func.count(), sa.func.count(next_touch.c.kept_at))
    query = sa.select(*counts).select_from(next_touch.join(mql, mql.c.id == next_touch.c.mql_id)).where(mine)
    return Touches(*tx.execute(query).one())


def to_remind(tx: sa.Connection, now: datetime, most: int) -> list[NextTouch]:
    """Return the promises of any workspace whose moment to be reminded of has come, the longest waiting first; also
    those that were kept or dropped meanwhile."""
    query = sa.select(next_touch).where(*CONDITIONS[Work.TOUCHES])
    ordered = query.order_by(next_touch.c.remind_at, next_touch.c.id)
    return rows.many(tx, NextTouch, ordered.limit(most), {"now": now})


def set_reminder(tx: sa.Connection, touch: NextTouch, at: datetime | None) -> None:
    """Remind at another moment, or no more."""
    rows.change(tx, next_touch, {"id": touch.id}, remind_at=at)
