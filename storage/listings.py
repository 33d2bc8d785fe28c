"""Which MQLs a message about several of them names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import rows
from storage.models import listing, outbox
from storage.outbox import UNSENT, state_in
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
    several = len(events) > 1
    asked = {"workspace": workspace_id, **({"mqls": list(events)} if several else {"mql": next(iter(events))})}
    messages: dict[int, Naming] = {}
    for row_id, target, mql_id in tx.execute(_naming(several=several), asked):
        newest = max(events[mql_id], messages[row_id].newest if row_id in messages else 0)
        messages[row_id] = Naming(row_id, target, newest)
    return list(messages.values())


@cache
def _naming(*, several: bool) -> sa.Select[Any]:
    # Asked at every press, nearly always about one MQL; a list of values is written into the statement anew each time.
    named = listing.c.mql_id
    which = named.in_(sa.bindparam("mqls", expanding=True)) if several else named == sa.bindparam("mql")
    joined = sa.select(outbox.c.id, outbox.c.target, named).join(listing, listing.c.outbox_id == outbox.c.id)
    mine = listing.c.workspace_id == sa.bindparam("workspace", type_=sa.String())
    there = state_in(outbox, *UNSENT, OutboxState.SENT)
    return joined.where(mine, which, there).order_by(outbox.c.id).with_for_update(of=outbox)
