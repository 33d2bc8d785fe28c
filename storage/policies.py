"""SLA policy versions: added, never changed."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import rows
from storage.models import PolicyVersion, policy_version, workspace


class PolicyText(NamedTuple):
    """A policy version as it is stored, for whoever keeps in memory what they have read in it."""

    id: int
    body: str
    timezone: str
    holidays: str


TEXT = (
    policy_version.c.id,
    sa.cast(policy_version.c.body, sa.Text),
    policy_version.c.timezone,
    sa.cast(policy_version.c.holidays, sa.Text),
)
"""The columns of a PolicyText."""


def current(tx: sa.Connection, workspace_id: str) -> PolicyVersion | None:
    """Return the version that new clocks of the workspace start with."""
    return rows.one(tx, PolicyVersion, _current(), {"workspace": workspace_id})


@cache
def _current() -> sa.Select[Any]:
    query = sa.select(policy_version).join(workspace, workspace.c.policy_id == policy_version.c.id)
    return query.where(workspace.c.id == sa.bindparam("workspace"))


def text(tx: sa.Connection, workspace_id: str, policy_id: int) -> PolicyText:
    """Return the version that a clock is pinned to. Raises LookupError where there is none."""
    row = tx.execute(_text(), {"workspace": workspace_id, "policy": policy_id}).first()
    if row is None:
        raise LookupError(f"policy version {policy_id}")
    return PolicyText(*row)


@cache
def _text() -> sa.Select[Any]:
    mine = policy_version.c.workspace_id == sa.bindparam("workspace")
    return sa.select(*TEXT).where(mine, policy_version.c.id == sa.bindparam("policy"))


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
