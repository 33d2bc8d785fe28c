"""Marketing's own figures, by week and segment: added, never changed; the newest version of each counts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from storage import rows
from storage.models import NurturingWeek, nurturing_week
from storage.rows import Values


def newest(tx: sa.Connection, workspace_id: str, weeks: Collection[str]) -> list[NurturingWeek]:
    """Return what counts of some weeks, by week and segment."""
    mine = sa.and_(nurturing_week.c.workspace_id == workspace_id, nurturing_week.c.week.in_(weeks))
    return rows.many(tx, NurturingWeek, _counting(mine)) if weeks else []


def between(tx: sa.Connection, workspace_id: str, first: str, last: str) -> list[NurturingWeek]:
    """Return what counts of the weeks from one to another, both included, by week and segment."""
    column = nurturing_week.c.week
    mine = sa.and_(nurturing_week.c.workspace_id == workspace_id, column >= first, column <= last)
    return rows.many(tx, NurturingWeek, _counting(mine))


def _counting(mine: sa.ColumnElement[bool]) -> rows.Query:
    later = nurturing_week.alias()
    same = [later.c[name] == nurturing_week.c[name] for name in ("workspace_id", "week", "segment")]
    replaced = sa.exists().where(*same, later.c.version > nurturing_week.c.version)
    query = sa.select(nurturing_week).where(mine, ~replaced)
    return query.order_by(nurturing_week.c.week, nurturing_week.c.segment)


def newest_week(tx: sa.Connection, workspace_id: str) -> str | None:
    """Return the last week of which anything was told; None where nothing ever was."""
    mine = nurturing_week.c.workspace_id == workspace_id
    week = tx.execute(sa.select(sa.func.max(nurturing_week.c.week)).where(mine)).scalar_one()
    return None if week is None else str(week)


def history(tx: sa.Connection, workspace_id: str, week: str, segment: str) -> list[NurturingWeek]:
    """Return everything that was told of a week and segment, the first first."""
    which = {"workspace_id": workspace_id, "week": week, "segment": segment}
    return rows.all_of(tx, NurturingWeek, nurturing_week, which, "version")


def add(tx: sa.Connection, workspace_id: str, values: Sequence[Values]) -> None:
    """Store further versions; each names every column but the workspace's."""
    rows.insert_many(tx, nurturing_week, [{**each, "workspace_id": workspace_id} for each in values])
