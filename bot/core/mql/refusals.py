"""What somebody may not do, in the log of the MQL: once in a while, and not for each press."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.base.permissions import Permission
from storage import mqls, receipts
from storage.models import Mql
from storage.vocabulary import EventType, ReceiptKind

AGAIN_AFTER = timedelta(minutes=10)


def note(tx: sa.Connection, subject: Mql, by: str, act: Permission, now: datetime) -> None:
    """Log that `act` was refused to `by`, unless that stands there from the last ten minutes."""
    key = f"event:{subject.id}:{by}:{act}"
    if receipts.first_lately(tx, subject.workspace_id, ReceiptKind.REFUSAL, key, now, AGAIN_AFTER):
        mqls.log(tx, subject, EventType.REFUSED, now, now, actor=by, reason=act)
