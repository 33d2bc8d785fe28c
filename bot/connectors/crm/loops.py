"""A thread for each connection of a workspace, so that none waits for another; found anew as they come and go.

The connectors are imported with the first connection (docs/adr/0039).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from bot.connectors.sources.vault import Vault
from storage import crm_connections
from storage.database import Database

if TYPE_CHECKING:
    from bot.connectors.crm.sync import Sync

IDLE = 1.0
"""Seconds between two looks at what is due."""
LOOK = 5.0
"""Seconds between two looks at which connections there are."""

log = structlog.get_logger(__name__)


class Loops:
    """The work on all connections of one workspace."""

    def __init__(
        self,
        database: Database,
        workspace_id: str,
        vault: Vault,
        now: Callable[[], datetime],
        allowed: Collection[str],
        wake: Callable[[], None],
    ) -> None:
        self._database, self._workspace_id, self._vault = database, workspace_id, vault
        self._now, self._allowed, self._wake = now, allowed, wake
        self._stopping = threading.Event()
        self._running: dict[int, tuple[Sync, threading.Thread]] = {}

    def run(self) -> None:
        """Look for connections until `stop`, and let each work."""
        while not self._stopping.is_set():
            try:
                self._look()
            except Exception:
                # The database may be away for a moment; the loop has to be there when it is back.
                log.exception("crm_loops_failed")
            self._stopping.wait(LOOK)

    def stop(self) -> None:
        """Begin nothing new, end the calls in hand, and let other processes take over."""
        self._stopping.set()
        for sync, _ in self._running.values():
            sync.stop()
        for _, thread in self._running.values():
            thread.join(timeout=5)

    def _look(self) -> None:
        with self._database.snapshot() as tx:
            ids = {connection.id for connection in crm_connections.active(tx, self._workspace_id)}
        for gone in self._running.keys() - ids:
            self._running.pop(gone)[0].stop()
        for new in ids - self._running.keys():
            from bot.connectors.crm.sync import Sync

            sync = Sync(self._database, self._workspace_id, new, self._vault, self._now, self._allowed, self._wake)
            thread = threading.Thread(target=self._work, args=(sync,), name=f"crm-{new}", daemon=True)
            self._running[new] = (sync, thread)
            thread.start()

    def _work(self, sync: Sync) -> None:
        while not (self._stopping.is_set() or sync.is_stopping):
            try:
                sync.round()
            except Exception:
                # Whatever it is, the next round begins anew from the rows.
                log.exception("crm_round_failed", workspace=self._workspace_id)
            self._stopping.wait(IDLE)
        sync.release()
