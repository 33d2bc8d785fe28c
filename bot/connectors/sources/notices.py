"""What names a record of a CRM that is connected: it is read there, and nobody has to look."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.connectors.sources.contract import NotALead
from storage import crm_connections
from storage.models import LeadSource
from storage.vocabulary import CrmKind

ERASED = "privacy:"
"""Before a record that was deleted for good."""
_KINDS = {kind.value: kind for kind in CrmKind}


def note(tx: sa.Connection, source: LeadSource, content: NotALead, now: datetime) -> bool:
    """Have the record read at once. False where no CRM of the source's kind is connected, or no record is named."""
    kind = _KINDS.get(source.kind)
    connection = crm_connections.of_kind(tx, source.workspace_id, kind) if kind else None
    record = content.record.removeprefix(f"{source.kind}:")
    if connection is None or not record:
        return False
    named = ERASED + record if content.reason == "erased" else record
    crm_connections.notice(tx, connection, named, now)
    crm_connections.update(tx, connection, noticed_at=now)
    return True
