"""A private database that is gone when it has been used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from storage import migrate
from storage.database import Database


@contextmanager
def scratch() -> Iterator[Database]:
    """Give an empty SQLite database of the newest schema, in a temporary folder that only its owner may enter."""
    with TemporaryDirectory(prefix="mql-bot-") as folder:
        database = Database(f"sqlite:///{Path(folder) / 'scratch.db'}")
        try:
            migrate.upgrade(database)
            yield database
        finally:
            database.close()
