"""When members are away: what is over, what goes on, and what is still to come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.due import CONDITIONS, Work
from storage.models import Absence, absence
from storage.vocabulary import AbsenceSource


def add(
    tx: sa.Connection,
    workspace_id: str,
    user_id: str,
    from_at: datetime,
    until_at: datetime,
    source: AbsenceSource,
    set_by: str | None,
) -> Absence:
    """Write down that a member is away from a moment up to, but not including, another one. Nothing has been done about
    its beginning yet."""
    row = Absence(
        id=0,
        workspace_id=workspace_id,
        user_id=user_id,
        from_at=from_at,
        until_at=until_at,
        source=source,
        set_by=set_by,
        next_at=from_at,
    )
    return row.model_copy(update={"id": rows.insert(tx, absence, **row.model_dump(exclude={"id"}))})


def get(tx: sa.Connection, workspace_id: str, absence_id: int) -> Absence | None:
    """Return one absence."""
    return rows.find(tx, Absence, absence, {"workspace_id": workspace_id, "id": absence_id})


def locked(tx: sa.Connection, workspace_id: str, absence_id: int) -> Absence | None:
    """Return one absence, held until the transaction ends."""
    return rows.find(tx, Absence, absence, {"workspace_id": workspace_id, "id": absence_id}, hold=True)


def of(tx: sa.Connection, workspace_id: str, user_id: str, now: datetime) -> list[Absence]:
    """Return the absences of a member that go on or are still to come, by their beginning."""
    mine = sa.and_(absence.c.workspace_id == workspace_id, absence.c.user_id == user_id)
    query = sa.select(absence).where(mine, absence.c.until_at > now, absence.c.until_at > absence.c.from_at)
    return rows.many(tx, Absence, query.order_by(absence.c.from_at, absence.c.id))


def of_source(
    tx: sa.Connection, workspace_id: str, user_id: str, source: AbsenceSource, now: datetime
) -> list[Absence]:
    """Return what a source has said of a member and is not over, or would not be, had nobody overruled it."""
    mine = sa.and_(absence.c.workspace_id == workspace_id, absence.c.user_id == user_id, absence.c.source == source)
    open_ends = sa.or_(absence.c.until_at > now, absence.c.overruled_until > now)
    query = sa.select(absence).where(mine, open_ends)
    return rows.many(tx, Absence, query.order_by(absence.c.from_at, absence.c.id))


def since(tx: sa.Connection, workspace_id: str, moment: datetime) -> list[Absence]:
    """Return the absences of all members that ended after a moment, go on or are still to come. Two of one member may
    overlap where two sources say so."""
    query = sa.select(absence).where(absence.c.workspace_id == workspace_id, absence.c.until_at > moment)
    return rows.many(tx, Absence, query.order_by(absence.c.id))


def due(tx: sa.Connection, now: datetime, most: int) -> list[Absence]:
    """Return absences that begin or end by now and nothing has been done about yet, the oldest first."""
    query = sa.select(absence).where(*CONDITIONS[Work.ABSENCES])
    return rows.many(tx, Absence, query.order_by(absence.c.next_at, absence.c.id).limit(most), {"now": now})


def update(tx: sa.Connection, row: Absence, **values: Any) -> None:
    """Change the named columns."""
    rows.change(tx, absence, {"workspace_id": row.workspace_id, "id": row.id}, **values)


def remove(tx: sa.Connection, row: Absence) -> None:
    """Forget an absence that has not begun and is taken back by whoever said it."""
    tx.execute(absence.delete().where(absence.c.workspace_id == row.workspace_id, absence.c.id == row.id))


def postpone(tx: sa.Connection, row: Absence, until: datetime) -> None:
    """Look at an absence again then; where something has been done about it meanwhile, nothing changes."""
    tx.execute(absence.update().where(absence.c.id == row.id, absence.c.next_at == row.next_at).values(next_at=until))
