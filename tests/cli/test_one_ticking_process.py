"""Commands as processes of their own on one database: who may be beside whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli.base import startup
from playground import Playground
from storage import process_lock
from storage.database import Database
from tests.cli.kit import Process, complaint
from tests.patience import LONGEST, wait_for


def end(process: Process) -> None:
    """Ask it to stop and wait until it has."""
    process.process.terminate()
    process.process.wait(timeout=LONGEST)


def test_a_bot_does_not_start_on_a_file_that_is_being_copied(migrated: Path, slack: Playground, language: str) -> None:
    database = Database(f"sqlite:///{migrated}")
    with process_lock.alone(database):
        line = complaint("worker")
    database.close()
    assert "mql-bot.db" in line
    assert {"en": "being copied", "ja": "途中"}[language] in line


@pytest.mark.thorough
def test_on_postgresql_workers_stand_side_by_side_and_are_seen(
    postgres_url: str, slack: Playground, started: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    database = Database(postgres_url)
    assert not process_lock.is_bot_running(database)
    started.append(Process("worker"))
    assert started[0].line()
    assert process_lock.is_bot_running(database)
    beside = Database(postgres_url, at_work=True)
    startup.go_to_work(beside, ticking=True).release()
    beside.close()
    end(started[0])
    wait_for(lambda: not process_lock.is_bot_running(database))  # the server may notice later
    database.close()


def test_a_file_that_cannot_be_locked_is_named(migrated: Path, slack: Playground) -> None:
    Path("data/mql-bot.db.running").mkdir()
    line = complaint("worker")
    assert "mql-bot.db.running" in line
