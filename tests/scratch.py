"""A private database that is gone when it has been used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from storage import migrate
from storage.database import Database


@contextmanager
def scratch() -> Iterator[Database]:
    """Give an empty SQLite database of the newest schema, in a temporary folder that only its owner may enter."""
    with TemporaryDirectory(prefix="mql-bot-") as folder:
        file = Path(folder) / "scratch.db"
        file.write_bytes(_empty())
        with closing(Database(f"sqlite:///{file}")) as database:
            yield database


@cache
def _empty() -> bytes:
    """Return the file of an empty database. Every revision takes its time, so a process makes it once."""
    with TemporaryDirectory(prefix="mql-bot-") as folder:
        file = Path(folder) / "scratch.db"
        with closing(Database(f"sqlite:///{file}")) as database:
            migrate.upgrade(database)
        return file.read_bytes()
