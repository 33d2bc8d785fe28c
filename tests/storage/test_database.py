from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from stat import S_IMODE

import pytest
import sqlalchemy as sa

from storage import database as database_module
from storage import heartbeats, migrate, models
from storage.database import Database, _prepare_sqlite
from tests.patience import LONGEST

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


@pytest.fixture
def _open_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {file.name: S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


@pytest.mark.usefixtures("_open_umask")
def test_a_new_file_and_what_sqlite_puts_beside_it_are_for_the_owner_only(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new' / 'mql.db'}")
    migrate.upgrade(database)
    with database.snapshot() as tx:
        tx.exec_driver_sql("SELECT 1 FROM alembic_version").close()
        assert modes(tmp_path / "new") == {"mql.db": 0o600, "mql.db-wal": 0o600, "mql.db-shm": 0o600}
    database.close()


@pytest.mark.usefixtures("_open_umask")
def test_a_file_that_is_there_keeps_the_mode_that_somebody_gave_it(migrated_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "mql.db"
    file.write_bytes(migrated_file.read_bytes())
    file.chmod(0o640)
    database = Database(f"sqlite:///{file}")
    assert not migrate.pending(database)
    database.close()
    assert S_IMODE(file.stat().st_mode) == 0o640


def test_a_commit_on_sqlite_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "_prepare_sqlite", _prepare_sqlite)  # the tests' own does not wait for it
    database = Database(f"sqlite:///{tmp_path / 'mql.db'}")
    with database.transaction() as tx:
        pragmas = [tx.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("synchronous", "journal_mode")]
    database.close()
    assert pragmas == [2, "wal"]  # FULL


def processes(tx: sa.Connection) -> list[str]:
    return list(tx.execute(sa.select(models.heartbeat.c.process).order_by(models.heartbeat.c.process)).scalars())


def test_writers_who_wait_for_each_other_share_a_commit(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    # However long they take to come on a busy machine, none of them has given up.
    monkeypatch.setattr(database_module, "A_MOMENT", LONGEST)
    commits: list[None] = []
    sa.event.listen(database.engine, "commit", lambda _: commits.append(None))
    first_in, let_go = threading.Event(), threading.Event()

    def write(number: int) -> int:
        with database.transaction() as tx:
            first_in.set()
            assert let_go.wait(LONGEST)
            heartbeats.beat(tx, "T1", f"p{number}", "1", NOW, NOW)
        with database.snapshot() as tx:
            # Who has returned can see it.
            return processes(tx).count(f"p{number}")

    with ThreadPoolExecutor(20) as pool:
        first = pool.submit(write, 0)
        assert first_in.wait(LONGEST)
        others = [pool.submit(write, number) for number in range(1, 20)]
        while database._arriving._value < 19:
            time.sleep(0.001)
        let_go.set()
        assert [future.result(LONGEST) for future in (first, *others)] == [1] * 20
    assert len(commits) - 20 == 1  # twenty looks, one commit of the writers


@pytest.mark.parametrize("failing", [0, 1])
def test_a_writer_that_fails_takes_back_its_own_alone(failing: int, database: Database) -> None:
    first_in, let_go = threading.Event(), threading.Event()

    def write(number: int) -> None:
        with database.transaction() as tx:
            first_in.set()
            assert let_go.wait(LONGEST)
            heartbeats.beat(tx, "T1", f"p{number}", "1", NOW, NOW)
            if number % 2 == failing:
                raise RuntimeError(number)

    with ThreadPoolExecutor(10) as pool:
        done = [pool.submit(write, 0)]
        assert first_in.wait(LONGEST)
        done += [pool.submit(write, number) for number in range(1, 10)]
        while database._arriving._value < 9:
            time.sleep(0.001)
        let_go.set()
        failed = [isinstance(future.exception(LONGEST), RuntimeError) for future in done]
    assert failed == [number % 2 == failing for number in range(10)]
    with database.snapshot() as tx:
        assert processes(tx) == [f"p{number}" for number in range(10) if number % 2 != failing]


def test_a_commit_that_fails_fails_for_everybody_and_the_next_begins_anew(database: Database) -> None:
    first_in, let_go, broken = threading.Event(), threading.Event(), threading.Event()
    broken.set()

    def fail(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("immediate") and broken.is_set():
            raise OSError("the disk is full")

    sa.event.listen(database.engine, "commit", fail)

    def write(number: int) -> None:
        with database.transaction() as tx:
            first_in.set()
            assert let_go.wait(LONGEST)
            heartbeats.beat(tx, "T1", f"p{number}", "1", NOW, NOW)

    with ThreadPoolExecutor(5) as pool:
        done = [pool.submit(write, 0)]
        assert first_in.wait(LONGEST)
        done += [pool.submit(write, number) for number in range(1, 5)]
        while database._arriving._value < 4:
            time.sleep(0.001)
        let_go.set()
        assert all(isinstance(future.exception(LONGEST), OSError) for future in done)
    with database.snapshot() as tx:
        assert processes(tx) == []
    broken.clear()
    write(9)
    with database.snapshot() as tx:
        assert processes(tx) == ["p9"]
