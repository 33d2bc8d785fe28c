"""Leads that a CRM says it handed over, and that the bot never had."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from bot.core.crm.records import Record
from bot.core.mql import identity
from storage import crm_links
from storage.models import CrmConnection
from storage.vocabulary import Source

SHOWN = 20
"""So many records are kept, for a person to open."""


def compare(tx: sa.Connection, connection: CrmConnection, day: date, entered: Sequence[Record]) -> list[dict[str, Any]]:
    """Return what a comparison of a day has found: nothing, or one entry with both counts and the records that are
    missing here."""
    by_link = crm_links.known_records(tx, connection, [record.id for record in entered])
    missing = [record.id for record in entered if record.id not in by_link and not _has(tx, connection, record)]
    if not missing:
        return []
    counts = {"crm": len(entered), "bot": len(entered) - len(missing)}
    return [{"day": day.isoformat(), **counts, "records": missing[:SHOWN]}]


def _has(tx: sa.Connection, connection: CrmConnection, record: Record) -> bool:
    names = [record.id, *record.former_ids]
    by_id = any(identity.named(tx, connection.workspace_id, Source(connection.kind), name, None) for name in names)
    address = record.email
    return by_id or bool(identity.named(tx, connection.workspace_id, Source(connection.kind), None, address))
