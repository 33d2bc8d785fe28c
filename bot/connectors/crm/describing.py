"""Once a day: what a CRM says of itself is read anew. Its users are taken over; what else has changed is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.connectors.crm import setup
from bot.connectors.crm.contract import Connector, Description
from bot.connectors.crm.registry import RECIPES
from bot.core.crm import drift
from bot.core.crm.drift import Known
from bot.core.crm.mapping import Mapping
from storage import crm_connections, members
from storage.database import Database
from storage.models import CrmConnection

A_DAY = timedelta(days=1)


def describe_daily(database: Database, connection: CrmConnection, connector: Connector, now: datetime) -> int:
    """Read fields, options, users and permissions anew, once a day. Returns 1 where that was done now. Raises
    CrmError."""
    if connection.described_at is not None and now - connection.described_at < A_DAY:
        return 0
    about = connector.describe()
    with database.transaction() as tx:
        current = crm_connections.held(tx, connection)
        if current is None or current.mapping_version != connection.mapping_version:
            return 0  # Somebody has mapped it anew meanwhile, by what it says of itself, or taken it away.
        mapping = Mapping.of(current.mapping)
        users = setup.users_of(about, members.roster(tx, connection.workspace_id))
        people = setup.people_of(about)
        active = {user.id: people[user.id] for user in about.users if user.active}
        changed = drift.changes(mapping, Known(_options(about), active, users))
        if about.users:
            mapping = replace(
                mapping,
                users={**mapping.users, **users},
                owners={**mapping.owners, **setup.owners_of(about, users)},
                names={**mapping.names, **people},
            )
        mapping = replace(mapping, deals_qualify=mapping.deals_qualify or bool(about.stages))
        lacks = sorted({missing.lack.value for missing in about.missing})
        values = {"drift": changed, "lacks": lacks, "expires_at": about.expires_at, "mapping": mapping.to_json()}
        values["daily_calls"] = about.daily_calls or RECIPES[connection.kind].calls_a_day
        crm_connections.update(tx, connection, described_at=now, **values)
    return 1


def _options(about: Description) -> dict[str, dict[str, str]]:
    return {each.name: dict(each.options) for each in about.properties}
