"""What a replay of the past reads, and what the messages of a replay come to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from storage import rows
from storage.models import Assignment, Event, Outbox, assignment, event, mql, outbox
from storage.reports import COUNTED, Span
from storage.vocabulary import MessageKind, OutboxState

UNREAD = (OutboxState.DROPPED, OutboxState.DEAD)


def log(tx: sa.Connection, workspace_id: str, received: Span) -> list[Event]:
    """Return the whole log of the MQLs that were received in the span and count, as it was written."""
    query = sa.select(event).join(mql, mql.c.id == event.c.mql_id)
    mine = sa.and_(event.c.workspace_id == workspace_id, received.holds(mql.c.received_at), COUNTED)
    return rows.many(tx, Event, query.where(mine).order_by(event.c.id))


def decisions(tx: sa.Connection, workspace_id: str, since: datetime) -> list[Assignment]:
    """Return the assignment decisions from a moment on, in their order; none of MQLs that gave the turn back."""
    query = sa.select(assignment).join(mql, mql.c.id == assignment.c.mql_id)
    mine = sa.and_(assignment.c.workspace_id == workspace_id, assignment.c.at >= since, COUNTED)
    return rows.many(tx, Assignment, query.where(mine).order_by(assignment.c.id))


def messages(
    tx: sa.Connection, workspace_id: str, kinds: Collection[MessageKind], written_since: datetime
) -> list[Outbox]:
    """Return messages of these kinds that were sent, or are to be: neither dropped nor refused for good."""
    query = sa.select(outbox).where(
        outbox.c.workspace_id == workspace_id,
        outbox.c.kind.in_(kinds),
        outbox.c.created_at >= written_since,
        outbox.c.state.not_in(UNREAD),
    )
    return rows.many(tx, Outbox, query.order_by(outbox.c.id))


def held_due(tx: sa.Connection, workspace_id: str, now: datetime) -> list[Outbox]:
    """Return the held messages whose time has come and that nobody has sent."""
    query = sa.select(outbox).where(
        outbox.c.workspace_id == workspace_id,
        outbox.c.kind == MessageKind.HELD,
        outbox.c.state == OutboxState.PENDING,
        outbox.c.next_attempt_at <= now,
    )
    return rows.many(tx, Outbox, query.order_by(outbox.c.id))


def settle(tx: sa.Connection, row: Outbox, at: datetime | None) -> None:
    """Call a message sent at a moment, or (None) dropped, in a database from which nothing is sent."""
    state = OutboxState.DROPPED if at is None else OutboxState.SENT
    tx.execute(outbox.update().where(outbox.c.id == row.id).values(state=state, sent_at=at))
