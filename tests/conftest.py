from __future__ import annotations

import gc
import itertools
import json
import logging
import os
import shutil
import signal
import uuid
import zlib
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from typing import NamedTuple

import fasteners
import hypothesis
import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry
from werkzeug.routing import Rule

from storage import database as database_module
from storage import migrate
from storage.database import Database
from tests import cost, databases, postgres

OURS = (
    "SLACK_",
    "DATABASE_URL",
    "HOST",
    "PORT",
    "PUBLIC_URL",
    "ENCRYPTION_KEYS",
    "WEBHOOK_SECRET",
    "OUTBOUND_",
    "METRICS_",
    "LOG_",
    "LC_ALL",
    "LC_MESSAGES",
    "LANG",
)


THOROUGH = 5
"""So many times more examples are made up, in `make test-all`."""
QUICK, LEAST_EXAMPLES = 4, 12
"""So many times fewer are made up in `make test`, but never fewer than these where a test asks for more."""
hypothesis.settings.register_profile(
    # A busy machine is slow in making examples up, and in judging them.
    "tests",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)


LANGUAGES = ("ja", "en")
_TESTS_DONE = itertools.count(1)
TOLD_IN_BOTH = ("tests/scenarios", "tests/cli", "tests/playground/page")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--thorough", action="store_true", help="also what is slow and rare: what `make test-all` runs")
    parser.addoption("--cost", action="store_true", help="tell what each folder costs in seconds of processor")


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("tests")
    if config.getoption("cost"):
        config.pluginmanager.register(cost)
    # Only the process that was started, not those that xdist starts from it: it is there until the last one ends.
    if not hasattr(config, "workerinput"):
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # who is asked to stop stops the server first
        postgres.announce_shared()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose what `make test` and `make test-all` differ by."""
    if config.getoption("thorough"):
        for item in items:
            _make_up(item, lambda given: given * THOROUGH)
        return
    for item in items:
        # How many requests are sent the Makefile says.
        if not item.nodeid.startswith("tests/fuzz"):
            _make_up(item, lambda given: min(given, max(LEAST_EXAMPLES, given // QUICK)))
    twins = Counter(twin.name for item in items if (twin := _told_in_both(item)))
    left_out = [item for item in items if _is_slow_and_rare(item) or _is_the_other_twin(item, twins)]
    left_out += _others_alike(_without(items, left_out))
    config.hook.pytest_deselected(items=left_out)
    items[:] = _without(items, left_out)


def _without(items: list[pytest.Item], left_out: list[pytest.Item]) -> list[pytest.Item]:
    """Return the tests that are not left out, in their order."""
    rare = set(left_out)
    return [item for item in items if item not in rare]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays: the garbage collector need not look through it again and again, and after
    that no more often than in the bot's own processes (`bot.app.settle`)."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Drop what stories leave behind that refers to itself: by the end of a run that had come to two gigabytes in a
    process, through which pytest then looks five times. What outlives a hundred tests stays, and is looked through no
    more."""
    if next(_TESTS_DONE) % 100 == 0:
        gc.collect()
        gc.freeze()


def _is_slow_and_rare(item: pytest.Item) -> bool:
    return item.get_closest_marker("thorough") is not None or _is_needless_twin(item)


def _others_alike(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """All but the first case of each test whose cases are marked as alike."""
    first: dict[str, pytest.Item] = {}
    for item in items:
        if item.get_closest_marker("alike") and first.setdefault(item.nodeid.partition("[")[0], item) is not item:
            yield item


def _make_up(item: pytest.Item, as_many: Callable[[int], int]) -> None:
    """Let a test of properties make up another number of examples than it asks for."""
    test = getattr(item, "function", None)
    given: hypothesis.settings | None = getattr(test, "_hypothesis_internal_use_settings", None)
    if given is not None and not getattr(test, "makes_up_others", False):
        others = hypothesis.settings(given, max_examples=as_many(given.max_examples))
        vars(test).update(_hypothesis_internal_use_settings=others, makes_up_others=True)


def _is_needless_twin(item: pytest.Item) -> bool:
    """Whether a test of rules, which hold on any database, is to run on PostgreSQL."""
    of_rules = item.get_closest_marker("rules") is not None and item.get_closest_marker("sql") is None
    return of_rules and isinstance(item, pytest.Function) and "postgresql" in _parameters(item)


class Twin(NamedTuple):
    """A story, a command or a page that is told in a language."""

    name: str
    """Without its language."""
    language: str


def _told_in_both(item: pytest.Item) -> Twin | None:
    if not item.nodeid.startswith(TOLD_IN_BOTH) or not hasattr(item, "callspec"):
        return None
    words = item.callspec.id.split("-")
    languages = [word for word in words if word in LANGUAGES]
    rest = [word for word in words if word not in LANGUAGES]
    return Twin("-".join([item.nodeid.partition("[")[0], *rest]), languages[0]) if len(languages) == 1 else None


def _is_the_other_twin(item: pytest.Item, twins: Mapping[str, int]) -> bool:
    """Whether a test that is there in both languages is the one to leave out: which one, a checksum of its name says:
    half of them are told in Japanese and half in English."""
    twin = _told_in_both(item)
    if twin is None or twins[twin.name] < len(LANGUAGES):
        return False
    return twin.language != LANGUAGES[zlib.crc32(twin.name.encode()) % 2]


def _parameters(item: pytest.Function) -> list[object]:
    return list(item.callspec.params.values()) if hasattr(item, "callspec") else []


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.stop_shared()


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


@pytest.fixture(autouse=True, scope="session")
def _nobody_waits_for_the_disk() -> Iterator[None]:
    """No machine loses its power here. What a killed process has committed is in the file all the same."""
    real = database_module._prepare_sqlite

    def prepare(connection: SQLiteConnection, entry: ConnectionPoolEntry) -> None:
        real(connection, entry)
        connection.execute("PRAGMA synchronous=OFF").close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database_module, "_prepare_sqlite", prepare)
        yield


@pytest.fixture(autouse=True, scope="session")
def _statements_are_compiled_once() -> Iterator[None]:
    """Let all databases of a kind share one dialect and its compiled statements, as all transactions of a process of
    the bot do: each test has a database of its own, and to compile for each took a third of the tests' time."""
    real = Database._engine
    shared: dict[str, sa.Engine] = {}

    def engine(self: Database, name: str) -> sa.Engine:
        made = real(self, name)
        first = shared.get(made.name)
        # A dialect knows its database from its first connection on.
        if first is None or getattr(first.dialect, "server_version_info", None) is None:
            shared[made.name] = made
            return made
        made.dialect = made.pool._dialect = first.dialect
        made._compiled_cache = first._compiled_cache
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "_engine", engine)
        yield


@pytest.fixture(autouse=True, scope="session")
def _an_empty_database_is_migrated_once() -> Iterator[None]:
    """Whatever makes a database in this process, be it a command: see `databases.upgrade`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrate, "upgrade", databases.upgrade)
        yield


@pytest.fixture
def every_revision_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test of the migrations themselves, which no copy may stand for."""
    monkeypatch.setattr(migrate, "upgrade", databases.RUN_EVERY_REVISION)


@pytest.fixture(autouse=True, scope="session")
def _routes_are_compiled_once() -> Iterator[None]:
    """Each bot and each playground has the same routes, and to compile them took a tenth of a story's time."""
    real = Rule._compile_builder
    compiled: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}

    def compile_builder(self: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        # The function depends on nothing else: it gets the rule, with its converters, when it is called.
        key = (self.rule, append_unknown, *self._trace)
        if self.defaults or key not in compiled:
            compiled[key] = real(self, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compile_builder)
        yield


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file migrated once: copying it is faster than migrating for every test."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    databases.new_sqlite(file).close()
    return file


class Telling(NamedTuple):
    """A database as it is after some weeks with the bot, in every table, and what people have read meanwhile."""

    file: Path
    transcript: dict[str, list[str]]


@pytest.fixture(scope="session")
def telling(tmp_path_factory: pytest.TempPathFactory) -> Telling:
    """Told once, by one of the processes that share the tests. The file is not to be written to, but to be copied."""
    from bot import logs
    from tests.storage import samples

    logs.configure("WARNING", "console")
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    file, read = folder / "told.db", folder / "told.json"
    with fasteners.InterProcessLock(folder / "told.lock"):
        if not read.exists():
            read.write_text(json.dumps(samples.tell(file)), encoding="utf-8")
    return Telling(file, json.loads(read.read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
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
def postgres_server() -> str:
    """The address of a real PostgreSQL with a migrated database `postgres.TEMPLATE` to copy."""
    return postgres.shared()


@pytest.fixture
def new_postgres_url(postgres_server: str) -> Iterator[Callable[[str], str]]:
    """Makes a fresh PostgreSQL database from a template, and tells its address."""
    made: list[str] = []
    with psycopg.connect(postgres_server, autocommit=True) as connection:

        def make(template: str) -> str:
            made.append(f"mql_{uuid.uuid4().hex}")
            connection.execute(f"CREATE DATABASE {made[-1]} TEMPLATE {template} STRATEGY file_copy")
            return postgres.named(postgres_server, made[-1])

        yield make
        for name in made:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def kept_postgres(postgres_server: str) -> Iterator[postgres.KeptDatabase]:
    """The migrated PostgreSQL database of this process of the tests."""
    kept = postgres.KeptDatabase(postgres_server)
    yield kept
    kept.drop()


@pytest.fixture
def postgres_url(kept_postgres: postgres.KeptDatabase) -> str:
    """The address of a migrated PostgreSQL database without rows."""
    kept_postgres.empty()
    return kept_postgres.url


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """The same test on both databases; one that is marked `rules` only in `make test-all`."""
    if request.param == "sqlite":
        yield request.getfixturevalue("database")
        return
    database = Database(request.getfixturevalue("postgres_url"))
    yield database
    database.close()
