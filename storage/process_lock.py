"""Who is at work on a database: known without asking anybody, and forgotten with the process, however it ends.

On SQLite these are locks (flock) on two files beside the database. What is in them and whether they are there means
nothing, so none can be stale; they are never deleted, because a lock on a deleted file keeps nobody out. The database
file itself will not do: closing it would drop the locks that SQLite has on it. On PostgreSQL any number of processes
may work; they are known by the name of their connections.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import sqlalchemy as sa

from storage.database import AT_WORK, Database

if sys.platform != "win32":
    import fcntl

ALONE = 0x6D716D  # "mql" and one: the PostgreSQL lock of whoever wants a database for themselves
PATIENCE = 1.0  # seconds, for somebody who only asks, or has just gone


class Taken(Exception):
    """Somebody else is at work. The text names the database's file, or PostgreSQL's name for it."""


class Ticked(Taken):
    """Another process ticks this SQLite file, and only one may."""


class BotRunning(Taken):
    """A bot works on this database."""


class HeldAlone(Taken):
    """Somebody has this database for themselves: it is being copied or put back."""


class Mark:
    """Being at work, until `release` or the end of the process. Also a context manager."""

    def __init__(self, *files: int, connection: sa.Connection | None = None) -> None:
        self._files, self._connection = files, connection

    def release(self) -> None:
        """Be at work no more."""
        for file in self._files:
            os.close(file)
        if self._connection is not None:
            self._connection.close()
        self._files, self._connection = (), None

    def __enter__(self) -> Mark:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def work(database: Database, *, ticking: bool) -> Mark:
    """Be a process of the bot; `ticking`: one that watches deadlines and delivers, of which a SQLite file has one.

    Raises Ticked, HeldAlone, and OSError where the files beside the database cannot be opened or locked.
    """
    file = _file(database)
    if file is None:
        return Mark()
    running = _open(file, "running")
    if not _lock(running, shared=True, within=PATIENCE):
        os.close(running)
        raise HeldAlone(file)
    if not ticking:
        return Mark(running)
    ticks = _open(file, "ticking")
    if not _lock(ticks, shared=False):
        os.close(running)
        os.close(ticks)
        raise Ticked(file)
    return Mark(running, ticks)


def alone(database: Database) -> Mark:
    """Have the database to oneself, as copying and restoring need it: on SQLite no bot can start meanwhile.

    Raises BotRunning, HeldAlone, and OSError like `work`.
    """
    if not database.is_sqlite:
        return _alone_on_postgresql(database)
    file = _file(database)
    if file is None:
        return Mark()
    running = _open(file, "running")
    if _lock(running, shared=False):
        return Mark(running)
    beside_others = _lock(running, shared=True)
    os.close(running)
    raise BotRunning(file) if beside_others else HeldAlone(file)


def is_bot_running(database: Database) -> bool:
    """Return whether a process of the bot is at work on the database at this moment."""
    if not database.is_sqlite:
        with database.snapshot() as tx:
            return _works_on_postgresql(tx)
    try:
        alone(database).release()
    except BotRunning:
        return True
    except HeldAlone:
        return False
    return False


def is_file_in_use(file: str) -> bool:
    """Return whether a process of the bot is at work on the SQLite file of this name, which may be gone by now. Makes
    no file."""
    try:
        running = os.open(Path(f"{os.path.realpath(file)}.running"), os.O_RDWR)
    except OSError:
        return False
    try:
        return sys.platform != "win32" and not _lock(running, shared=False) and _lock(running, shared=True)
    finally:
        os.close(running)


def is_ticked(database: Database) -> bool:
    """Return whether a process ticks this SQLite file now; of PostgreSQL nobody can say, and it is none. Raises OSError
    where the file beside it cannot be opened."""
    file = _file(database)
    if file is None:
        return False
    ticks = _open(file, "ticking")
    try:
        return not _lock(ticks, shared=True)
    finally:
        os.close(ticks)


def _alone_on_postgresql(database: Database) -> Mark:
    # A connection of its own, outside of any transaction: the lock is the session's and falls with it.
    connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    connection.detach()
    give_up = time.monotonic() + PATIENCE
    try:
        # Of a process that has just gone the server may not know yet: hence the patience, for both.
        while _works_on_postgresql(connection):
            _wait(give_up, BotRunning(database.url.database))
        while not connection.execute(sa.select(sa.func.pg_try_advisory_lock(ALONE))).scalar_one():
            _wait(give_up, HeldAlone(database.url.database))
    except Taken:
        connection.close()
        raise
    return Mark(connection=connection)


def _works_on_postgresql(connection: sa.Connection) -> bool:
    here = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = :name"
    return bool(connection.execute(sa.text(f"SELECT EXISTS ({here})"), {"name": AT_WORK}).scalar_one())


def _wait(give_up: float, problem: Taken) -> None:
    if time.monotonic() >= give_up:
        raise problem
    time.sleep(0.05)


def _file(database: Database) -> str | None:
    """Return the database's own file behind every symbolic link; None where there is none, or no way to lock it."""
    if sys.platform == "win32" or not database.is_sqlite or database.url.database in (None, "", ":memory:"):
        return None
    return os.path.realpath(str(database.url.database))


def _open(file: str, kind: str) -> int:
    place = Path(f"{file}.{kind}")
    try:
        return os.open(place, os.O_RDWR)
    except FileNotFoundError:
        opened = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
    # Made by root, it must not keep out the user whose database it is.
    with suppress(OSError):
        owner = os.stat(file)
        os.fchown(opened, owner.st_uid, owner.st_gid)
    return opened


def _lock(opened: int, *, shared: bool, within: float = 0.0) -> bool:
    """Lock an open file; False where others have it. The lock falls with the last copy of the open file."""
    if sys.platform == "win32":
        return True
    give_up = time.monotonic() + within
    while True:
        try:
            fcntl.flock(opened, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= give_up:
                return False
            time.sleep(0.02)
        else:
            return True
