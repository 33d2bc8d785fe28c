"""`doctor` and a database file that is damaged, lost under a running bot, or short of room."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from storage import process_lock, trouble
from storage.database import Database
from tests.cli.kit import cli

FILE = Path("data/mql-bot.db")


@pytest.fixture(autouse=True)
def office(migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C")
    FILE.parent.mkdir()
    shutil.copy(migrated_file, FILE)


def test_doctor_says_that_a_file_is_damaged_and_names_restore() -> None:
    with sqlite3.connect(FILE) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'event'").fetchone()
    connection.close()
    with FILE.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    done = cli("doctor")
    assert done.exit_code == 1
    assert "is damaged" in done.stdout
    assert "mql-bot restore" in done.stdout


def test_doctor_says_that_a_file_is_no_database() -> None:
    FILE.write_bytes(b"not a database at all" * 1000)
    done = cli("doctor")
    assert done.exit_code == 1
    assert "mql-bot restore" in done.stdout


def test_doctor_says_that_a_running_bot_has_lost_its_file() -> None:
    database = Database(f"sqlite:///{FILE}")
    with process_lock.work(database, ticking=True):
        FILE.unlink()
        done = cli("doctor")
    database.close()
    assert done.exit_code == 1
    assert "deleted or replaced" in done.stdout
    assert "migration" not in done.stdout


def test_doctor_warns_of_a_disk_that_is_nearly_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trouble, "LOW", 10**18)
    assert "MB are free on the disk of the database" in cli("doctor").stdout
