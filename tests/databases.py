"""Migrated databases for whoever needs one outside the fixtures."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from storage import migrate, workspaces
from storage.database import Database
from tests import statements

RUN_EVERY_REVISION = migrate.upgrade
"""What an admin's command does: where a migration itself is the point."""

NEWEST = "the newest revision"
MARK_OF_A_COPY = "unfinished_copy"
FRAME = ("BEGIN TRANSACTION;", "COMMIT;")
"""What a dump of SQLite puts around its statements."""
CHANGES = re.compile(r"^(?!SELECT\b)|\bsetval\(")
"""What is not a mere question, in SQL."""

_sqlite: dict[str, sqlite3.Connection] = {}
_postgresql: dict[str, list[tuple[str, Any]]] = {}
"""What was made of empty databases, by its name: a copy, and the statements that made it."""


def upgrade(database: Database) -> None:
    """Migrate a database as `migrate.upgrade` does. The revisions make an empty one once in a process of the tests, and
    the next ones as a copy: thirty of them take half a second. So they do where a copy of another database is to come,
    which has nothing yet but the mark of it."""
    ours = Path(migrate.__file__).parent / "migrations" == migrate.MIGRATIONS
    tables = _tables(database)
    if not ours or tables - {MARK_OF_A_COPY}:
        RUN_EVERY_REVISION(database)
    elif tables and database.is_sqlite:
        _execute(database, [(text, ()) for text in _empty().iterdump() if text not in FRAME])
    else:
        make_once(database, NEWEST, lambda: RUN_EVERY_REVISION(database))


def make_once(database: Database, name: str, make: Callable[[], None]) -> None:
    """Bring an empty database to where `make` brings it. `name` says what that is: made once in a process of the tests
    on each kind of database, it is copied from then on."""
    if database.is_sqlite:
        if name not in _sqlite:
            make()
            _sqlite[name] = sqlite3.connect(":memory:", check_same_thread=False)
            with _driven(database) as file:
                file.backup(_sqlite[name])
        else:
            with _driven(database) as file:
                _sqlite[name].backup(file)
    elif name not in _postgresql:
        executed = statements.texts(database.engine)
        make()
        _postgresql[name] = [(text, values) for text, values in executed if CHANGES.search(text)]
    else:
        _execute(database, _postgresql[name])


def _empty() -> sqlite3.Connection:
    """Return an SQLite database of the newest revision without rows, in memory."""
    if NEWEST not in _sqlite:
        with TemporaryDirectory() as folder, closing(Database(f"sqlite:///{folder}/empty.db")) as database:
            upgrade(database)
    return _sqlite[NEWEST]


def _execute(database: Database, executed: Iterable[tuple[str, Any]]) -> None:
    with database.engine.connect().execution_options(immediate=True) as tx, tx.begin():
        for text, values in executed:
            tx.exec_driver_sql(text, values)


def _tables(database: Database) -> set[str]:
    with database.snapshot() as tx:
        return set(sa.inspect(tx).get_table_names())


def new_sqlite(file: Path) -> Database:
    """Return the database of a new SQLite file, with all tables."""
    database = Database(f"sqlite:///{file}")
    migrate.upgrade(database)
    return database


def holds_rows(database: Database) -> bool:
    """Return whether a database knows a workspace: without one it holds nothing."""
    with database.snapshot() as tx:
        return bool(workspaces.every(tx))


def copy_of(database: Database) -> bytes:
    """Return what an SQLite database holds, as a file of its own would have it."""
    with _driven(database) as file:
        return file.serialize()


@contextmanager
def _driven(database: Database) -> Iterator[sqlite3.Connection]:
    with database.engine.connect() as connection:
        file = connection.connection.driver_connection
        assert isinstance(file, sqlite3.Connection)
        yield file


def copy_into(database: Database, contents: bytes) -> None:
    """Let an SQLite database hold what was copied, and nothing else. Nobody but its own connections, of which none is
    in use, may have the file open: with the last of them SQLite's log goes."""
    database.engine.dispose()
    file = Path(database.url.database or "")
    assert not file.with_name(f"{file.name}-wal").exists(), "somebody else has it open"
    file.write_bytes(contents)
