"""Once a day: which leads the CRM says it handed over on the day before, and which of them the bot never had."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.connectors.crm.contract import Connector
from bot.core.crm import vanished
from storage import crm_connections, workspaces
from storage.database import Database
from storage.models import CrmConnection

HOUR = time(8)
"""The admins hear of it in the morning."""
A_DAY = timedelta(days=1)


def count_leads(database: Database, connection: CrmConnection, connector: Connector, now: datetime) -> int:
    """Compare the leads of yesterday, once, from HOUR on. Returns 1 where that was done now. Raises CrmError."""
    with database.snapshot() as tx:
        workspace = workspaces.get(tx, connection.workspace_id)
    if workspace is None:
        return 0
    zone = ZoneInfo(workspace.timezone)
    local = now.astimezone(zone)
    yesterday = local.date() - A_DAY
    is_connected_since = connection.created_at.astimezone(zone).date() <= yesterday
    if local.time() < HOUR or not is_connected_since or connection.counted_on == yesterday.isoformat():
        return 0
    midnight = datetime.combine(yesterday, time(), zone)
    until = datetime.combine(local.date(), time(), zone)
    entered = connector.entered(midnight.astimezone(UTC), until.astimezone(UTC))
    with database.transaction() as tx:
        missing = vanished.compare(tx, connection, yesterday, entered)
        crm_connections.update(tx, connection, counted_on=yesterday.isoformat(), vanished=missing)
    return 1
