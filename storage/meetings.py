"""Meetings of marketing and sales that took place."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa

from storage import rows
from storage.models import Meeting, meeting


def add(tx: sa.Connection, workspace_id: str, day: date, by: str, now: datetime) -> bool:
    """Record that a meeting was held on a day. False: that is on record already."""
    return rows.insert_once(tx, meeting, workspace_id=workspace_id, day=day.isoformat(), by=by, at=now)


def on(tx: sa.Connection, workspace_id: str, day: date) -> Meeting | None:
    """Return the meeting of a day, if one was recorded."""
    return rows.find(tx, Meeting, meeting, {"workspace_id": workspace_id, "day": day.isoformat()})


def newest(tx: sa.Connection, workspace_id: str) -> Meeting | None:
    """Return the last meeting on record."""
    query = sa.select(meeting).where(meeting.c.workspace_id == workspace_id)
    return rows.one(tx, Meeting, query.order_by(meeting.c.day.desc()).limit(1))


def count(tx: sa.Connection, workspace_id: str, first: date, last: date) -> int:
    """Return how many meetings were held from one day to another, both included."""
    between = meeting.c.day.between(first.isoformat(), last.isoformat())
    query = sa.select(sa.func.count()).select_from(meeting).where(meeting.c.workspace_id == workspace_id, between)
    return int(tx.execute(query).scalar_one())
