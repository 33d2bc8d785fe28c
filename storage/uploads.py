"""Files that people send to the bot in Slack."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from storage import rows
from storage.models import Upload, upload
from storage.vocabulary import UploadState


def add(tx: sa.Connection, workspace_id: str, by: str, file_id: str, now: datetime) -> int:
    """Store a file that is to be fetched; returns its id."""
    begun = {"state": UploadState.READING, "created_at": now, "next_attempt_at": now}
    empty: dict[str, object] = {
        "kind": None,
        "name": "",
        "reading": {},
        "summary": {},
        "import_id": None,
        "position": 0,
        "changes": 0,
    }
    return rows.insert(tx, upload, workspace_id=workspace_id, by=by, file_id=file_id, **begun, **empty)


def get(tx: sa.Connection, workspace_id: str, upload_id: int) -> Upload | None:
    """One upload by id."""
    return rows.find(tx, Upload, upload, {"workspace_id": workspace_id, "id": upload_id})


def is_due(tx: sa.Connection, workspace_id: str, now: datetime) -> bool:
    """Return whether a worker may take an upload up by now."""
    due = sa.and_(upload.c.workspace_id == workspace_id, upload.c.next_attempt_at <= now)
    return tx.execute(sa.select(upload.c.id).where(due).limit(1)).first() is not None


def claim(tx: sa.Connection, workspace_id: str, now: datetime, until: datetime) -> Upload | None:
    """Return the oldest upload that a worker may take up by now, and keep other workers from it for a while."""
    due = sa.and_(upload.c.workspace_id == workspace_id, upload.c.next_attempt_at <= now)
    oldest = sa.select(sa.func.min(upload.c.id)).where(due).scalar_subquery()
    # The second condition is for who comes second: the first has moved it on by then.
    taken = upload.update().where(upload.c.id == oldest, due).values(next_attempt_at=until).returning(upload.c.id)
    upload_id = tx.execute(taken).scalar_one_or_none()
    return get(tx, workspace_id, upload_id) if upload_id is not None else None


def change(
    tx: sa.Connection, workspace_id: str, upload_id: int, among: Collection[UploadState], **values: object
) -> int | None:
    """Change the named columns of an upload that is in one of some states. Returns how often it was changed by now;
    None: it is in another state."""
    mine = sa.and_(upload.c.workspace_id == workspace_id, upload.c.id == upload_id, upload.c.state.in_(among))
    changing = upload.update().where(mine).values(**values, changes=upload.c.changes + 1)
    changes: int | None = tx.execute(changing.returning(upload.c.changes)).scalar_one_or_none()
    return changes
