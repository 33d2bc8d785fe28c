"""`copy-database` as a user runs it: what it says, what it refuses, and what a kill in the middle leaves."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from playground import Playground
from storage import audits, copying, migrate, models, process_lock, workspaces
from storage.audits import Filter
from storage.database import Database
from storage.fingerprints import Fingerprint, fingerprints
from storage.vocabulary import AuditKind
from tests.cli.kit import Process, cli, complaint
from tests.patience import LONGEST
from tests.storage.bulk import multiply

SQLITE = "sqlite:///old.db"
NOW = datetime(2026, 11, 17, tzinfo=UTC)


@pytest.fixture
def old(told_file: Path, tmp_path: Path) -> Iterator[Database]:
    """A SQLite file as it is after some weeks, in the folder that the command runs in."""
    database = Database(f"sqlite:///{shutil.copy(told_file, tmp_path / 'old.db')}")
    yield database
    database.close()


@pytest.fixture
def new(new_postgres_url: Callable[[str], str]) -> Iterator[Database]:
    """An empty PostgreSQL database."""
    database = Database(new_postgres_url("template1"))
    yield database
    database.close()


def address(database: Database, password: str | None = None) -> str:
    """As a user writes it."""
    url = database.url.set(drivername=database.url.get_backend_name())
    return (url.set(password=password) if password else url).render_as_string(hide_password=False)


def same(first: Database, second: Database) -> bool:
    """Whether two databases hold the same, but for the entries that say that one is a copy."""
    return without_log(first) == without_log(second)


def without_log(database: Database) -> dict[str, Fingerprint]:
    return {name: digest for name, digest in fingerprints(database).items() if name != models.audit.name}


@pytest.mark.thorough
def test_both_ways_every_table_is_told_and_nothing_is_changed_in_the_old_database(
    old: Database, new: Database, language: str
) -> None:
    before = fingerprints(old)
    there = cli("copy-database", SQLITE, address(new, "opensesame"))
    assert there.exit_code == 0, there.output
    head, *tables, compares, done = there.stdout.splitlines()
    assert "old.db" in head
    assert f"postgresql://{new.url.query['host']}:5432/{new.url.database}" in head
    assert {line.split(":")[0].strip() for line in tables} == {*before}
    assert f"{before['event'].rows}" in next(line for line in tables if "event:" in line)
    assert {"en": "Comparing", "ja": "照合"}[language] in compares
    assert {"en": "Done", "ja": "完了"}[language] in done
    back = cli("copy-database", address(new, "opensesame"), "sqlite:///back.db")
    assert back.exit_code == 0, back.output
    assert "opensesame" not in there.output + back.output
    returned = Database("sqlite:///back.db")
    assert fingerprints(old) == before
    assert same(returned, old)
    assert same(new, old)
    with returned.snapshot() as tx:
        (workspace,) = workspaces.every(tx)
        second, first = audits.newest(tx, workspace.id, 9, Filter(AuditKind.COPY))
    assert (str(first.subject).endswith("old.db"), "opensesame" in str(second.subject)) == (True, False)
    returned.close()
    again = cli("copy-database", SQLITE, address(new))
    assert again.exit_code == 0
    assert {"en": "already", "ja": "すでに"}[language] in again.stdout


# Refused


def test_an_address_that_is_none_is_refused_without_being_repeated(language: str) -> None:
    for bad in ("mysql://bot:opensesame@db/mql", "postgresql://bot:opensesame@db:port/mql", "old.db", "sqlite://"):
        line = complaint("copy-database", bad, "sqlite:///new.db")
        assert line.startswith("FROM")
        assert "opensesame" not in line
    assert not Path("new.db").exists()
    Path("old.db").touch()
    line = complaint("copy-database", SQLITE, "mysql://bot:opensesame@db/mql")
    assert line.startswith("TO")
    assert "opensesame" not in line


def test_a_file_that_is_not_there_is_named_and_not_made(language: str) -> None:
    assert "odl.db" in complaint("copy-database", "sqlite:///odl.db", "sqlite:///new.db")
    assert not Path("odl.db").exists()
    assert not Path("new.db").exists()


def test_a_database_is_not_copied_onto_itself(old: Database, tmp_path: Path, language: str) -> None:
    Path("link.db").symlink_to("old.db")
    for target in (SQLITE, f"sqlite:///{tmp_path}/old.db", "sqlite:///link.db"):
        assert "FROM" in complaint("copy-database", SQLITE, target)


@pytest.mark.thorough
def test_a_target_with_other_data_is_refused_and_left_as_it_was(old: Database, new: Database, language: str) -> None:
    migrate.upgrade(new)
    with new.transaction() as tx:
        tx.execute(models.lane.insert().values(workspace_id="T1", target="C1", next_at=NOW))
    before = fingerprints(new)
    line = complaint("copy-database", SQLITE, address(new))
    assert "lane" in line
    assert {"en": "is not empty", "ja": "空ではありません"}[language] in line
    assert fingerprints(new) == before


def test_a_source_that_is_behind_or_ahead_is_refused(old: Database, language: str) -> None:
    Path("older.db").touch()
    assert "mql-bot migrate" in complaint("copy-database", "sqlite:///older.db", "sqlite:///new.db")
    with old.transaction() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert "9999" in complaint("copy-database", SQLITE, "sqlite:///new.db")


def test_neither_side_may_be_at_work(old: Database, new: Database, language: str) -> None:
    words = {"en": "A bot is at work", "ja": "ボットが動いています"}[language]
    with process_lock.work(old, ticking=False):
        assert words in complaint("copy-database", SQLITE, address(new))
    working = Database(new.url.render_as_string(hide_password=False), at_work=True)
    with working.snapshot():
        assert words in complaint("copy-database", SQLITE, address(new))
    working.close()
    with process_lock.alone(new):
        assert {"en": "being copied", "ja": "途中"}[language] in complaint("copy-database", SQLITE, address(new))


def test_a_database_that_is_away_is_told_in_one_line_without_its_password(old: Database, language: str) -> None:
    line = complaint("copy-database", SQLITE, "postgresql://bot:opensesame@127.0.0.1:9/mql")
    assert "opensesame" not in line
    assert "refused" in line


def test_a_row_that_postgresql_cannot_hold_is_told_by_its_key(old: Database, new: Database, language: str) -> None:
    with old.transaction() as tx:
        tx.execute(models.mql.update().where(models.mql.c.id == 2).values(company="Acme\0Inc"))
    done = cli("copy-database", SQLITE, address(new))
    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert "mql" in line
    assert "NUL" in line
    assert "Acme" not in line


def test_no_command_takes_an_unfinished_copy_for_a_database(
    old: Database, slack: Playground, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    target = Database("sqlite:///new.db")
    copying.prepare("sqlite:/old.db", fingerprints(old), target)
    target.close()
    monkeypatch.setenv("DATABASE_URL", "sqlite:///new.db")
    for command in (["run"], ["worker"], ["serve"], ["migrate"], ["resend"], ["config", "export"]):
        line = complaint(*command)
        assert "sqlite:/old.db" in line
        assert "mql-bot copy-database" in line
    assert "sqlite:/old.db" in complaint("copy-database", "sqlite:///new.db", "sqlite:///third.db")
    assert "sqlite:/old.db" in cli("doctor").stdout


# Killed


@pytest.mark.thorough
def test_a_copy_that_is_killed_in_the_middle_of_a_table_goes_on_and_ends_right(
    told_file: Path, old: Database, new: Database, started: list[Process]
) -> None:
    history = Database(f"sqlite:///{told_file}")
    multiply(history, old, 8)  # so that it comes beyond the first chunk
    history.close()
    migrate.upgrade(new)
    with old.snapshot() as tx:
        rows = tx.execute(sa.select(models.receipt).order_by(*models.receipt.primary_key)).mappings().all()
    with new.engine.connect() as other, other.begin() as never_committed:
        # Somebody's uncommitted row of the same key: the copy comes so far and waits.
        other.execute(models.receipt.insert().values(**rows[len(rows) * 2 // 3]))
        started.append(Process("copy-database", SQLITE, address(new)))
        wait_for(lambda: waits(new))
        with new.snapshot() as tx:
            there = tx.execute(sa.select(sa.func.count()).select_from(models.receipt)).scalar_one()
        assert 0 < there < len(rows)
        started[0].process.kill()
        started[0].process.wait()
        never_committed.rollback()
    with new.snapshot() as tx:
        assert copying.unfinished(tx)
    done = cli("copy-database", SQLITE, address(new))
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Going on")
    assert same(old, new)


def waits(database: Database) -> bool:
    """Whether a command waits for a lock."""
    query = sa.text("SELECT 1 FROM pg_stat_activity WHERE application_name = 'mql-bot' AND wait_event_type = 'Lock'")
    with database.snapshot() as tx:
        return tx.execute(query).first() is not None


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.thorough
def test_a_copy_between_files_that_is_killed_again_and_again_ends_right(
    told_file: Path, old: Database, started: list[Process]
) -> None:
    history = Database(f"sqlite:///{told_file}")
    multiply(history, old, 8)
    history.close()
    for lines in (1, 6, 12):
        process = Process("copy-database", SQLITE, "sqlite:///new.db")
        started.append(process)
        assert all(process.line() for _ in range(lines))
        process.process.kill()
        process.process.wait()
    target = Database("sqlite:///new.db")
    with target.snapshot() as tx:
        assert copying.unfinished(tx)
    target.close()
    assert cli("copy-database", SQLITE, "sqlite:///new.db").exit_code == 0
    assert same(old, target)
    target.close()


@pytest.mark.thorough
def test_a_copy_takes_no_more_memory_for_more_rows(old: Database, new: Database) -> None:
    multiply_events = sa.text(
        "INSERT INTO event (workspace_id, mql_id, type, at, recorded_at, data)"
        " SELECT workspace_id, id, 'reminded', received_at, received_at, json_build_object('text', repeat('x', 2000))"
        " FROM mql CROSS JOIN generate_series(1, 1000)"
    )
    assert cli("copy-database", SQLITE, address(new)).exit_code == 0
    few = peak("copy-database", address(new), "sqlite:///few.db")
    with new.transaction() as tx:
        assert tx.execute(multiply_events).rowcount == 10_000
    many = peak("copy-database", address(new), "sqlite:///many.db")
    # 20 MB more in the database.
    assert many - few < 10


def peak(*arguments: str) -> float:
    """The most memory that a command had, in MB."""
    process = Process(*arguments).process
    assert process.stdout is not None
    process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    assert process.returncode == 0
    return usage.ru_maxrss / 1024
