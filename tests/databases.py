"""Migrated databases for whoever needs one outside the fixtures."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from storage import migrate, workspaces
from storage.database import Database


def new_sqlite(file: Path) -> Database:
    """Return the database of a new SQLite file, with all tables."""
    database = Database(f"sqlite:///{file}")
    migrate.upgrade(database)
    return database


def holds_rows(database: Database) -> bool:
    """Return whether a database knows a workspace: without one it holds nothing."""
    with database.snapshot() as tx:
        return bool(workspaces.every(tx))


def copy_of(database: Database) -> sqlite3.Connection:
    """Return a copy in memory of what an SQLite database holds."""
    memory = sqlite3.connect(":memory:", check_same_thread=False)
    with database.engine.connect() as connection:
        connection.connection.driver_connection.backup(memory)
    return memory


def copy_into(database: Database, memory: sqlite3.Connection) -> None:
    """Let an SQLite database hold what a copy in memory does, and nothing else."""
    with database.engine.connect() as connection:
        memory.backup(connection.connection.driver_connection)
