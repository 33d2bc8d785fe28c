"""Which MQLs a message about several of them names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import sqlalchemy as sa

from storage import rows
from storage.models import listing, outbox
from storage.outbox import UNSENT
from storage.vocabulary import OutboxState


class Naming(NamedTuple):
    """A message that names MQLs, as far as its edits speak of it."""

    id: int
    target: str
    newest: int
    """The newest of the events for which it was looked for."""


def replace(tx: sa.Connection, workspace_id: str, outbox_id: int, mql_ids: Collection[int]) -> None:
    """Let a message name these MQLs, and no other."""
    mine = sa.and_(listing.c.workspace_id == workspace_id, listing.c.outbox_id == outbox_id)
    tx.execute(listing.delete().where(mine))
    for mql_id in sorted(set(mql_ids)):
        rows.insert_once(tx, listing, outbox_id=outbox_id, mql_id=mql_id, workspace_id=workspace_id)


def naming(tx: sa.Connection, workspace_id: str, events: Mapping[int, int]) -> list[Naming]:
    """Return the messages in Slack, or on their way there, that name any of these MQLs. `events`: one for each MQL.

    The messages are held until the transaction ends: their sender may be about to say that one of them is there.
    """
    which = listing.c.mql_id == next(iter(events)) if len(events) == 1 else listing.c.mql_id.in_(list(events))
    query = sa.select(outbox.c.id, outbox.c.target, listing.c.mql_id).join(listing, listing.c.outbox_id == outbox.c.id)
    mine = query.where(listing.c.workspace_id == workspace_id, which, outbox.c.state.in_((*UNSENT, OutboxState.SENT)))
    found: dict[int, Naming] = {}
    for row_id, target, mql_id in tx.execute(mine.order_by(outbox.c.id).with_for_update(of=outbox)):
        newest = max(events[mql_id], found[row_id].newest if row_id in found else 0)
        found[row_id] = Naming(row_id, target, newest)
    return list(found.values())
