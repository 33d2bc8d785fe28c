"""What can be wrong with a database so that nothing may be written to it, and how it shows."""

from __future__ import annotations

import os
import sqlite3
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa

FREE_AGAIN = 1_000_000_000
LOW = 500_000_000
"""Bytes of free space below which the admins are warned; it is over at FREE_AGAIN."""
ROOM = 4_000_000
"""Bytes of free space below which a disk that was full still is: SQLite finds room for one transaction and none for the
next, as it goes round in its log."""


class Trouble(StrEnum):
    """Why a database takes nothing. The words of /readyz and of a webhook's answer."""

    AWAY = "away"
    FULL = "full"
    DAMAGED = "damaged"
    REPLACED = "replaced"


class Unusable(sa.exc.OperationalError):
    """The database must not be used: its file is damaged, or is no longer the one that was opened."""

    def __init__(self, trouble: Trouble, evidence: str | None = None) -> None:
        text = f"the database file is {trouble}" + (f": {evidence}" if evidence else "")
        super().__init__(None, None, sqlite3.OperationalError(text))
        self.trouble = trouble


# The low byte of SQLite's result codes (https://www.sqlite.org/rescode.html); an extended one where that says more.
_CODES = {
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: Trouble.DAMAGED,
    sqlite3.SQLITE_READONLY_DBMOVED: Trouble.REPLACED,
    # A quota or a limit of file sizes; a write that fails for want of space is SQLITE_FULL.
    sqlite3.SQLITE_IOERR_WRITE: Trouble.FULL,
}
# The classes of PostgreSQL's SQLSTATE (its manual, appendix A): disk full, data corrupted, index corrupted.
_STATES = {"53100": Trouble.FULL, "XX001": Trouble.DAMAGED, "XX002": Trouble.DAMAGED}


def of(error: sa.exc.SQLAlchemyError) -> Trouble | None:
    """Return what is wrong with the database where an error says so; None where it speaks of a statement."""
    if isinstance(error, Unusable):
        return error.trouble
    if not isinstance(error, sa.exc.DBAPIError):
        return Trouble.AWAY if isinstance(error, sa.exc.TimeoutError) else None
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None and (known := _CODES.get(code) or _CODES.get(code & 0xFF)):
        return known
    if known := _STATES.get(getattr(error.orig, "sqlstate", None) or ""):
        return known
    return Trouble.AWAY if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError) else None


class File:
    """The file of a SQLite database, as it was when the first connection was made."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._opened: tuple[int, int] | None = None

    def note(self) -> None:
        """Remember which file it is; raises Unusable for another one than before."""
        if self._opened is None:
            self._opened = self._identity()
        self.require()

    def require(self) -> None:
        """Raise Unusable where the path leads to another file than was opened, or to none: what is written to that is
        gone with the last process that has it open. Takes about 2 µs."""
        if self._opened is not None and self._identity() != self._opened:
            raise Unusable(Trouble.REPLACED)

    @property
    def log_is_gone(self) -> bool:
        """Whether this process writes into a write-ahead log that was deleted. Where the system cannot say (it is Linux
        that can), it is not."""
        gone = f"{os.path.realpath(self._path)}-wal (deleted)"
        try:
            return any(_target(place) == gone for place in Path("/proc/self/fd").iterdir())
        except OSError:
            return False

    @property
    def free(self) -> int | None:
        """Bytes that a process like this one may still write where the file is; None where nobody can say."""
        try:
            there = os.statvfs(Path(self._path).parent)
        except (OSError, AttributeError):
            return None
        return there.f_bavail * there.f_frsize

    @property
    def has_room(self) -> bool:
        """Whether a disk that was full is so no more, as far as the system tells."""
        free = self.free
        return free is None or free >= ROOM

    def _identity(self) -> tuple[int, int] | None:
        try:
            there = os.stat(self._path)
        except OSError:
            return None
        return there.st_dev, there.st_ino


def _target(place: Path) -> str:
    try:
        return str(place.readlink())
    except OSError:
        return ""
