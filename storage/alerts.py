"""Conditions that the admins have been told of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import Alert, alert
from storage.vocabulary import AlertKind


def add(
    tx: sa.Connection,
    workspace_id: str,
    kind: AlertKind,
    subject: str,
    now: datetime,
    data: dict[str, Any],
    told: list[str],
) -> Alert | None:
    """Open an alert. None where one of this kind and subject is open: another process was here first."""
    values = {"workspace_id": workspace_id, "kind": kind, "subject": subject, "data": data, "told": told}
    if not rows.insert_once(tx, alert, opened_at=now, **values):
        return None
    mine = sa.and_(alert.c.workspace_id == workspace_id, alert.c.kind == kind, alert.c.subject == subject)
    return rows.one(tx, Alert, sa.select(alert).where(mine, _is_open()))


def get(tx: sa.Connection, workspace_id: str, alert_id: int) -> Alert | None:
    """One alert."""
    return rows.one(tx, Alert, sa.select(alert).where(alert.c.workspace_id == workspace_id, alert.c.id == alert_id))


def standing(tx: sa.Connection, workspace_id: str) -> list[Alert]:
    """Return the open alerts, oldest first."""
    query = sa.select(alert).where(alert.c.workspace_id == workspace_id, _is_open())
    return rows.many(tx, Alert, query.order_by(alert.c.id))


def close(tx: sa.Connection, known: Alert, now: datetime) -> bool:
    """Close an alert. False: another process was here first."""
    still = sa.and_(alert.c.id == known.id, alert.c.workspace_id == known.workspace_id, _is_open())
    return tx.execute(alert.update().where(still).values(closed_at=now)).rowcount == 1


def _is_open() -> sa.ColumnElement[bool]:
    return alert.c.closed_at.is_(None)
