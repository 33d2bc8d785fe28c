"""Versions of what marketing and sales call an MQL: proposed, then agreed to by each side, once."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import Definition, Mql, definition, mql
from storage.vocabulary import Status


def add(tx: sa.Connection, workspace_id: str, **values: Any) -> int:
    """Store a version and return its id."""
    return rows.insert(tx, definition, workspace_id=workspace_id, **values)


def get(tx: sa.Connection, workspace_id: str, definition_id: int) -> Definition | None:
    """One version by id."""
    return rows.find(tx, Definition, definition, {"workspace_id": workspace_id, "id": definition_id})


def every(tx: sa.Connection, workspace_id: str) -> list[Definition]:
    """Return all versions, by their numbers."""
    return rows.all_of(tx, Definition, definition, {"workspace_id": workspace_id}, order_by="number")


def newest(tx: sa.Connection, workspace_id: str) -> Definition | None:
    """Return the version with the highest number: the open proposal, unless both sides have agreed to it."""
    query = sa.select(definition).where(definition.c.workspace_id == workspace_id)
    return rows.one(tx, Definition, query.order_by(definition.c.number.desc()).limit(1))


def agreed(tx: sa.Connection, workspace_id: str, *, scored: bool = False) -> Definition | None:
    """Return the version that counts; with `scored` the last that counted and names a threshold."""
    return rows.one(tx, Definition, _agreed(scored), {"workspace": workspace_id})


@cache
def _agreed(scored: bool) -> rows.Query:
    mine = sa.and_(definition.c.workspace_id == sa.bindparam("workspace"), definition.c.agreed_at.is_not(None))
    query = sa.select(definition).where(mine).order_by(definition.c.number.desc()).limit(1)
    return query.where(definition.c.threshold.is_not(None)) if scored else query


def received_between(tx: sa.Connection, workspace_id: str, since: datetime, until: datetime) -> list[Mql]:
    """Return the MQLs that came in from a moment to before another, but for those that were withdrawn or erased."""
    mine = sa.and_(mql.c.workspace_id == workspace_id, mql.c.received_at >= since, mql.c.received_at < until)
    there = sa.and_(mql.c.status != Status.WITHDRAWN, mql.c.erased_at.is_(None))
    return rows.many(tx, Mql, sa.select(mql).where(mine, there).order_by(mql.c.id))


def close(tx: sa.Connection, seen: Definition, by: str, why: str | None, now: datetime) -> bool:
    """Note that a proposal was withdrawn, or sent back. False: both sides have agreed, or it is closed already."""
    mine = sa.and_(definition.c.workspace_id == seen.workspace_id, definition.c.id == seen.id)
    still = sa.and_(mine, definition.c.agreed_at.is_(None), definition.c.closed_at.is_(None))
    values = {"closed_by": by, "closed_at": now, "closed_why": why}
    return tx.execute(definition.update().where(still).values(**values)).rowcount == 1


def agree(tx: sa.Connection, seen: Definition, side: str, by: str, now: datetime) -> bool:
    """Note that one side, "marketing" or "sales", agrees; with the other's agreement the version is agreed upon.
    False: it has agreed before."""
    other = "sales" if side == "marketing" else "marketing"
    mine = sa.and_(definition.c.workspace_id == seen.workspace_id, definition.c.id == seen.id)
    both = sa.case((definition.c[f"{other}_at"].is_not(None), sa.literal(now, definition.c.agreed_at.type)))
    values = {f"{side}_by": by, f"{side}_at": now, "agreed_at": both}
    return (
        tx.execute(definition.update().where(mine, definition.c[f"{side}_at"].is_(None)).values(**values)).rowcount == 1
    )
