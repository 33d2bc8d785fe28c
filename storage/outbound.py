"""What the webhook of a workspace is to be told: one row for each event that goes outside, written with the event."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import Outbound, outbound, workspace
from storage.vocabulary import EventType, OutboundState

TOLD = {
    EventType.RECEIVED: "mql.received",
    EventType.ASSIGNED: "mql.assigned",
    EventType.ACCEPTED: "mql.accepted",
    EventType.CONTACTED: "mql.contacted",
    EventType.DISPOSED: "mql.disposed",
    EventType.CORRECTED: "mql.corrected",
    EventType.DEAL: "mql.deal",
    EventType.DISPUTED: "mql.disputed",
    EventType.UPHELD: "mql.upheld",
    EventType.REOPENED: "mql.reopened",
    EventType.WITHDRAWN: "mql.withdrawn",
    EventType.UNDO: "mql.undone",
    EventType.MERGED: "mql.merged",
    EventType.MERGE_UNDONE: "mql.merge_undone",
}
"""The events that go outside, and their names there."""

_UNSENT = (OutboundState.PENDING, OutboundState.SENDING)


def add(tx: sa.Connection, workspace_id: str, mql_id: int, event_id: int, kind: EventType, now: datetime) -> None:
    """Queue an event that goes outside, where the workspace has a webhook."""
    if kind in TOLD:
        # The id is no number of ours: a database that is restored from a backup gives those a second time.
        values = {"mql": mql_id, "event": event_id, "webhook": f"msg_{uuid.uuid4().hex}", "now": now}
        tx.execute(_ADDING, {"workspace_id": workspace_id, **values})


def _adding() -> sa.Insert:
    """In one statement, for nearly every press comes by here, and most workspaces have no webhook."""
    given: list[tuple[sa.Column[Any], str]] = [
        (outbound.c.mql_id, "mql"),
        (outbound.c.event_id, "event"),
        (outbound.c.webhook_id, "webhook"),
        (outbound.c.next_attempt_at, "now"),
        (outbound.c.created_at, "now"),
    ]
    values = {column.name: sa.bindparam(name, type_=column.type) for column, name in given}
    fixed = {"state": rows.literal(OutboundState.PENDING), "attempts": sa.literal_column("0")}
    chosen = sa.select(workspace.c.id, *values.values(), *fixed.values())
    mine = sa.and_(workspace.c.id == sa.bindparam("workspace_id"), workspace.c.webhook_url.is_not(None))
    return outbound.insert().from_select(["workspace_id", *values, *fixed], chosen.where(mine), include_defaults=False)


_ADDING = _adding()


def due(tx: sa.Connection, workspace_id: str, now: datetime) -> bool:
    """Return whether something may be sent now."""
    return tx.execute(_next(workspace_id, now)).first() is not None


def claim(tx: sa.Connection, workspace_id: str, now: datetime, lease_until: datetime) -> Outbound | None:
    """Take the next one for sending until `lease_until`. What happened to one MQL goes out in its order: the later
    waits until the earlier was taken or has been given up."""
    query = _next(workspace_id, now).with_for_update(of=outbound, skip_locked=True)
    taken = rows.one(tx, Outbound, query)
    if taken is not None:
        taken.state, taken.lease_until, taken.attempts = OutboundState.SENDING, lease_until, taken.attempts + 1
        values = taken.model_dump(include={"state", "lease_until", "attempts"})
        tx.execute(outbound.update().where(_is(taken)).values(**values))
    return taken


def _next(workspace_id: str, now: datetime) -> sa.Select[Any]:
    earlier = outbound.alias()
    waits = sa.exists().where(
        earlier.c.workspace_id == workspace_id,
        earlier.c.mql_id == outbound.c.mql_id,
        earlier.c.id < outbound.c.id,
        _in(earlier, *_UNSENT),
    )
    ready = sa.or_(
        sa.and_(outbound.c.state == OutboundState.PENDING, outbound.c.next_attempt_at <= now),
        sa.and_(outbound.c.state == OutboundState.SENDING, outbound.c.lease_until <= now),
    )
    mine = sa.and_(outbound.c.workspace_id == workspace_id, _in(outbound, *_UNSENT), ready, ~waits)
    return sa.select(outbound).where(mine).order_by(outbound.c.next_attempt_at, outbound.c.id).limit(1)


def settle(tx: sa.Connection, taken: Outbound, state: OutboundState, **values: Any) -> bool:
    """Write what became of one that was claimed. False: the lease had run out and another sender has it."""
    held = sa.and_(outbound.c.attempts == taken.attempts, outbound.c.lease_until == taken.lease_until)
    mine = sa.and_(_is(taken), held, outbound.c.state == OutboundState.SENDING)
    return tx.execute(outbound.update().where(mine).values(state=state, lease_until=None, **values)).rowcount == 1


def failing(tx: sa.Connection, workspace_id: str, before: datetime | None = None) -> tuple[int, str | None]:
    """Return how many wait to be tried again, of those written before then, and what the newest failure was."""
    tried = sa.and_(outbound.c.workspace_id == workspace_id, _in(outbound, *_UNSENT), outbound.c.error.is_not(None))
    if before is not None:
        tried = sa.and_(tried, outbound.c.created_at < before)
    return _count(tx, tried), _newest_error(tx, tried)


def dead(tx: sa.Connection, workspace_id: str) -> tuple[int, str | None]:
    """Return how many were given up, and why the newest of them."""
    return _count(tx, _dead(workspace_id)), _newest_error(tx, _dead(workspace_id))


def on_its_way(tx: sa.Connection, workspace_id: str, created_until: datetime) -> bool:
    """Return whether something from up to then has been neither taken nor given up."""
    mine = sa.and_(outbound.c.workspace_id == workspace_id, _in(outbound, *_UNSENT))
    query = sa.select(outbound.c.id).where(mine, outbound.c.created_at <= created_until)
    return tx.execute(query.limit(1)).first() is not None


def revive(tx: sa.Connection, workspace_id: str, now: datetime) -> int:
    """Queue again what was given up; returns how many there were."""
    values = {"state": OutboundState.PENDING, "attempts": 0, "next_attempt_at": now, "error": None}
    return tx.execute(outbound.update().where(_dead(workspace_id)).values(**values)).rowcount


def forget(tx: sa.Connection, workspace_id: str) -> None:
    """Drop what has not been sent: the workspace has no webhook any more."""
    mine = sa.and_(outbound.c.workspace_id == workspace_id, outbound.c.state != OutboundState.SENT)
    tx.execute(outbound.delete().where(mine))


def forget_sent(tx: sa.Connection, workspace_id: str, before: datetime, most: int) -> int:
    """Drop up to `most` of those that were taken before then; returns how many."""
    old = sa.select(outbound.c.id).where(
        outbound.c.workspace_id == workspace_id, _in(outbound, OutboundState.SENT), outbound.c.sent_at < before
    )
    return tx.execute(outbound.delete().where(outbound.c.id.in_(old.limit(most)))).rowcount


def _count(tx: sa.Connection, which: sa.ColumnElement[bool]) -> int:
    return int(tx.execute(sa.select(sa.func.count()).select_from(outbound).where(which)).scalar_one())


def _newest_error(tx: sa.Connection, which: sa.ColumnElement[bool]) -> str | None:
    return tx.execute(sa.select(outbound.c.error).where(which).order_by(outbound.c.id.desc()).limit(1)).scalar()


def _dead(workspace_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(outbound.c.workspace_id == workspace_id, _in(outbound, OutboundState.DEAD))


def _in(table: sa.FromClause, *states: OutboundState) -> sa.ColumnElement[bool]:
    """As the partial indexes have it: one state is written with an equals sign there."""
    words = [rows.literal(state) for state in states]
    return table.c.state == words[0] if len(words) == 1 else table.c.state.in_(words)


def _is(row: Outbound) -> sa.ColumnElement[bool]:
    return sa.and_(outbound.c.workspace_id == row.workspace_id, outbound.c.id == row.id)
