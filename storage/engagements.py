"""What marketing's tools know of the people of MQLs: how the score changed, what became of e-mails."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import Engagement, Mql, engagement, mql
from storage.vocabulary import CrmKind, EngagementKind


def add(
    tx: sa.Connection, subject: Mql, crm: CrmKind, key: str, kind: EngagementKind, at: datetime, **more: Any
) -> bool:
    """Write an engagement down. False: it is known."""
    mine = {"workspace_id": subject.workspace_id, "mql_id": subject.id, "crm": crm, "key": key}
    return rows.insert_once(tx, engagement, **mine, kind=kind, at=at, **({"score": None, "before": None} | more))


def of_mql(tx: sa.Connection, workspace_id: str, mql_id: int) -> list[Engagement]:
    """Return the engagements of an MQL, the oldest first."""
    mine = sa.and_(engagement.c.workspace_id == workspace_id, engagement.c.mql_id == mql_id)
    return rows.many(tx, Engagement, sa.select(engagement).where(mine).order_by(engagement.c.at, engagement.c.id))


def newest_score(tx: sa.Connection, subject: Mql, crm: CrmKind, until: datetime) -> int | None:
    """Return the score that a tool told last, of those until a moment."""
    mine = sa.and_(
        engagement.c.mql_id == subject.id,
        engagement.c.crm == crm,
        engagement.c.kind == EngagementKind.SCORE,
        engagement.c.at <= until,
    )
    return tx.execute(_newest(mine)).scalar()


def score_as_received() -> sa.ColumnElement[int | None]:
    """Return the score with which an MQL came; where it came without one, the newest of the history by then."""
    by_then = sa.and_(
        engagement.c.mql_id == mql.c.id,
        engagement.c.kind == rows.literal(EngagementKind.SCORE),
        engagement.c.at <= mql.c.received_at,
    )
    return sa.func.coalesce(mql.c.received_score, _newest(by_then).correlate(mql).scalar_subquery())


def _newest(which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    query = sa.select(engagement.c.score).where(which)
    return query.order_by(engagement.c.at.desc(), engagement.c.id.desc()).limit(1)


def forget(tx: sa.Connection, subject: Mql) -> None:
    """Delete the engagements of an MQL whose person is erased."""
    mine = sa.and_(engagement.c.workspace_id == subject.workspace_id, engagement.c.mql_id == subject.id)
    tx.execute(engagement.delete().where(mine))
