"""Whether a connection of PostgreSQL's pool still leads to a server, asked without a round trip where it need not be.

A server that ends a connection says so, and closes it: there is something to read on a connection that is at rest. What
closes none, such as a firewall that forgets idle connections, shows only by asking, and takes longer than a minute
(ADR 54).
"""

from __future__ import annotations

from selectors import EVENT_READ, DefaultSelector
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry

RECENTLY = 60.0  # seconds
_RETURNED = "returned"


def require(engine: sa.Engine) -> None:
    """Let the pool of an engine give out no connection that is known to be dead."""

    def note(_: Any, entry: ConnectionPoolEntry) -> None:
        entry.info[_RETURNED] = monotonic()

    def ask(connection: Any, entry: ConnectionPoolEntry, _: Any) -> None:
        returned = entry.info.get(_RETURNED)
        if returned is None or (monotonic() - returned < RECENTLY and _is_silent(connection)):
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            # The others have most likely died with it.
            raise sa.exc.InvalidatePoolError from None

    sa.event.listen(engine, "checkin", note)
    sa.event.listen(engine, "checkout", ask)


def _is_silent(connection: Any) -> bool:
    with DefaultSelector() as selector:
        selector.register(connection.fileno(), EVENT_READ)
        return not selector.select(0)
