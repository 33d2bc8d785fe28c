"""Where seeds live: each in a database of its own, copied from one that was migrated once."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa

from storage.database import Database
from tests import postgres
from tests.databases import new_sqlite

ONE_IN = 10


def on_postgresql(seed: int) -> bool:
    """Whether a seed lives on PostgreSQL: every tenth one."""
    return seed % ONE_IN == 0


@dataclass(frozen=True)
class Templates:
    """The migrated SQLite file, and the address of a PostgreSQL server that has a migrated `postgres.TEMPLATE`."""

    file: Path
    server: str | None

    @contextmanager
    def fresh(self, seed: int) -> Iterator[Database]:
        """A database for this seed, gone afterwards. Power does not fail here: it waits for no disk, which would cost
        most of the time."""
        with self._postgresql() if on_postgresql(seed) else self._sqlite() as database:
            try:
                yield database
            finally:
                database.close()

    @contextmanager
    def _sqlite(self) -> Iterator[Database]:
        with tempfile.TemporaryDirectory() as folder:
            database = Database(f"sqlite:///{shutil.copy(self.file, Path(folder, 'mql.db'))}")
            sa.event.listen(database.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF").close())
            yield database

    @contextmanager
    def _postgresql(self) -> Iterator[Database]:
        assert self.server is not None
        name = f"mql_{uuid.uuid4().hex}"
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {postgres.TEMPLATE}")
            connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
            try:
                yield Database(postgres.named(self.server, name))
            finally:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def templates(seeds: Collection[int]) -> Iterator[Templates]:
    """What these seeds need, for as long as they live."""
    with ExitStack() as stack:
        file = Path(stack.enter_context(tempfile.TemporaryDirectory()), "template.db")
        new_sqlite(file).close()
        server = None
        if any(map(on_postgresql, seeds)):
            server = stack.enter_context(postgres.server())
            postgres.make_template(server)
        yield Templates(file, server)
