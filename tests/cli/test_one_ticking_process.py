"""Commands as processes of their own on one database: who may be beside whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli import startup
from playground import Playground
from storage import process_lock
from storage.database import Database
from tests.cli.kit import Process, answering, complaint
from tests.installation import free_port
from tests.patience import LONGEST, wait_for


def end(process: Process) -> None:
    """Ask it to stop and wait until it has."""
    process.process.terminate()
    process.process.wait(timeout=LONGEST)


def refused(line: str, language: str = "en") -> bool:
    return "mql-bot.db" in line and {"en": "only one", "ja": "1つだけ"}[language] in line


def test_a_second_worker_or_run_on_a_file_is_refused_in_one_line(
    migrated: Path, slack: Playground, started: list[Process], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    started.append(Process("worker"))
    assert started[0].line()
    monkeypatch.setenv("PORT", str(free_port()))
    assert refused(complaint("worker"), language)
    assert refused(complaint("run"), language)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///link.db")
    Path("link.db").symlink_to(migrated)
    assert refused(complaint("worker"), language)


def test_the_place_of_a_killed_run_is_free_at_once(migrated: Path, slack: Playground, started: list[Process]) -> None:
    started.append(Process("run", PORT=str(free_port())))
    assert started[0].line()
    assert refused(complaint("worker"))
    started[0].process.kill()
    started[0].process.wait()
    started.append(Process("worker"))
    assert started[1].line()
    end(started[1])


def test_serve_and_worker_stand_side_by_side_and_both_count_as_a_running_bot(
    migrated: Path, slack: Playground, started: list[Process]
) -> None:
    database = Database(f"sqlite:///{migrated}")
    port = free_port()
    started += [Process("worker"), Process("serve", "--threads", "2", PORT=str(port))]
    assert started[0].line()
    assert answering(f"http://127.0.0.1:{port}/healthz")
    end(started[0])
    assert process_lock.is_bot_running(database)
    end(started[1])
    assert not process_lock.is_bot_running(database)
    database.close()


def test_a_bot_does_not_start_on_a_file_that_is_being_copied(migrated: Path, slack: Playground, language: str) -> None:
    database = Database(f"sqlite:///{migrated}")
    with process_lock.alone(database):
        line = complaint("worker")
    database.close()
    assert "mql-bot.db" in line
    assert {"en": "being copied", "ja": "途中"}[language] in line


def test_a_second_playground_does_not_throw_away_the_first_ones_leads(started: list[Process]) -> None:
    started.append(Process("run", PORT=str(free_port())))
    assert started[0].line()
    before = Path("data/playground.db").stat().st_ino
    assert complaint("run") == startup.translator()("playground.is_open")
    assert Path("data/playground.db").stat().st_ino == before


def test_on_postgresql_workers_stand_side_by_side_and_are_seen(
    postgres_url: str, slack: Playground, started: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    database = Database(postgres_url)
    assert not process_lock.is_bot_running(database)
    started += [Process("worker"), Process("worker")]
    assert all(one.line() for one in started)
    assert process_lock.is_bot_running(database)
    for one in started:
        end(one)
    wait_for(lambda: not process_lock.is_bot_running(database))  # the server may notice later
    database.close()


def test_a_file_that_cannot_be_locked_is_named(migrated: Path, slack: Playground) -> None:
    Path("data/mql-bot.db.running").mkdir()
    line = complaint("worker")
    assert "mql-bot.db.running" in line
