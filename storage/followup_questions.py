"""Owners who are to be asked once more what became of an MQL."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from storage.due import CONDITIONS, Work
from storage.models import event, mql
from storage.vocabulary import ClockKind, EventType


def due(tx: sa.Connection, now: datetime, most: int) -> list[tuple[str, int]]:
    """Return MQLs of any workspace, each with its workspace's id, about which somebody is to be asked by now; the
    longest waiting first."""
    query = sa.select(mql.c.workspace_id, mql.c.id).where(*CONDITIONS[Work.QUESTIONS]).order_by(mql.c.ask_at, mql.c.id)
    return [(workspace_id, mql_id) for workspace_id, mql_id in tx.execute(query.limit(most), {"now": now})]


def last_question(tx: sa.Connection, workspace_id: str, mql_id: int) -> datetime | None:
    """Return when the owner of an MQL was last asked for its outcome: by a reminder of the feedback clock, or once
    more."""
    reminded = sa.and_(
        event.c.type == EventType.REMINDED, event.c.data["clock"].as_string() == ClockKind.FEEDBACK.value
    )
    mine = sa.and_(event.c.workspace_id == workspace_id, event.c.mql_id == mql_id)
    query = sa.select(event.c.at).where(mine, sa.or_(event.c.type == EventType.ASKED, reminded))
    return tx.execute(query.order_by(event.c.at.desc()).limit(1)).scalar()


def postpone(tx: sa.Connection, workspace_id: str, mql_id: int, until: datetime) -> None:
    """Look at a question again later, if it still waits."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, mql.c.id == mql_id, mql.c.ask_at.is_not(None))
    tx.execute(mql.update().where(mine).values(ask_at=until))
