"""A private database that is gone when it has been used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from storage.database import Database
from tests.databases import new_sqlite


@contextmanager
def scratch() -> Iterator[Database]:
    """Give an empty SQLite database of the newest schema, in a temporary folder that only its owner may enter."""
    with (
        TemporaryDirectory(prefix="mql-bot-") as folder,
        closing(new_sqlite(Path(folder) / "scratch.db")) as database,
    ):
        yield database
