"""The first set-up of a workspace: what was chosen so far, and by whom it may be chosen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import Setup, setup


def get(tx: sa.Connection, workspace_id: str, *, hold: bool = False) -> Setup | None:
    """Return the set-up of a workspace, or None where nobody has begun it; `hold` it until the transaction ends."""
    return rows.find(tx, Setup, setup, {"workspace_id": workspace_id}, hold=hold)


def begin(tx: sa.Connection, workspace_id: str, by: str, answers: dict[str, Any], now: datetime) -> bool:
    """Begin the set-up of a workspace. False where somebody has begun it already: nothing is changed."""
    new = {"keepers": [by], "answers": answers, "reading": {}, "changes": 0}
    return rows.insert_once(tx, setup, workspace_id=workspace_id, started_by=by, started_at=now, **new)


def change(tx: sa.Connection, known: Setup, **values: Any) -> bool:
    """Change the named columns, unless somebody else has changed the row since it was read."""
    which = {"workspace_id": known.workspace_id, "changes": known.changes}
    return rows.change(tx, setup, which, **values, changes=known.changes + 1) > 0


def close(tx: sa.Connection, workspace_id: str) -> None:
    """Forget the set-up of a workspace."""
    tx.execute(setup.delete().where(setup.c.workspace_id == workspace_id))
