"""A database file that is full, damaged, deleted or another one: nothing is written there, and it has its own name."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage import heartbeats, trouble
from storage.database import Database
from storage.trouble import Trouble, Unusable
from tests.scenarios.stage import START

PAGE = 4096


@pytest.fixture
def file(database: Database) -> Path:
    assert database.url.database is not None
    return Path(database.url.database)


def write(database: Database, process: str = "a:1", rows: int = 1) -> None:
    with database.transaction() as tx:
        for number in range(rows):
            heartbeats.beat(tx, "T1", f"{process} {number} {'x' * 500}", "0.1.0", START, START)


def count(database: Database) -> int:
    with database.snapshot() as tx:
        return int(tx.execute(sa.text("SELECT count(*) FROM heartbeat")).scalar_one())


@pytest.fixture
def most_pages(database: Database) -> Iterator[None]:
    """A database that is in use, and may not grow any more."""
    write(database)
    with database.engine.connect() as connection:
        used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def limit(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {used}")

    sa.event.listen(database.engine, "connect", limit)
    database.engine.dispose()
    yield
    sa.event.remove(database.engine, "connect", limit)
    database.engine.dispose()


def test_a_file_that_was_deleted_takes_nothing_though_sqlite_would(database: Database, file: Path) -> None:
    write(database)
    file.unlink()
    with pytest.raises(Unusable) as refused:
        write(database, "b:1")
    assert refused.value.trouble is Trouble.REPLACED
    with pytest.raises(Unusable):
        count(database)
    assert database.look() is Trouble.REPLACED


def test_a_file_that_was_put_in_its_place_is_not_written_to(database: Database, file: Path, tmp_path: Path) -> None:
    write(database)
    shutil.copy(file, tmp_path / "copy.db")
    shutil.move(tmp_path / "copy.db", file)
    with pytest.raises(Unusable):
        write(database, "b:1")
    with sqlite3.connect(file) as other:
        assert other.execute("SELECT count(*) FROM heartbeat WHERE process LIKE 'b:1%'").fetchall() == [(0,)]
    other.close()


def test_a_file_that_is_deleted_while_it_is_written_to_is_no_success(database: Database, file: Path) -> None:
    write(database)

    def write_and_lose() -> None:
        with database.transaction() as tx:
            heartbeats.beat(tx, "T1", "late", "0.1.0", START, START)
            file.unlink()

    with pytest.raises(Unusable):
        write_and_lose()


def test_it_stays_unusable_when_the_right_file_is_back(database: Database, file: Path, tmp_path: Path) -> None:
    write(database)
    shutil.move(file, tmp_path / "aside.db")
    assert database.look() is Trouble.REPLACED
    shutil.move(tmp_path / "aside.db", file)
    with pytest.raises(Unusable):
        write(database, "b:1")  # what others wrote to its log meanwhile nobody knows


def test_a_log_that_was_deleted_is_seen_by_a_look(database: Database, file: Path) -> None:
    write(database)
    assert database.look() is None
    Path(f"{file}-wal").unlink()
    assert database.look() is Trouble.REPLACED


def test_a_damaged_page_is_found_by_the_quick_check_and_nothing_is_written_from_then_on(
    database: Database, file: Path
) -> None:
    write(database, rows=100)
    assert database.quick_check()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        place = connection.exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'heartbeat'").scalar_one()
    database.engine.dispose()
    with file.open("r+b") as damaged:
        damaged.seek((place - 1) * PAGE)
        damaged.write(b"\xff" * PAGE)
    assert not database.quick_check()
    assert database.look() is Trouble.DAMAGED
    assert database.evidence is not None
    assert "btreeInitPage" in database.evidence
    with pytest.raises(Unusable):
        write(database, "b:1")


def test_a_file_that_is_no_database_is_damaged(database: Database, file: Path) -> None:
    database.engine.dispose()
    file.write_bytes(b"not a database at all" * 1000)
    with pytest.raises(sa.exc.DBAPIError) as error:
        count(database)
    assert trouble.of(error.value) is Trouble.DAMAGED
    assert database.look() is Trouble.DAMAGED
    assert database.evidence == "file is not a database"


@pytest.mark.usefixtures("most_pages")
def test_a_full_disk_is_called_full_and_is_over_with_the_first_write_that_succeeds(database: Database) -> None:
    with pytest.raises(sa.exc.OperationalError) as error:
        write(database, "b:1", rows=1000)
    assert trouble.of(error.value) is Trouble.FULL
    assert database.trouble is Trouble.FULL
    assert database.look() is None  # one page can be written
    assert count(database) == 1


def test_what_speaks_of_a_statement_is_no_trouble(database: Database) -> None:
    with pytest.raises(sa.exc.OperationalError) as error, database.snapshot() as tx:
        tx.exec_driver_sql("SELECT * FROM nowhere")
    assert trouble.of(error.value) is Trouble.AWAY  # SQLite has no word of its own for it
    with pytest.raises(sa.exc.IntegrityError) as twice, database.transaction() as tx:
        tx.exec_driver_sql("INSERT INTO alembic_version SELECT version_num FROM alembic_version")
    assert trouble.of(twice.value) is None
    assert database.trouble is None


@pytest.mark.parametrize(("state", "expected"), [("53100", Trouble.FULL), ("XX002", Trouble.DAMAGED)])
def test_postgresql_says_it_by_its_codes(state: str, expected: Trouble) -> None:
    class Driver(Exception):
        sqlstate = state

    assert trouble.of(sa.exc.OperationalError("", None, Driver())) is expected


def test_a_disk_with_next_to_no_room_is_full_though_a_write_may_succeed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(database)
    monkeypatch.setattr(trouble, "ROOM", 10**18)
    assert database.look() is Trouble.FULL
    write(database, "b:1")
    assert database.look() is Trouble.FULL
    monkeypatch.undo()
    assert database.look() is None
