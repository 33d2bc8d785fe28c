"""SLA policy versions: added, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import PolicyVersion, policy_version, workspace


def current(tx: sa.Connection, workspace_id: str) -> PolicyVersion | None:
    """Return the version that new clocks of the workspace start with."""
    query = sa.select(policy_version).join(workspace, workspace.c.policy_id == policy_version.c.id)
    return rows.one(tx, PolicyVersion, query.where(workspace.c.id == workspace_id))


def version(tx: sa.Connection, workspace_id: str, policy_id: int) -> PolicyVersion:
    """Return the version that a clock is pinned to."""
    row = rows.find(tx, PolicyVersion, policy_version, {"workspace_id": workspace_id, "id": policy_id})
    if row is None:
        raise LookupError(f"policy version {policy_id}")
    return row


def add(
    tx: sa.Connection,
    workspace_id: str,
    body: dict[str, Any],
    timezone: str,
    holidays: dict[str, Any],
    now: datetime,
) -> int:
    """Store a new version, make it current, and return its id."""
    newest = sa.select(sa.func.coalesce(sa.func.max(policy_version.c.version), 0)).where(
        policy_version.c.workspace_id == workspace_id
    )
    number = int(tx.execute(newest).scalar_one()) + 1
    values: dict[str, Any] = {"body": body, "timezone": timezone, "holidays": holidays, "created_at": now}
    policy_id = rows.insert(tx, policy_version, workspace_id=workspace_id, version=number, **values)
    tx.execute(workspace.update().where(workspace.c.id == workspace_id).values(policy_id=policy_id))
    return policy_id
