"""Pauses, as the log has them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from storage import rows
from storage.models import Event, event, mql
from storage.mqls import is_open
from storage.reports import COUNTED, Span
from storage.vocabulary import EventType

LONGEST = timedelta(days=400)
"""No pause lasts longer; forms allow a year."""
ENDS = (EventType.RESUMED, EventType.DISPOSED, EventType.PAUSED)


class Paused(NamedTuple):
    """A pause of an MQL that counts."""

    mql_id: int
    began: datetime
    ended: datetime
    """The end that was set, where it has not come to an end before."""


def newest(tx: sa.Connection, workspace_id: str, mql_ids: Collection[int]) -> dict[int, Event]:
    """Return the event of the newest pause of each of these MQLs, by MQL; none for one that was never paused."""
    ids = sa.select(sa.func.max(event.c.id)).where(
        rows.unsought(event.c.workspace_id) == workspace_id,
        event.c.mql_id.in_(mql_ids),
        event.c.type == EventType.PAUSED,
    )
    events = rows.many(tx, Event, sa.select(event).where(event.c.id.in_(ids.group_by(event.c.mql_id))))
    return {each.mql_id: each for each in events}


def asked(tx: sa.Connection, workspace_id: str) -> list[int]:
    """Return the ids of the open MQLs for which somebody has ever asked for consent to a pause."""
    asks = sa.and_(event.c.workspace_id == workspace_id, event.c.type == EventType.PAUSE_ASKED)
    query = sa.select(event.c.mql_id).join(mql, mql.c.id == event.c.mql_id).where(asks, is_open())
    return sorted(set(tx.execute(query).scalars()))


def within(tx: sa.Connection, workspace_id: str, span: Span) -> list[Paused]:
    """Return the pauses that began in a span, or before it and lasted into it."""
    began, later = event.alias("began"), event.alias("later")
    after = sa.and_(later.c.mql_id == began.c.mql_id, later.c.id > began.c.id, later.c.type.in_(ENDS))
    ended = sa.select(later.c.at).where(after).order_by(later.c.id).limit(1).correlate(began).scalar_subquery()
    mine = sa.and_(began.c.workspace_id == workspace_id, began.c.type == EventType.PAUSED, COUNTED)
    lately = sa.and_(began.c.at >= span.start - LONGEST, began.c.at < span.end)
    columns = (began.c.mql_id, began.c.at, began.c.after, ended.label("ended"))
    query = sa.select(*columns).select_from(began).join(mql, mql.c.id == began.c.mql_id).where(mine, lately)
    pauses = [_read(*row) for row in tx.execute(query.order_by(began.c.id))]
    return [pause for pause in pauses if pause.ended > span.start or pause.began >= span.start]


def _read(mql_id: int, began: datetime, until: str, ended: datetime | None) -> Paused:
    return Paused(mql_id, began, ended or datetime.fromisoformat(until))
