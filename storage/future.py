"""What was written while the machine's clock was ahead, and would wait until it is as late again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage import heartbeats
from storage.models import outbound, outbox
from storage.vocabulary import OutboundState, OutboxState

AHEAD = timedelta(minutes=10)
"""Nothing that is measured from now on lies further ahead: leases take one minute, pauses between attempts five."""
LONGEST_RETRY = timedelta(hours=25)
"""Except the pauses between attempts of the webhook."""


def furthest(tx: sa.Connection, workspace_id: str, now: datetime) -> timedelta | None:
    """Return by how much the clock must have been set back, as far as a heartbeat shows; None: by nothing."""
    newest = heartbeats.furthest(tx, workspace_id)
    return newest - now if newest is not None and newest - now > AHEAD else None


def release(tx: sa.Connection, workspace_id: str, now: datetime) -> int:
    """Let go now what would otherwise wait for a moment that the clock showed by mistake; returns how many rows.

    A message that is due later on purpose keeps its moment: what was queued at a true time is told apart by when it
    was made. A row that was being sent comes back as one whose outcome is unknown.
    """
    released = 0
    for table, pending, sending, longest in (
        (outbox, OutboxState.PENDING, OutboxState.SENDING, AHEAD),
        (outbound, OutboundState.PENDING, OutboundState.SENDING, LONGEST_RETRY),
    ):
        mine = table.c.workspace_id == workspace_id
        waits = sa.and_(mine, table.c.state == pending, table.c.next_attempt_at > now)
        made_ahead: Any = table.c.created_at > now + AHEAD
        retried_ahead = sa.and_(table.c.attempts > 0, table.c.next_attempt_at > now + longest)
        free = table.update().where(waits, sa.or_(made_ahead, retried_ahead)).values(next_attempt_at=now)
        leased = sa.and_(mine, table.c.state == sending, table.c.lease_until > now + AHEAD)
        released += tx.execute(free).rowcount
        released += tx.execute(table.update().where(leased).values(lease_until=now)).rowcount
    heartbeats.forget_after(tx, workspace_id, now + AHEAD)
    return released
