"""Routes and pools, where everybody stands in a pool, and how much everybody has."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import rows
from storage.models import (
    Assignment,
    Mql,
    PoolStanding,
    RoutingVersion,
    assignment,
    mql,
    pool_standing,
    routing_version,
)
from storage.mqls import is_open
from storage.vocabulary import Status


def current(tx: sa.Connection, workspace_id: str) -> str | None:
    """Return what the newest version says; None where there is none."""
    body: str | None = tx.execute(_current(), {"workspace": workspace_id}).scalar()
    return body


@cache
def _current() -> sa.Select[Any]:
    query = sa.select(routing_version.c.body).where(routing_version.c.workspace_id == sa.bindparam("workspace"))
    return query.order_by(routing_version.c.id.desc()).limit(1)


def versions(tx: sa.Connection, workspace_id: str) -> list[RoutingVersion]:
    """Return every version, the oldest first."""
    return rows.all_of(tx, RoutingVersion, routing_version, {"workspace_id": workspace_id})


def add(tx: sa.Connection, workspace_id: str, body: str, at: datetime) -> None:
    """Write a version down; it counts from now on."""
    rows.insert(tx, routing_version, workspace_id=workspace_id, body=body, at=at)


def standings(tx: sa.Connection, workspace_id: str, pool: str) -> dict[str, PoolStanding]:
    """Return by Slack user id where everybody stands in a pool who has ever been in it."""
    every = rows.all_of(tx, PoolStanding, pool_standing, {"workspace_id": workspace_id, "pool": pool})
    return {standing.user_id: standing for standing in every}


def every_standing(tx: sa.Connection, workspace_id: str) -> list[PoolStanding]:
    """Return where everybody stands in every pool in which they have ever been."""
    return rows.all_of(tx, PoolStanding, pool_standing, {"workspace_id": workspace_id})


def place(tx: sa.Connection, workspace_id: str, pool: str, user: str, *, balance: int, last_turn: int) -> None:
    """Say where somebody stands in a pool that they have joined."""
    own = {"workspace_id": workspace_id, "pool": pool, "user_id": user}
    rows.change(tx, pool_standing, own, balance=balance, last_turn=last_turn)


def joins(tx: sa.Connection, workspace_id: str, pool: str, users: Collection[str]) -> None:
    """Let people stand in a pool, at its level; whoever stood there before keeps their place."""
    for user in users:
        own = {"workspace_id": workspace_id, "pool": pool, "user_id": user}
        rows.insert_once(tx, pool_standing, **own, last_turn=0, balance=0)


def decisions(tx: sa.Connection, workspace_id: str, since: datetime) -> list[Assignment]:
    """Return the assignment decisions from a moment on, in their order."""
    mine = sa.and_(assignment.c.workspace_id == workspace_id, assignment.c.at >= since)
    return rows.many(tx, Assignment, sa.select(assignment).where(mine).order_by(assignment.c.id))


def numbers(tx: sa.Connection, workspace_id: str, since: datetime) -> dict[int, int]:
    """Return the number of each MQL about which something was decided since a moment, by its id."""
    query = sa.select(mql.c.id, mql.c.number).join(assignment, assignment.c.mql_id == mql.c.id)
    mine = sa.and_(assignment.c.workspace_id == workspace_id, assignment.c.at >= since)
    return {int(row[0]): int(row[1]) for row in tx.execute(query.where(mine))}


def received(tx: sa.Connection, workspace_id: str, since: datetime) -> list[Mql]:
    """Return the MQLs that came in since a moment, but for withdrawn and imported ones, in the order they came."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, mql.c.received_at >= since, mql.c.import_id.is_(None))
    query = sa.select(mql).where(mine, mql.c.status != Status.WITHDRAWN.value)
    return rows.many(tx, Mql, query.order_by(mql.c.received_at, mql.c.id))


class Loads(NamedTuple):
    """How many MQLs somebody has."""

    open: int
    today: int
    week: int


def loads(
    tx: sa.Connection, workspace_id: str, users: Collection[str], day: datetime, week: datetime
) -> dict[str, Loads]:
    """Return by Slack user id how many MQLs each has open, and was given since the beginnings of the day and of the
    week: each MQL once, by whatever way it came to them, and none that was withdrawn: it was no lead. Who has none is
    left out."""
    theirs = {"workspace": workspace_id, "users": list(users)}
    has = {row[0]: int(row[1]) for row in tx.execute(_holding(), theirs)}
    given = tx.execute(_given(), {**theirs, "day": day, "week": week})
    got = {row[0]: (int(row[2]), int(row[1])) for row in given}
    return {user: Loads(has.get(user, 0), *got.get(user, (0, 0))) for user in {*has, *got}}


@cache
def _holding() -> sa.Select[Any]:
    theirs = sa.and_(mql.c.workspace_id == sa.bindparam("workspace"), mql.c.owner.in_(_USERS))
    query = sa.select(mql.c.owner, sa.func.count()).where(theirs, is_open())
    return query.group_by(mql.c.owner)


@cache
def _given() -> sa.Select[Any]:
    day, week = (sa.bindparam(name, type_=assignment.c.at.type) for name in ("day", "week"))
    theirs = sa.and_(assignment.c.workspace_id == sa.bindparam("workspace"), assignment.c.chosen.in_(_USERS))
    each = sa.func.count(sa.distinct(assignment.c.mql_id))
    today = sa.func.count(sa.distinct(sa.case((assignment.c.at >= day, assignment.c.mql_id))))
    counts = sa.select(assignment.c.chosen, each, today).join(mql, mql.c.id == assignment.c.mql_id)
    stands = mql.c.status != Status.WITHDRAWN
    return counts.where(theirs, assignment.c.at >= week, stands).group_by(assignment.c.chosen)


_USERS: sa.BindParameter[str] = sa.bindparam("users", expanding=True)
