"""Whether the bot does its work: what a monitor asks for and `doctor` says. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from storage import due_work, heartbeats, migrate, trouble, undelivered
from storage.database import Database
from storage.heartbeats import FUTURE
from storage.trouble import Trouble

# A tick comes every 5 seconds, and a due row is dealt with by the next one; a message leaves at once.
TICK_LIMIT = timedelta(seconds=60)
DUE_LIMIT = timedelta(minutes=5)
UNSENT_LIMIT = timedelta(minutes=5)


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. A value and a limit that are numbers are seconds, or a count of migrations."""

    name: str
    ok: bool
    value: float | str | None
    limit: float | None = None


def examine(database: Database, workspace_id: str, now: datetime) -> list[Check]:
    """Return every check of the database. Where it cannot be used, or its schema is not that of this program, only
    that."""
    wrong = database.look()
    if wrong is None:
        try:
            return _examine(database, workspace_id, now)
        except SQLAlchemyError as error:
            wrong = trouble.of(error) or Trouble.AWAY
    return [Check("database", ok=False, value=wrong)]


def _examine(database: Database, workspace_id: str, now: datetime) -> list[Check]:
    reached = Check("database", ok=True, value="reachable")
    try:
        missing = len(migrate.pending(database))
    except migrate.AheadOfCode:
        return [reached, Check("migrations", ok=False, value="ahead", limit=0)]
    except migrate.BeforeFirstRelease:
        return [reached, Check("migrations", ok=False, value="before 0.1.0", limit=0)]
    current = Check("migrations", ok=not missing, value=missing, limit=0)
    if missing:
        return [reached, current]
    with database.snapshot() as tx:
        asked = (ticks, due, unsent)
        return [reached, current, *(check(tx, workspace_id, now) for check in asked)]


def ticks(tx: sa.Connection, workspace_id: str, now: datetime) -> Check:
    """Return how long ago any process ticked; no value where none ever has."""
    newest = heartbeats.newest(tx, workspace_id, now + FUTURE)
    return _age("ticks", newest.ticked_at if newest else None, now, TICK_LIMIT, ok_if_none=False)


def due(tx: sa.Connection, workspace_id: str, now: datetime) -> Check:
    """For how long the oldest due clock or report has been waiting for a tick."""
    return _age("due", due_work.oldest_due(tx, workspace_id, now), now, DUE_LIMIT, ok_if_none=True)


def unsent(tx: sa.Connection, workspace_id: str, now: datetime) -> Check:
    """For how long the oldest message that was to go out has not done so."""
    _, oldest = undelivered.waiting(tx, workspace_id, now)
    return _age("outbox", oldest, now, UNSENT_LIMIT, ok_if_none=True)


def _age(name: str, since: datetime | None, now: datetime, limit: timedelta, *, ok_if_none: bool) -> Check:
    seconds = None if since is None else round((now - since).total_seconds(), 1)
    if seconds is not None and seconds >= -FUTURE.total_seconds():
        seconds = max(0.0, seconds)
    # What lies further ahead was written before the machine's clock was set back, and proves nothing: it is below 0.
    ok = ok_if_none if seconds is None else 0 <= seconds <= limit.total_seconds()
    return Check(name, ok=ok, value=seconds, limit=limit.total_seconds())
