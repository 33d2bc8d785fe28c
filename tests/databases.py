"""Migrated databases for whoever needs one outside the fixtures."""

from __future__ import annotations

from pathlib import Path

from storage import migrate
from storage.database import Database


def new_sqlite(file: Path) -> Database:
    """Return the database of a new SQLite file, with all tables."""
    database = Database(f"sqlite:///{file}")
    migrate.upgrade(database)
    return database
