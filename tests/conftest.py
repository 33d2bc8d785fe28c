from __future__ import annotations

import logging
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from storage import migrate
from storage.database import Database
from tests import postgres

OURS = ("SLACK_", "DATABASE_URL", "HOST", "PORT", "WEBHOOK_SECRET", "METRICS_", "LOG_", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture(autouse=True)
def _a_bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands in the developer's environment, a test sees the defaults."""
    for name in list(os.environ):
        if name.startswith(OURS):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A command sets up the log of its process; the tests after it have their own again."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file migrated once: copying it is faster than migrating for every test."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{file}")
    migrate.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return file


class Telling(NamedTuple):
    """A database as it is after some weeks with the bot, in every table, and what people have read meanwhile."""

    file: Path
    transcript: dict[str, list[str]]


@pytest.fixture(scope="session")
def telling(tmp_path_factory: pytest.TempPathFactory) -> Telling:
    """Told once. The file is not to be written to, but to be copied."""
    from bot import logs
    from tests.storage import samples

    logs.configure("WARNING", "console")
    file = tmp_path_factory.mktemp("told") / "told.db"
    return Telling(file, samples.tell(file))


@pytest.fixture
def told_file(telling: Telling) -> Path:
    """The file of the telling."""
    return telling.file


@pytest.fixture
def database(migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh, migrated SQLite file."""
    database = Database(f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'mql.db')}")
    yield database
    database.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a real PostgreSQL with a migrated database `postgres.TEMPLATE` to copy."""
    with postgres.server() as address:
        postgres.make_template(address)
        yield address


@pytest.fixture
def new_postgres_url(postgres_server: str) -> Iterator[Callable[[str], str]]:
    """Makes a fresh PostgreSQL database from a template, and tells its address."""
    made: list[str] = []
    with psycopg.connect(postgres_server, autocommit=True) as connection:

        def make(template: str) -> str:
            made.append(f"mql_{uuid.uuid4().hex}")
            connection.execute(f"CREATE DATABASE {made[-1]} TEMPLATE {template}")
            return postgres.named(postgres_server, made[-1])

        yield make
        for name in made:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(new_postgres_url: Callable[[str], str]) -> str:
    """The address of a fresh, migrated PostgreSQL database."""
    return new_postgres_url(postgres.TEMPLATE)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """The same test on both databases."""
    if request.param == "sqlite":
        yield request.getfixturevalue("database")
        return
    database = Database(request.getfixturevalue("postgres_url"))
    yield database
    database.close()
