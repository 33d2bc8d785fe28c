"""Stand-in until the queue is merged."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from storage import unreadables


def keep(
    tx: sa.Connection,
    workspace_id: str,
    *,
    reason: str,
    values: dict[str, str],
    came_at: datetime,
    now: datetime,
    source_id: int | None = None,
    delivery_id: int | None = None,
    channel: str | None = None,
    ts: str | None = None,
) -> int:
    """Stand-in."""
    import uuid

    return unreadables.add(tx, workspace_id, "", uuid.uuid4().hex, reason, list(values.values()), now)
