"""Files that marketing sends to the bot in Slack, to be imported: each is one row, and one message that shows how far
it has come. A worker fetches, counts, imports and takes back; between these a person decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.base import audit
from bot.core.base.audit import Author
from bot.core.messages import kinds, notifications, outgoing
from storage import uploads
from storage.models import Upload
from storage.vocabulary import AuditKind, UploadKind, UploadState

_WORKING = (UploadState.READING, UploadState.IMPORTING, UploadState.UNDOING)
_OPEN = (UploadState.READING, UploadState.READ, UploadState.FAILED)


def take(tx: sa.Connection, workspace_id: str, by: str, file_id: str, now: datetime) -> int:
    """Take a file that somebody has sent, and answer with a message. Returns its id."""
    upload_id = uploads.add(tx, workspace_id, by, file_id, now)
    outgoing.add(tx, workspace_id, _key(upload_id), kinds.UPLOAD(upload=upload_id), by, now)
    return upload_id


def read_as(
    tx: sa.Connection, upload: Upload, kind: UploadKind | None, reading: Mapping[str, Any], now: datetime
) -> bool:
    """Have a file read in another way. False: it is being imported, or over."""
    wanted = {"state": UploadState.READING, "kind": kind, "reading": dict(reading), "next_attempt_at": now}
    return _move(tx, upload, (UploadState.READING, UploadState.READ), now, **wanted)


def begin(tx: sa.Connection, upload: Upload, now: datetime) -> bool:
    """Have a file imported that was looked at. False: somebody has pressed before."""
    values = {"state": UploadState.IMPORTING, "position": 0, "next_attempt_at": now}
    begun = _move(tx, upload, (UploadState.READ,), now, **values)
    if begun:
        about = {"what": upload.kind.value} if upload.kind else None
        _record(tx, upload, AuditKind.IMPORT, upload.name or str(upload.id), now, about)
    return begun


def cancel(tx: sa.Connection, upload: Upload, now: datetime) -> bool:
    """Leave a file alone. False: it is being imported, or over."""
    return _move(tx, upload, _OPEN, now, state=UploadState.CANCELLED, next_attempt_at=None)


def undo(tx: sa.Connection, upload: Upload, now: datetime) -> bool:
    """Have an import taken back. False: that was asked before, or nothing was imported."""
    undoing = _move(tx, upload, (UploadState.DONE,), now, state=UploadState.UNDOING, next_attempt_at=now)
    if undoing:
        _record(tx, upload, AuditKind.IMPORT_UNDONE, str(upload.import_id), now)
    return undoing


def goes_on(tx: sa.Connection, upload: Upload, until: datetime, now: datetime, **values: Any) -> bool:
    """Note how far a worker has come with what it has taken up. False: somebody else has it by now."""
    return _move(tx, upload, (upload.state,), now, next_attempt_at=until, **values)


def waits(tx: sa.Connection, upload: Upload, until: datetime) -> None:
    """Let a worker take it up again at a moment, without a word: what kept it may be over then."""
    uploads.change(tx, upload.workspace_id, upload.id, _WORKING, next_attempt_at=until)


def ends(tx: sa.Connection, upload: Upload, state: UploadState, now: datetime, **values: Any) -> bool:
    """Note what a worker's work came to. False: a person has decided otherwise meanwhile."""
    return _move(tx, upload, (upload.state,), now, state=state, next_attempt_at=None, **values)


def _move(tx: sa.Connection, upload: Upload, among: tuple[UploadState, ...], now: datetime, **values: Any) -> bool:
    changes = uploads.change(tx, upload.workspace_id, upload.id, among, **values)
    if changes is not None:
        notifications.edit_message(tx, upload.workspace_id, _key(upload.id), str(changes), now)
    return changes is not None


def _record(
    tx: sa.Connection, upload: Upload, kind: AuditKind, subject: str, now: datetime, about: dict[str, Any] | None = None
) -> None:
    audit.record(tx, upload.workspace_id, kind, Author.in_slack(upload.by), now, subject, after=about)


def _key(upload_id: int) -> str:
    return f"upload:{upload_id}"
