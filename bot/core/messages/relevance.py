"""Whether a message still says something true when its turn comes."""

from __future__ import annotations

import sqlalchemy as sa

from bot.core.messages import kinds
from bot.core.messages.lookup import Lookup
from storage.models import Outbox
from storage.vocabulary import MessageKind


def reason_gone(tx: sa.Connection, row: Outbox, lookup: Lookup | None = None) -> str | None:
    """Return why a queued message is no longer true, or None while it is. Asked just before sending. `lookup`: where
    the caller goes on reading in this transaction."""
    return kinds.KINDS[row.kind].gone(lookup or Lookup(tx, row.workspace_id), row)


def singles(row: Outbox) -> list[Outbox]:
    """Return a message that tells of several things as a message for each; any other as it is."""
    if row.kind != MessageKind.HELD:
        return [row]
    return [
        row.model_copy(update={"kind": item.kind, "mql_id": item.mql, "event_id": item.event, "data": item.data})
        for item in kinds.HELD.read(row).items
    ]


def still_true(tx: sa.Connection, row: Outbox, lookup: Lookup | None = None) -> list[Outbox]:
    """Return the parts of a held message that are still true, each as a message of its own. `lookup` as above."""
    shared = lookup or Lookup(tx, row.workspace_id)
    return [single for single in singles(row) if reason_gone(tx, single, shared) is None]
