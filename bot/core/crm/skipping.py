"""What a CRM says and the bot does not follow: told once in the thread of the card, kept in the history of the MQL."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.core.messages import notifications
from storage import mqls
from storage.models import CrmConnection, Mql
from storage.vocabulary import CrmSkip, EventType

_ANEW = (EventType.ASSIGNED, EventType.DISPOSED, EventType.CORRECTED, EventType.REOPENED, EventType.DEAL)
"""After these what was told before may be told again."""


def note(
    tx: sa.Connection, connection: CrmConnection, subject: Mql, why: CrmSkip, now: datetime, shown: str = ""
) -> None:
    """Tell why the bot does not follow a CRM; nothing where that was told and nothing has become of the MQL since.
    `shown`: the value, as the CRM shows it. Of the record no id is kept: the log outlives its person's erasure."""
    data = {"crm": connection.kind.value, "why": why.value} | ({"shown": shown} if shown else {})
    for event in reversed(mqls.history(tx, subject.workspace_id, subject.id)):
        if event.type == EventType.CRM_SKIPPED and event.data == data:
            return
        if event.type in _ANEW:
            break
    event_id = mqls.log(tx, subject, EventType.CRM_SKIPPED, now, now, data=data)
    notifications.post_thread_note(tx, subject, event_id, now)
