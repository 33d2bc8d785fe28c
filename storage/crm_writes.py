"""What CRMs are to be told, until each has it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import CrmConnection, CrmLink, CrmWrite, crm_write
from storage.vocabulary import CrmWriteKind, CrmWriteState


def add(tx: sa.Connection, link: CrmLink, kind: CrmWriteKind, now: datetime, *, event_id: int | None = None) -> bool:
    """Queue a write. False where the same is queued: fields that wait take every later change with them, and of an
    event a CRM hears once."""
    mine = {"workspace_id": link.workspace_id, "connection_id": link.connection_id, "link_id": link.id}
    values = {"mql_id": link.mql_id, "kind": kind, "event_id": event_id, "state": CrmWriteState.PENDING}
    flags = {"maybe_sent": False, "attempts": 0, "next_attempt_at": now, "created_at": now}
    return rows.insert_once(tx, crm_write, **mine, **values, **flags)


def due(tx: sa.Connection, connection: CrmConnection, now: datetime, most: int) -> list[CrmWrite]:
    """Return the writes that are to be made next, up to so many."""
    mine = sa.and_(
        crm_write.c.workspace_id == connection.workspace_id,
        crm_write.c.connection_id == connection.id,
        crm_write.c.state == rows.literal(CrmWriteState.PENDING),
        crm_write.c.next_attempt_at <= now,
    )
    query = sa.select(crm_write).where(mine).order_by(crm_write.c.next_attempt_at, crm_write.c.id).limit(most)
    return rows.many(tx, CrmWrite, query)


def update(tx: sa.Connection, write: CrmWrite, **values: Any) -> bool:
    """Change columns of a write. False where it is no more: its person was erased."""
    return rows.change(tx, crm_write, {"workspace_id": write.workspace_id, "id": write.id}, **values) > 0


def counts(tx: sa.Connection, connection: CrmConnection) -> dict[CrmWriteState, int]:
    """Return how many writes there are of each state."""
    mine = sa.and_(crm_write.c.workspace_id == connection.workspace_id, crm_write.c.connection_id == connection.id)
    query = sa.select(crm_write.c.state, sa.func.count()).where(mine).group_by(crm_write.c.state)
    return {CrmWriteState(state): int(number) for state, number in tx.execute(query)}


def dead(tx: sa.Connection, connection: CrmConnection) -> list[CrmWrite]:
    """Return the writes that the CRM refuses for good."""
    which = {"connection_id": connection.id, "state": CrmWriteState.DEAD, "workspace_id": connection.workspace_id}
    return rows.all_of(tx, CrmWrite, crm_write, which)


def revive(tx: sa.Connection, connection: CrmConnection, now: datetime) -> int:
    """Queue again what was refused for good; returns how many there were."""
    revived = 0
    for write in dead(tx, connection):
        if write.kind == CrmWriteKind.FIELDS:
            update(tx, write, state=CrmWriteState.DROPPED, done_at=now)
            link = CrmLink(
                id=write.link_id,
                workspace_id=write.workspace_id,
                connection_id=write.connection_id,
                mql_id=write.mql_id,
                is_fresh=False,
            )
            add(tx, link, CrmWriteKind.FIELDS, now)
        else:
            update(tx, write, state=CrmWriteState.PENDING, attempts=0, next_attempt_at=now, error=None)
        revived += 1
    return revived
