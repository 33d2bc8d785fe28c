"""The addresses of members' calendars, and when each is to be read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import CalendarLink, calendar_link


def of(tx: sa.Connection, workspace_id: str, user_id: str) -> CalendarLink | None:
    """Return a member's calendar, if it is linked."""
    return rows.find(tx, CalendarLink, calendar_link, {"workspace_id": workspace_id, "user_id": user_id})


def link(tx: sa.Connection, workspace_id: str, user_id: str, sealed: str, now: datetime) -> None:
    """Link a member's calendar in the place of any other, to be read at once."""
    unlink(tx, workspace_id, user_id)
    known = {"workspace_id": workspace_id, "user_id": user_id, "sealed": sealed}
    rows.insert(tx, calendar_link, **known, created_at=now, due_at=now, etag="", modified="")


def unlink(tx: sa.Connection, workspace_id: str, user_id: str) -> bool:
    """Forget the address of a member's calendar. Says whether there was one."""
    mine = sa.and_(calendar_link.c.workspace_id == workspace_id, calendar_link.c.user_id == user_id)
    return tx.execute(calendar_link.delete().where(mine)).rowcount > 0


def claim(tx: sa.Connection, workspace_id: str, now: datetime, until: datetime, most: int) -> list[CalendarLink]:
    """Return calendars that are due, the longest first, and put each off until `until`: nobody else reads it before."""
    mine = sa.and_(calendar_link.c.workspace_id == workspace_id, calendar_link.c.due_at <= now)
    query = sa.select(calendar_link).where(mine).order_by(calendar_link.c.due_at, calendar_link.c.id).limit(most)
    due = rows.many(tx, CalendarLink, query)
    return [link for link in due if _claimed(tx, link, until)]


def claim_of(tx: sa.Connection, workspace_id: str, user_id: str, now: datetime, until: datetime) -> CalendarLink | None:
    """Return a member's calendar if it is due, and put it off until `until`, as `claim` does."""
    link = of(tx, workspace_id, user_id)
    return link if link is not None and link.due_at <= now and _claimed(tx, link, until) else None


def settle(tx: sa.Connection, link: CalendarLink, **values: Any) -> bool:
    """Write down how reading went. False where the calendar was unlinked, or another one linked, meanwhile."""
    return (
        rows.change(
            tx, calendar_link, {"workspace_id": link.workspace_id, "id": link.id, "sealed": link.sealed}, **values
        )
        > 0
    )


def _claimed(tx: sa.Connection, link: CalendarLink, until: datetime) -> bool:
    still = {"workspace_id": link.workspace_id, "id": link.id, "due_at": link.due_at}
    return rows.change(tx, calendar_link, still, due_at=until) > 0
