"""App Homes that people have open: who looks, and what was drawn for them from which state of the workspace."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import rows
from storage.models import (
    OpenHome,
    action_change,
    alert,
    definition,
    event,
    member,
    open_home,
    outbox,
    sender_rule,
    setup,
    source,
    unreadable,
    workspace,
)
from storage.outbox import UNSENT, state_in
from storage.vocabulary import OutboxState, SourceState, UnreadableState

LOOKS_FOR = timedelta(minutes=30)
"""So long after it was opened, or pressed in, an App Home is taken for open: Slack does not say when it is closed."""
LONGEST_WAIT = timedelta(hours=1)
"""What waits for longer was written before somebody set the machine's clock back."""


class Drawing(NamedTuple):
    """The right to draw an App Home, for a while."""

    workspace_id: str
    user_id: str
    taken_until: datetime


def look(tx: sa.Connection, workspace_id: str, user_id: str, now: datetime) -> None:
    """Note that somebody looks at their App Home and is to see it as it stands now, whatever was drawn before: their
    client may have missed it."""
    seen = {"seen_at": now, "drawn_from": "", "drawn": ""}
    key = _key(workspace_id, user_id)
    if not rows.change(tx, open_home, key, **seen):
        rows.insert_once(tx, open_home, **key, **seen, next_at=now, chosen={})


def leave(tx: sa.Connection, workspace_id: str, user_id: str, now: datetime) -> None:
    """Note that somebody looks at it no more."""
    rows.change(tx, open_home, _key(workspace_id, user_id), seen_at=now - LOOKS_FOR)


def choose(tx: sa.Connection, workspace_id: str, user_id: str, chosen: dict[str, str]) -> None:
    """Keep how somebody filters the list of all open MQLs."""
    rows.change(tx, open_home, _key(workspace_id, user_id), chosen=chosen, drawn_from="")


def chosen(tx: sa.Connection, workspace_id: str, user_id: str) -> dict[str, str]:
    """Return how somebody filters the list of all open MQLs."""
    known = rows.find(tx, OpenHome, open_home, _key(workspace_id, user_id))
    return dict(known.chosen) if known else {}


def get(tx: sa.Connection, workspace_id: str, user_id: str) -> OpenHome | None:
    """One App Home."""
    return rows.find(tx, OpenHome, open_home, _key(workspace_id, user_id))


def to_draw(tx: sa.Connection, workspace_id: str, state: str, now: datetime, drawn_before: datetime) -> list[OpenHome]:
    """Return the open App Homes that were drawn from another state of the workspace, or before a moment, and may be
    drawn now."""
    mine = sa.and_(open_home.c.workspace_id == workspace_id, open_home.c.seen_at > now - LOOKS_FOR)
    stale = sa.or_(
        open_home.c.drawn_from != state, open_home.c.drawn_at.is_(None), open_home.c.drawn_at <= drawn_before
    )
    waits = sa.or_(*(_is_ahead(open_home.c[name], now) for name in ("next_at", "taken_until")))
    query = sa.select(open_home).where(mine, stale, ~waits)
    return rows.many(tx, OpenHome, query.order_by(open_home.c.next_at, open_home.c.user_id))


def may_be_drawn(known: OpenHome, now: datetime) -> bool:
    """Return whether an App Home may be drawn now: not so soon after the last time, nor while somebody is at it."""
    waits = (known.next_at, known.taken_until)
    return not any(moment is not None and now < moment <= now + LONGEST_WAIT for moment in waits)


def _is_ahead(column: sa.Column[Any], now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(column.is_not(None), column > now, column <= now + LONGEST_WAIT)


def anybody_looks(tx: sa.Connection, workspace_id: str, now: datetime) -> bool:
    """Return whether any App Home is open."""
    mine = sa.and_(open_home.c.workspace_id == workspace_id, open_home.c.seen_at > now - LOOKS_FOR)
    return tx.execute(sa.select(open_home.c.user_id).where(mine).limit(1)).first() is not None


def take(tx: sa.Connection, seen: OpenHome, until: datetime) -> Drawing | None:
    """Take the right to draw an App Home, until then. None: another process was here first."""
    mine = sa.and_(
        open_home.c.workspace_id == seen.workspace_id,
        open_home.c.user_id == seen.user_id,
        open_home.c.next_at == seen.next_at,
        open_home.c.taken_until.is_not_distinct_from(seen.taken_until),
    )
    # Compare and set: of two processes that saw the same row one changes it.
    taken = tx.execute(open_home.update().where(mine).values(taken_until=until, drawn_from="taken")).rowcount == 1
    return Drawing(seen.workspace_id, seen.user_id, until) if taken else None


def drawn(tx: sa.Connection, drawing: Drawing, **values: Any) -> None:
    """Give the right back, and note what was drawn from which state and when the next may be. What somebody asked for
    meanwhile is drawn once more: the state is noted only where it was not asked for anew."""
    mine = sa.and_(
        open_home.c.workspace_id == drawing.workspace_id,
        open_home.c.user_id == drawing.user_id,
        open_home.c.taken_until == drawing.taken_until,
    )
    state = values.pop("drawn_from", "")
    kept = sa.case((open_home.c.drawn_from == "taken", state), else_=open_home.c.drawn_from)
    tx.execute(open_home.update().where(mine).values(taken_until=None, drawn_from=kept, **values))


def state_of(tx: sa.Connection, workspace_id: str) -> str:
    """Return what tells whether anything has changed that an App Home may show: the newest entry of each log, how many
    there are of those rows that change without one, and the roster. Two statements, by the indexes."""
    parts = list(tx.execute(_state(), {"workspace": workspace_id}).one())
    parts += [tuple(row) for row in tx.execute(_people(), {"workspace": workspace_id})]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


_OF_MEMBERS = ("user_id", "name", "roles", "active", "deactivated", "away_until", "digest_personal", "balance")


@cache
def _people() -> sa.Select[Any]:
    mine = member.c.workspace_id == sa.bindparam("workspace")
    return sa.select(*(member.c[name] for name in _OF_MEMBERS)).where(mine).order_by(member.c.id)


@cache
def _state() -> sa.Select[Any]:
    mine = sa.bindparam("workspace", type_=sa.String())

    def newest(table: sa.Table) -> sa.ScalarSelect[Any]:
        # Backward by the primary key: a maximum would read every row of the workspace, and an index of its rows by id
        # would draw SQLite away from that of an MQL's.
        whose = rows.unsought(table.c.workspace_id)
        return sa.select(table.c.id).where(whose == mine).order_by(table.c.id.desc()).limit(1).scalar_subquery()

    def of(value: sa.ColumnElement[Any], table: sa.Table, *which: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
        return sa.select(value).select_from(table).where(table.c.workspace_id == mine, *which).scalar_subquery()

    count = sa.func.count()
    return sa.select(
        *map(newest, (event, unreadable, action_change, alert)),
        of(count, unreadable, unreadable.c.state == rows.literal(UnreadableState.OPEN)),
        of(count, alert, alert.c.closed_at.is_(None)),
        of(count, outbox, state_in(outbox, *UNSENT, OutboxState.DEAD), outbox.c.state == OutboxState.DEAD),
        *(of(sa.func.max(definition.c[name]), definition) for name in ("id", "marketing_at", "sales_at")),
        of(sa.func.max(source.c.last_at), source),
        of(count, source, source.c.state == SourceState.ACTIVE),
        of(count, sender_rule, sender_rule.c.removed_at.is_(None)),
        sa.select(setup.c.changes).where(setup.c.workspace_id == mine).scalar_subquery(),
        sa.select(workspace.c.policy_id).where(workspace.c.id == mine).scalar_subquery(),
    )


def _key(workspace_id: str, user_id: str) -> dict[str, str]:
    return {"workspace_id": workspace_id, "user_id": user_id}
