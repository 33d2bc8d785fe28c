"""Fields that were changed on both sides, until a person has said which value holds. Decided ones stay."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import CrmConflict, CrmConnection, CrmLink, crm_conflict, crm_link
from storage.vocabulary import CrmDecision, CrmField


def open_of(tx: sa.Connection, link: CrmLink) -> dict[CrmField, CrmConflict]:
    """Return the conflicts of a link that wait for a person, by field."""
    mine = sa.and_(
        crm_conflict.c.workspace_id == link.workspace_id,
        crm_conflict.c.link_id == link.id,
        crm_conflict.c.decided_at.is_(None),
    )
    return {each.field: each for each in rows.many(tx, CrmConflict, sa.select(crm_conflict).where(mine))}


def add(tx: sa.Connection, link: CrmLink, field: CrmField, now: datetime, **values: Any) -> CrmConflict:
    """Store a conflict and return it."""
    mine = {"workspace_id": link.workspace_id, "link_id": link.id, "mql_id": link.mql_id}
    return rows.insert_whole(tx, CrmConflict, crm_conflict, **mine, field=field, opened_at=now, **values)


def update(tx: sa.Connection, conflict: CrmConflict, **values: Any) -> None:
    """Change columns of a conflict."""
    rows.change(tx, crm_conflict, {"workspace_id": conflict.workspace_id, "id": conflict.id}, **values)


def decide(tx: sa.Connection, conflict: CrmConflict, decision: CrmDecision, by: str | None, now: datetime) -> None:
    """Write down which value holds."""
    update(tx, conflict, decision=decision, decided_by=by, decided_at=now)


def get(tx: sa.Connection, workspace_id: str, conflict_id: int) -> CrmConflict | None:
    """Return a conflict."""
    return rows.find(tx, CrmConflict, crm_conflict, {"workspace_id": workspace_id, "id": conflict_id})


def of_mql(tx: sa.Connection, workspace_id: str, mql_id: int) -> list[CrmConflict]:
    """Return the conflicts of an MQL, the oldest first."""
    return rows.all_of(tx, CrmConflict, crm_conflict, {"workspace_id": workspace_id, "mql_id": mql_id})


def count_open(tx: sa.Connection, connection: CrmConnection) -> int:
    """Return how many conflicts of a connection wait for a person."""
    query = (
        sa.select(sa.func.count())
        .select_from(crm_conflict.join(crm_link, crm_link.c.id == crm_conflict.c.link_id))
        .where(
            crm_link.c.workspace_id == connection.workspace_id,
            crm_link.c.connection_id == connection.id,
            crm_conflict.c.decided_at.is_(None),
        )
    )
    return int(tx.execute(query).scalar_one())
