"""When leads came in, by the way they came."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from storage.models import event, unreadable
from storage.vocabulary import EventType, Source

ARRIVED = (EventType.RECEIVED, EventType.RECEIVED_AGAIN)


def since(
    tx: sa.Connection, workspace_id: str, moment: datetime, besides: Collection[Source] = ()
) -> dict[Source, list[datetime]]:
    """Return every arrival from `moment` on, oldest first, besides those of some ways. A message of the intake
    channel that could not be read has arrived too. Who is entered by hand has not come by any way that could break."""
    query = sa.select(event.c.after, event.c.at).where(
        event.c.workspace_id == workspace_id,
        event.c.type.in_(ARRIVED),
        event.c.at >= moment,
        event.c.after.not_in([*besides, Source.MANUAL]),
    )
    times_of: dict[Source, list[datetime]] = {}
    for source, at in tx.execute(query):
        times_of.setdefault(Source(source), []).append(at)
    if Source.NOTIFICATION in besides:
        return {source: sorted(times) for source, times in times_of.items()}
    # Of deliveries each source has its own account of what came.
    came = sa.and_(unreadable.c.came_at >= moment, unreadable.c.channel.is_not(None))
    unread = sa.select(unreadable.c.came_at).where(unreadable.c.workspace_id == workspace_id, came)
    if times := list(tx.execute(unread).scalars()):
        times_of.setdefault(Source.NOTIFICATION, []).extend(times)
    return {source: sorted(times) for source, times in times_of.items()}
