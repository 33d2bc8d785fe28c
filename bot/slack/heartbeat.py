"""The proof in the database that a process ticks."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from importlib import metadata

from storage import heartbeats
from storage.database import Database

BEAT = timedelta(seconds=5)


FORGOTTEN = timedelta(days=7)


@cache
def _version() -> str:
    return metadata.version("mql-bot")


class Heartbeat:
    """Notes in the database that this process ticks, at most every five seconds."""

    def __init__(self, database: Database, workspace_id: str, now: Callable[[], datetime]) -> None:
        self._database, self._workspace_id, self._now = database, workspace_id, now
        self._process = f"{socket.gethostname()}:{os.getpid()}"
        self._version = _version()
        self._started = now()
        self._last: datetime | None = None

    def beat(self) -> None:
        """Something has been done."""
        now = self._now()
        # A clock that was set back does not silence it.
        if self._last is not None and timedelta(0) <= now - self._last < BEAT:
            return
        with self._database.transaction() as tx:
            if self._last is None:
                heartbeats.forget(tx, self._workspace_id, now - FORGOTTEN)
            heartbeats.beat(tx, self._workspace_id, self._process, self._version, self._started, now)
        self._last = now
