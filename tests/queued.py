"""Messages that a test puts into the outbox by hand, with the priority of their kind."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.messages.kinds import KINDS
from storage import outbox
from storage.vocabulary import MessageKind


def add(
    tx: sa.Connection, workspace_id: str, key: str, kind: MessageKind, target: str, now: datetime, **values: Any
) -> bool:
    """Queue a message; `values` as for `outbox.message`. False where one with this key was queued before."""
    return outbox.add(tx, message(workspace_id, key, kind, target, now, **values))


def message(
    workspace_id: str, key: str, kind: MessageKind, target: str, now: datetime, **values: Any
) -> dict[str, Any]:
    """Return a message as a row for `outbox.add_all`, with `values` as for `outbox.message`."""
    return outbox.message(workspace_id, key, kind, KINDS[kind].priority, target, now, **values)
