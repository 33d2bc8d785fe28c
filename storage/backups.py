"""Backups of a SQLite database: one complete file, taken while others write, and put back in the database's place.

Both ways the new file is made beside its place under another name, verified, forced to the disk, and only then renamed:
whatever goes wrong before, and the place is as it was.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from stat import S_IMODE
from typing import Protocol, cast

import sqlalchemy as sa

from storage import erasure_list, migrate, models, outbox, process_lock
from storage.database import Database
from storage.erasure_list import ErasureList
from storage.vocabulary import ErasedFor

PATIENCE = 2.0  # seconds, for another program to let go of the database that is replaced


@dataclass(frozen=True)
class Contents:
    """What a database file holds."""

    revision: str
    rows: Mapping[str, int]
    """By table."""


@dataclass(frozen=True)
class Restored:
    """A restore that was carried out."""

    contents: Contents
    migrated: int
    """How many migrations the backup lacked."""
    kept: Path | None
    """Where the replaced database is now; None where there was none."""
    erased: int | None
    """How many MQLs were erased again, because they had been erased since; None where nothing can say."""


class Erase(Protocol):
    """Erases what names the person of one MQL."""

    def __call__(
        self, tx: sa.Connection, workspace_id: str, mql_id: int, why: ErasedFor, *, with_company: bool
    ) -> object:
        """As core does."""


EraseListed = Callable[[sa.Connection, ErasureList], int]
"""Erases whom a list names, and returns how many MQLs that were."""


class InUse(Exception):
    """Another program has the database open."""


class BadBackup(Exception):
    """The file is no backup that can be relied on. `reason`: not_sqlite, damaged, not_ours, newer,
    before_release, incomplete."""

    def __init__(self, reason: str, revision: str = "") -> None:
        super().__init__(f"{reason} {revision}".strip())
        self.reason, self.revision = reason, revision


def take(database: Database, file: Path, *, force: bool = False) -> Contents:
    """Copy a SQLite database as it is at one moment into `file`, readable by its owner only; writers need not stop.

    Raises FileExistsError where `file` is there and `force` is off, BadBackup where what was written does not hold what
    was read, and OSError or sqlite3.Error where it cannot be written. Then nothing of it stays.
    """
    _refuse_to_overwrite(file, force=force)
    with _beside(file) as copy:
        with database.snapshot() as tx:
            source = cast(sqlite3.Connection, tx.connection.driver_connection)
            read = _rows(source)
            # In one step, which nobody's writing makes begin anew: the snapshot is held by our transaction.
            _copy(source, copy)
        contents = examine(copy)
        if contents.rows != read:
            raise BadBackup("incomplete")
        _force_to_disk(copy)
        _refuse_to_overwrite(file, force=force)
        _rename(copy, file)
    return contents


def restore(file: Path, database: Database, now: datetime, erase: Erase, erase_listed: EraseListed) -> Restored:
    """Put the backup `file` in the place of a SQLite database, migrated to the newest schema, and keep what is
    replaced beside it. Who was erased since the backup is erased again: with `erase` the MQLs that are erased in the
    replaced database, with `erase_listed` whom the list beside it names. Nobody may have used `database` yet.

    Raises BadBackup, presence.Taken where a bot works on the database, InUse where another program has it open, and
    OSError or sqlite3.Error where a file cannot be read or written. Then nothing has changed.
    """
    place = Path(str(database.url.database)).resolve()
    with process_lock.alone(database), _beside(place) as copy:
        with closing(_reading(file)) as source:
            _copy(source, copy)
        examine(copy)
        migrated, erased = _bring_up_to_date(copy, place, erase, erase_listed)
        contents = examine(copy)
        _force_to_disk(copy)
        kept = _keep(place, copy, now)
        _rename(copy, place)
    return Restored(contents, migrated, kept, erased)


def examine(file: Path) -> Contents:
    """Return what a database file of this program holds. Raises BadBackup where it is another's, damaged or newer."""
    with closing(_reading(file)) as connection, _as_bad_backup():
        if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise BadBackup("damaged")
        if connection.execute("PRAGMA foreign_key_check").fetchall():
            raise BadBackup("damaged")
        rows = _rows(connection)
        if not {"alembic_version", "workspace", "mql"} <= rows.keys():
            raise BadBackup("not_ours")
        version_row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    revision = str(version_row[0]) if version_row else ""
    if not revision or not migrate.known(revision):
        raise BadBackup("newer", revision)
    if revision == migrate.head() and not models.metadata.tables.keys() <= rows.keys():
        raise BadBackup("not_ours")
    return Contents(revision, rows)


def _refuse_to_overwrite(file: Path, *, force: bool) -> None:
    if file.exists() and not force:
        raise FileExistsError(str(file))


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """Give a new file in the same folder, so that renaming it is one step; it and what SQLite puts beside it go with
    us."""
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # readable by its owner only
    os.close(descriptor)
    copy = Path(name)
    try:
        yield copy
    finally:
        for left in (copy, *copy.parent.glob(f"{copy.name}-*")):
            left.unlink(missing_ok=True)


def _reading(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)


def _copy(source: sqlite3.Connection, file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as copy, _as_bad_backup():
        source.backup(copy)
        # One file that is complete by itself, instead of one with a log beside it.
        copy.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def _as_bad_backup() -> Iterator[None]:
    """Tell a file that is no database, or a broken one, from a disk that is full or a folder that is closed."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_NOTADB:
            raise BadBackup("not_sqlite") from error
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_CORRUPT:
            raise BadBackup("damaged") from error
        raise


def _rows(connection: sqlite3.Connection) -> dict[str, int]:
    named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    tables = sorted(name.replace('"', '""') for (name,) in named)
    # The names are those of tables, quoted: no value of anybody's is in the statement.
    return {table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables}  # noqa: S608


def _bring_up_to_date(copy: Path, replaced: Path, erase: Erase, erase_listed: EraseListed) -> tuple[int, int | None]:
    database = Database(f"sqlite:///{copy}")
    try:
        missing = _pending(database)
        if missing:
            migrate.upgrade(database)
        erased, listed = _erased_since(copy, replaced), erasure_list.read(replaced)
        with database.transaction() as tx:
            # What waited at the time of the backup may have been sent since.
            outbox.doubt_unsent(tx)
            for workspace_id, mql_id, why, with_company in erased or ():
                erase(tx, workspace_id, mql_id, ErasedFor(why), with_company=bool(with_company))
            again = erase_listed(tx, listed) if listed is not None else 0
    finally:
        database.close()
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    known = erased is not None or listed is not None
    return len(missing), len(erased or ()) + again if known else None


def _pending(database: Database) -> tuple[str, ...]:
    try:
        return migrate.pending(database)
    except migrate.BeforeFirstRelease as error:
        raise BadBackup("before_release") from error


def _erased_since(copy: Path, replaced: Path) -> list[tuple[str, int, str, int]] | None:
    """Return the MQLs that name somebody in the copy and nobody in the database that it replaces; None where that is
    damaged or older than erasing."""
    if not replaced.exists():
        return []
    try:
        with closing(sqlite3.connect(copy.as_uri(), uri=True)) as connection:
            connection.execute("ATTACH ? AS old", (f"{replaced.as_uri()}?mode=ro",))
            return connection.execute(_ERASED_SINCE).fetchall()
    except sqlite3.DatabaseError:
        return None


# By the moment too: after an earlier restore the same number may have gone to another lead.
_ERASED_SINCE = """
SELECT mql.workspace_id, mql.id, event.reason, was.company IS NULL FROM mql
JOIN old.mql AS was ON was.workspace_id = mql.workspace_id AND was.number = mql.number
    AND was.received_at = mql.received_at
JOIN old.event AS event ON event.mql_id = was.id AND event.type = 'erased'
WHERE was.erased_at IS NOT NULL AND mql.erased_at IS NULL
"""


def _keep(place: Path, copy: Path, now: datetime) -> Path | None:
    """Give the database that is to be replaced a second name, with the time in it; the first stays until the rename."""
    # An empty file is what opening leaves where there was no database.
    if not place.exists() or not place.stat().st_size:
        return None
    was = place.stat()
    os.chmod(copy, S_IMODE(was.st_mode))
    with suppress(PermissionError):
        # Restored by root, it still belongs to whoever runs the bot.
        os.chown(copy, was.st_uid, was.st_gid)
    kept = place.with_name(f"{place.name}.before-{now:%Y%m%dT%H%M%SZ}")
    os.link(place, kept)
    _fold_in_the_log(place, kept)
    return kept


def _fold_in_the_log(place: Path, kept: Path) -> None:
    """Make the old database one file, as SQLite does for whoever has it alone: its log must not lie beside the new."""
    log, kept_log = Path(f"{place}-wal"), Path(f"{kept}-wal")
    with suppress(FileNotFoundError):
        os.link(log, kept_log)
    try:
        with closing(sqlite3.connect(place, timeout=PATIENCE, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            kept.unlink()
            kept_log.unlink(missing_ok=True)
            raise InUse(str(place)) from error
        # It is damaged, perhaps the very reason to restore: it is kept as it was, its log with it.
        for left in (log, Path(f"{place}-shm")):
            left.unlink(missing_ok=True)
    else:
        kept_log.unlink(missing_ok=True)


def _force_to_disk(file: Path) -> None:
    descriptor = os.open(file, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _rename(file: Path, to: Path) -> None:
    os.replace(file, to)
    folder = os.open(to.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
