"""Migrated databases for whoever needs one outside the fixtures."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from storage import migrate, workspaces
from storage.database import Database


@cache
def migrated() -> bytes:
    """Return the file of an empty SQLite database with all tables. Every revision takes its time, so a process makes it
    once."""
    with TemporaryDirectory(prefix="mql-bot-") as folder:
        file = Path(folder) / "empty.db"
        with closing(Database(f"sqlite:///{file}")) as database:
            migrate.upgrade(database)
        return file.read_bytes()


def new_sqlite(file: Path) -> Database:
    """Return the database of a new SQLite file, with all tables."""
    file.touch(mode=0o600, exist_ok=False)
    file.write_bytes(migrated())
    return Database(f"sqlite:///{file}")


def holds_rows(database: Database) -> bool:
    """Return whether a database knows a workspace: without one it holds nothing."""
    with database.snapshot() as tx:
        return bool(workspaces.every(tx))


def copy_of(database: Database) -> bytes:
    """Return what an SQLite database holds, as a file of its own would have it."""
    with database.engine.connect() as connection:
        file = connection.connection.driver_connection
        assert isinstance(file, sqlite3.Connection)
        return file.serialize()


def copy_into(database: Database, contents: bytes) -> None:
    """Let an SQLite database hold what was copied, and nothing else. Nobody but its own connections, of which none is
    in use, may have the file open: with the last of them SQLite's log goes."""
    database.engine.dispose()
    file = Path(database.url.database or "")
    assert not file.with_name(f"{file.name}-wal").exists(), "somebody else has it open"
    file.write_bytes(contents)
