"""One connection, round after round: notices and changes in, events of the log and writes out (ADR 52).

Calls are made between transactions. One process at a time works on a connection, so that there is one budget of calls
and one write in hand. Changes come in by `changes.py`, writes go out by `writes.py`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from bot.connectors.crm.changes import Changes
from bot.connectors.crm.connecting import connector_of
from bot.connectors.crm.contract import Away, Busy, Connector, Denied, Revoked
from bot.connectors.crm.counting import count_leads
from bot.connectors.crm.describing import describe_daily
from bot.connectors.crm.door import TIMEOUT, Door
from bot.connectors.crm.registry import RECIPES
from bot.connectors.crm.writes import Writes
from bot.connectors.sources.vault import NoKey, Vault
from bot.core.crm import budget, events
from storage import crm_connections
from storage.database import Database
from storage.models import CrmConnection

LEASE = timedelta(seconds=90)
AGAIN = timedelta(seconds=30)
"""After a CRM that could not be reached."""
DENIED_AGAIN = timedelta(minutes=5)
"""After credentials that were not taken: somebody has to enter others."""

KNOWN_FOR = timedelta(minutes=10)
"""So long a connector may rely on what it has read of a CRM's form."""

log = structlog.get_logger(__name__)


class _Made(NamedTuple):
    """A connector, what it was made of, and when."""

    connector: Connector
    key: tuple[object, ...]
    at: datetime


class Sync:
    """Keeps one CRM and the bot in step."""

    def __init__(
        self,
        database: Database,
        workspace_id: str,
        connection_id: int,
        vault: Vault,
        now: Callable[[], datetime],
        allowed: Collection[str] = (),
        wake: Callable[[], None] = lambda: None,
        timeout: float = TIMEOUT,
    ) -> None:
        """Work on one connection. `allowed`: hosts that may be private and may be called by plain http. `wake`: called
        after a commit that may have put something into the outbox. `timeout`: seconds for a call."""
        self._database, self._workspace_id, self._connection_id = database, workspace_id, connection_id
        self._vault, self._now, self._allowed, self._timeout = vault, now, frozenset(allowed), timeout
        self._wake, self._holder = wake, uuid.uuid4().hex
        self._door: Door | None = None
        self._leased_until: datetime | None = None
        self._stopping = False
        self._lacks: set[str] = set()
        self._made: _Made | None = None

    def stop(self) -> None:
        """Begin nothing new, and wait no longer for the answer in hand."""
        self._stopping = True
        if self._door is not None:
            self._door.close()

    @property
    def is_stopping(self) -> bool:
        """Return whether `stop` was called."""
        return self._stopping

    def release(self) -> None:
        """Let another process take over at once."""
        connection = self._connection()
        if connection is not None and self._leased_until is not None:
            with self._database.transaction() as tx:
                crm_connections.release(tx, connection, self._holder)

    def round(self) -> int:
        """Do what is due, and return how much that was. A CRM that cannot be reached only ends the round."""
        connection = self._connection()
        if connection is None or not self._has_lease(connection):
            return 0
        with self._database.transaction() as tx:
            done = events.follow(tx, connection, self._now())
        if connection.wait_until is not None and connection.wait_until > self._now():
            return done
        try:
            done += self._work(connection)
        except Busy as busy:
            self._wait(connection, busy.wait, None)
        except Revoked:
            self._wait(connection, DENIED_AGAIN, "revoked")
        except Denied as denied:
            log.warning("crm_denied", workspace=self._workspace_id, crm=connection.kind, missing=str(denied))
            self._wait(connection, DENIED_AGAIN, "denied")
        except NoKey:
            self._wait(connection, DENIED_AGAIN, "no_key")
        except Away as away:
            self._wait(connection, AGAIN, str(away))
        if done:
            self._wake()
        return done

    def _connection(self) -> CrmConnection | None:
        with self._database.snapshot() as tx:
            return crm_connections.get(tx, self._workspace_id, self._connection_id)

    def _has_lease(self, connection: CrmConnection) -> bool:
        now = self._now()
        if self._leased_until is not None and now < self._leased_until - LEASE / 2:
            return True
        with self._database.transaction() as tx:
            is_ours = crm_connections.lease(tx, connection, self._holder, now, now + LEASE)
        self._leased_until = now + LEASE if is_ours else None
        return is_ours

    def _work(self, connection: CrmConnection) -> int:
        connector = self._connector_of(connection)
        before = connector.calls
        beside = (self._database, connection, connector, self._now, lambda: self._stopping)
        incoming = Changes(*beside, self._lacks)
        outgoing = Writes(*beside, incoming)
        try:
            done = incoming.read_notices()
            done += outgoing.make_due()
            done += incoming.poll()
            done += incoming.look_up()
            done += count_leads(self._database, connection, connector, self._now())
            done += describe_daily(self._database, connection, connector, self._now())
        except Exception:
            # It may know of a change that was never taken in, and write over it.
            self._made = None
            raise
        finally:
            self._count(connection, connector.calls - before)
        if connector.calls > before and connection.failure is not None:
            with self._database.transaction() as tx:
                crm_connections.fail(tx, connection, None, self._now())
        return done

    def _connector_of(self, connection: CrmConnection) -> Connector:
        """Return the connector, made anew where its mapping or its credentials are others, after a failure, and every
        KNOWN_FOR. Raises NoKey."""
        with self._database.snapshot() as tx:
            secrets = [secret.id for secret in crm_connections.secrets(tx, connection)]
            key = (connection.mapping_version, connection.address, tuple(secrets))
            if self._made is None or self._made.key != key or self._now() - self._made.at >= KNOWN_FOR:
                connector, self._door = connector_of(tx, self._vault, connection, self._allowed, self._timeout)
                self._made = _Made(connector, key, self._now())
        return self._made.connector

    def _wait(self, connection: CrmConnection, wait: timedelta, failure: str | None) -> None:
        now = self._now()
        with self._database.transaction() as tx:
            crm_connections.update(tx, connection, wait_until=now + wait)
            if failure is not None:
                crm_connections.fail(tx, connection, failure, now)

    def _count(self, connection: CrmConnection, calls: int) -> None:
        if not calls:
            return
        now = self._now()
        today = now.date().isoformat()
        made = (connection.calls if connection.calls_on == today else 0) + calls
        limit = connection.daily_calls or RECIPES[connection.kind].calls_a_day
        pause = budget.pause(now, made, limit, calls)
        with self._database.transaction() as tx:
            crm_connections.update(tx, connection, calls=made, calls_on=today)
            if pause:
                crm_connections.update(tx, connection, wait_until=now + pause)
