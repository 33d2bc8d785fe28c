"""The CRMs that are connected: what they were connected with, how far each was read, who works on it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import CrmConnection, CrmNotice, CrmSecret, crm_connection, crm_notice, crm_secret, event
from storage.vocabulary import CrmKind, CrmState

SECRETS = 2
"""So many are valid at once: the newest, and the one whose place it takes."""


def add(tx: sa.Connection, workspace_id: str, kind: CrmKind, now: datetime, **values: Any) -> int:
    """Store a connection; it is asked for changes at once. Returns its id."""
    blank: dict[str, Any] = {"options": {}, "cursor": "", "mapping_version": 1, "calls": 0}
    blank |= {name: [] for name in ("lacks", "vanished", "drift")}
    given = blank | values | {"kind": kind, "state": CrmState.ACTIVE, "due_at": now, "created_at": now}
    return rows.insert(tx, crm_connection, workspace_id=workspace_id, **given)


def active(tx: sa.Connection, workspace_id: str) -> list[CrmConnection]:
    """Return the connections that are not taken away."""
    return rows.all_of(tx, CrmConnection, crm_connection, {"workspace_id": workspace_id, "state": CrmState.ACTIVE})


def of_kind(tx: sa.Connection, workspace_id: str, kind: CrmKind) -> CrmConnection | None:
    """Return the connection to a CRM of this kind."""
    which = {"workspace_id": workspace_id, "kind": kind, "state": CrmState.ACTIVE}
    return rows.find(tx, CrmConnection, crm_connection, which)


def get(tx: sa.Connection, workspace_id: str, connection_id: int) -> CrmConnection | None:
    """Return a connection that is not taken away."""
    which = {"workspace_id": workspace_id, "id": connection_id, "state": CrmState.ACTIVE}
    return rows.find(tx, CrmConnection, crm_connection, which)


def held(tx: sa.Connection, connection: CrmConnection) -> CrmConnection | None:
    """Return a connection as it is now, held until the transaction ends; None where it was taken away."""
    which = {"workspace_id": connection.workspace_id, "id": connection.id, "state": CrmState.ACTIVE}
    return rows.find(tx, CrmConnection, crm_connection, which, hold=True)


def ever(tx: sa.Connection, workspace_id: str, connection_id: int) -> CrmConnection | None:
    """Return a connection, also one that was taken away: for what was decided while there was one."""
    return rows.find(tx, CrmConnection, crm_connection, {"workspace_id": workspace_id, "id": connection_id})


def update(tx: sa.Connection, connection: CrmConnection, **values: Any) -> None:
    """Change columns of a connection."""
    rows.change(tx, crm_connection, {"workspace_id": connection.workspace_id, "id": connection.id}, **values)


def fail(tx: sa.Connection, connection: CrmConnection, code: str | None, now: datetime) -> None:
    """Note why a connection cannot be used, or with None that it can."""
    since = None if code is None else connection.failing_since or now
    update(tx, connection, failure=code, failing_since=since)


def lease(tx: sa.Connection, connection: CrmConnection, holder: str, now: datetime, until: datetime) -> bool:
    """Take a connection, or keep it, so that one process works on it. False: another one does."""
    free = sa.or_(
        crm_connection.c.lease.is_(None), crm_connection.c.lease == holder, crm_connection.c.lease_until <= now
    )
    mine = sa.and_(
        crm_connection.c.workspace_id == connection.workspace_id,
        crm_connection.c.id == connection.id,
        crm_connection.c.state == CrmState.ACTIVE,
        free,
    )
    return tx.execute(crm_connection.update().where(mine).values(lease=holder, lease_until=until)).rowcount == 1


def release(tx: sa.Connection, connection: CrmConnection, holder: str) -> None:
    """Let go of a connection that this process has."""
    which = {"workspace_id": connection.workspace_id, "id": connection.id, "lease": holder}
    rows.change(tx, crm_connection, which, lease=None, lease_until=None)


def secrets(tx: sa.Connection, connection: CrmConnection) -> list[CrmSecret]:
    """Return the secrets that are valid, the newest first."""
    which = {"workspace_id": connection.workspace_id, "connection_id": connection.id}
    return rows.all_of(tx, CrmSecret, crm_secret, which)[::-1]


def add_secret(tx: sa.Connection, connection: CrmConnection, sealed: str, now: datetime) -> None:
    """Store a new secret. The one before stays valid, and no other."""
    mine = {"workspace_id": connection.workspace_id, "connection_id": connection.id}
    rows.insert(tx, crm_secret, **mine, sealed=sealed, created_at=now)
    kept = [secret.id for secret in secrets(tx, connection)[:SECRETS]]
    _forget(tx, connection, crm_secret.c.id.not_in(kept))


def end_rotation(tx: sa.Connection, connection: CrmConnection) -> None:
    """Forget every secret but the newest."""
    newest = [secret.id for secret in secrets(tx, connection)[:1]]
    _forget(tx, connection, crm_secret.c.id.not_in(newest))


def every_secret(tx: sa.Connection) -> list[CrmSecret]:
    """Return every stored secret, of every workspace: for whoever encrypts them anew."""
    return rows.many(tx, CrmSecret, sa.select(crm_secret).order_by(crm_secret.c.id))


def seal_again(tx: sa.Connection, secret: CrmSecret, sealed: str) -> None:
    """Store a secret as another key encrypts it."""
    rows.change(tx, crm_secret, {"workspace_id": secret.workspace_id, "id": secret.id}, sealed=sealed)


def remove(tx: sa.Connection, connection: CrmConnection) -> None:
    """Take a connection away. Its secrets and notices are forgotten."""
    update(tx, connection, state=CrmState.REMOVED, failure=None, failing_since=None, lease=None, lease_until=None)
    _forget(tx, connection, sa.true())
    _forget_notices(tx, connection, sa.true())


def notice(tx: sa.Connection, connection: CrmConnection, record: str, due_at: datetime) -> None:
    """Have a record read, at once or later."""
    mine = {"workspace_id": connection.workspace_id, "connection_id": connection.id, "record": record}
    if not rows.insert_once(tx, crm_notice, **mine, due_at=due_at):
        earlier = crm_notice.c.due_at > due_at
        this = sa.and_(crm_notice.c.connection_id == connection.id, crm_notice.c.record == record, earlier)
        tx.execute(crm_notice.update().where(this).values(due_at=due_at))


def notices(tx: sa.Connection, connection: CrmConnection, now: datetime, most: int) -> list[CrmNotice]:
    """Return the notices that are due, the oldest first."""
    mine = sa.and_(
        crm_notice.c.workspace_id == connection.workspace_id,
        crm_notice.c.connection_id == connection.id,
        crm_notice.c.due_at <= now,
    )
    query = sa.select(crm_notice).where(mine).order_by(crm_notice.c.due_at, crm_notice.c.id).limit(most)
    return rows.many(tx, CrmNotice, query)


def drop_notices(tx: sa.Connection, connection: CrmConnection, seen: Collection[CrmNotice]) -> None:
    """Forget notices that were dealt with; one that was renewed meanwhile stays."""
    for each in seen:
        same = sa.and_(crm_notice.c.id == each.id, crm_notice.c.due_at == each.due_at)
        _forget_notices(tx, connection, same)


def changed_mqls(tx: sa.Connection, workspace_id: str, after: int) -> list[tuple[int, int]]:
    """Return the id of each MQL that has an event after this one, with the newest of its events."""
    mine = sa.and_(rows.unsought(event.c.workspace_id) == workspace_id, event.c.id > after)
    query = sa.select(event.c.mql_id, event.c.id).where(mine).order_by(event.c.id)
    # Grouped by MQL they would be read along the logs of all MQLs.
    newest = {int(mql_id): int(event_id) for mql_id, event_id in tx.execute(query)}
    return sorted(newest.items())


def newest_event(tx: sa.Connection, workspace_id: str) -> int:
    """Return the id of the newest event of a workspace, 0 where there is none."""
    mine = rows.unsought(event.c.workspace_id) == workspace_id
    query = sa.select(event.c.id).where(mine).order_by(event.c.id.desc()).limit(1)
    return int(tx.execute(query).scalar() or 0)


def _forget(tx: sa.Connection, connection: CrmConnection, which: sa.ColumnElement[bool]) -> None:
    mine = sa.and_(
        crm_secret.c.workspace_id == connection.workspace_id, crm_secret.c.connection_id == connection.id, which
    )
    tx.execute(crm_secret.delete().where(mine))


def _forget_notices(tx: sa.Connection, connection: CrmConnection, which: sa.ColumnElement[bool]) -> None:
    mine = sa.and_(
        crm_notice.c.workspace_id == connection.workspace_id, crm_notice.c.connection_id == connection.id, which
    )
    tx.execute(crm_notice.delete().where(mine))
