"""The roster: who may do what, who is away, whose turn it is."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import rows
from storage.models import Member, Workspace, member, workspace


def roster(tx: sa.Connection, workspace_id: str) -> list[Member]:
    """Return every member ever, active or not, in the order they were added."""
    return rows.all_of(tx, Member, member, {"workspace_id": workspace_id})


def get(tx: sa.Connection, workspace_id: str, user_id: str) -> Member | None:
    """One member by Slack user id."""
    return rows.find(tx, Member, member, {"workspace_id": workspace_id, "user_id": user_id})


class Caller(NamedTuple):
    """Who acts, and in which workspace."""

    workspace: Workspace
    member: Member | None
    """None: nobody of the roster."""


def caller(tx: sa.Connection, workspace_id: str, user_id: str) -> Caller | None:
    """Return a workspace and one member of it by Slack user id; None where the workspace is not configured."""
    row = tx.execute(_caller(), {"workspace": workspace_id, "user": user_id}).one_or_none()
    if row is None:
        return None
    columns = rows.names_of(workspace)
    mine, theirs = row[: len(columns)], row[len(columns) :]
    known = rows.value(Member, rows.names_of(member), theirs) if theirs[0] is not None else None
    return Caller(rows.value(Workspace, columns, mine), known)


@cache
def _caller() -> sa.Select[Any]:
    theirs = sa.and_(member.c.workspace_id == workspace.c.id, member.c.user_id == sa.bindparam("user"))
    query = sa.select(*workspace.c, *member.c).join(member, theirs, isouter=True)
    return query.where(workspace.c.id == sa.bindparam("workspace"))


def save(tx: sa.Connection, workspace_id: str, user_id: str, **values: object) -> None:
    """Add the member, or change the named columns. Turn and absence are kept, so editing the roster costs nobody."""
    if not rows.insert_once(tx, member, **_new(workspace_id, user_id) | values):
        update(tx, workspace_id, user_id, **values)


def update(tx: sa.Connection, workspace_id: str, user_id: str, **values: object) -> None:
    """Change the named columns of a member."""
    rows.change(tx, member, {"workspace_id": workspace_id, "user_id": user_id}, **values)


def forget_lapses(tx: sa.Connection, workspace_id: str, user_id: str) -> None:
    """Count a member's response deadlines that pass in a row from zero again."""
    tx.execute(_forgetting_lapses(), {"workspace": workspace_id, "user": user_id})


@cache
def _forgetting_lapses() -> sa.Update:
    theirs = sa.and_(member.c.workspace_id == sa.bindparam("workspace"), member.c.user_id == sa.bindparam("user"))
    return member.update().where(theirs, member.c.lapses > 0).values(lapses=0)


def stale(tx: sa.Connection, workspace_id: str, before: datetime) -> list[Member]:
    """Active members whose Slack profile was last read before `before`, or never."""
    unread = sa.or_(member.c.refreshed_at.is_(None), member.c.refreshed_at < before)
    query = sa.select(member).where(member.c.workspace_id == workspace_id, member.c.active.is_(True), unread)
    return rows.many(tx, Member, query.order_by(member.c.id))


def _new(workspace_id: str, user_id: str) -> dict[str, object]:
    return {
        "workspace_id": workspace_id,
        "user_id": user_id,
        "name": user_id,
        "roles": [],
        "active": True,
        "deactivated": False,
        "last_turn": 0,
        "balance": 0,
    }
