"""When leads came in, by the way they came."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from storage.models import event, unreadable
from storage.vocabulary import EventType, Source

ARRIVED = (EventType.RECEIVED, EventType.RECEIVED_AGAIN)


def since(tx: sa.Connection, workspace_id: str, moment: datetime) -> dict[Source, list[datetime]]:
    """Every arrival from `moment` on, oldest first. A message of the intake channel that could not be read has
    arrived too. Who is entered by hand has not come by any way that could break."""
    query = sa.select(event.c.after, event.c.at).where(
        event.c.workspace_id == workspace_id, event.c.type.in_(ARRIVED), event.c.at >= moment
    )
    found: dict[Source, list[datetime]] = {}
    for source, at in tx.execute(query):
        found.setdefault(Source(source), []).append(at)
    found.pop(Source.MANUAL, None)
    unread = sa.select(unreadable.c.at).where(unreadable.c.workspace_id == workspace_id, unreadable.c.at >= moment)
    if times := list(tx.execute(unread).scalars()):
        found.setdefault(Source.NOTIFICATION, []).extend(times)
    return {source: sorted(times) for source, times in found.items()}
