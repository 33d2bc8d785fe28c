"""From a stored connection to its connector."""

from __future__ import annotations

import json
from collections.abc import Collection

import sqlalchemy as sa

from bot.connectors.crm.contract import Connector, Credentials, Interest
from bot.connectors.crm.door import TIMEOUT, Door
from bot.connectors.crm.registry import RECIPES
from bot.connectors.sources.vault import Vault
from bot.core.crm.mapping import Mapping
from storage import crm_connections
from storage.models import CrmConnection


def sealed(vault: Vault, credentials: Credentials) -> str:
    """Return credentials as they may be stored. Raises NoKey."""
    return vault.seal(json.dumps(dict(credentials)))


def unsealed(vault: Vault, stored: str) -> Credentials:
    """Return credentials as they were given. Raises NoKey."""
    return dict(json.loads(vault.unseal(stored)))


def interest_of(connection: CrmConnection) -> Interest:
    """Return what is wanted of each record of a connection."""
    fields = Mapping.of(connection.mapping).fields.values()
    return Interest(tuple(how.name for how in fields), connection.options)


def connector_of(
    tx: sa.Connection,
    vault: Vault,
    connection: CrmConnection,
    allowed: Collection[str] = (),
    timeout: float = TIMEOUT,
) -> tuple[Connector, Door]:
    """Return the connector of a connection, and its door, by which a call in hand can be ended. Raises NoKey."""
    stored = crm_connections.secrets(tx, connection)
    credentials = [unsealed(vault, secret.sealed) for secret in stored]
    door = Door(connection.address, allowed, timeout)
    return RECIPES[connection.kind].make(door, credentials, interest_of(connection)), door
