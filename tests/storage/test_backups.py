"""A backup holds one moment whole; a restore puts it back, or changes nothing."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from stat import S_IMODE

import pytest
import sqlalchemy as sa

from storage import backups, migrate, models, process_lock
from storage.backups import BadBackup
from storage.database import Database
from storage.vocabulary import ErasedFor, MessageKind
from tests import queued
from tests.workspace import NOW, WORKSPACE, configure, receive

LATER = datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def filled(database: Database) -> Database:
    configure(database)
    receive(database, "Acme", email="jane@example.com")
    return database


def file_of(database: Database) -> Path:
    return Path(str(database.url.database))


def restored(file: Path, place: Path) -> backups.Restored:
    """Restore as a new process does."""
    database = Database(f"sqlite:///{place}")
    try:
        return backups.restore(file, database, LATER, nobody, lambda _tx, _listed: 0)
    finally:
        database.close()


def nobody(tx: sa.Connection, workspace_id: str, mql_id: int, why: ErasedFor, *, with_company: bool) -> None:
    raise AssertionError(f"{workspace_id} {mql_id} {why}")


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir() if file.suffix != ".running"}


def rows(file: Path) -> list[str]:
    """Everything that a database holds, as SQL."""
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


def closed(database: Database) -> Path:
    """The file of a database that nobody works on any more."""
    database.close()
    return file_of(database)


@pytest.mark.thorough
def test_a_backup_taken_while_others_write_holds_one_moment_whole(filled: Database, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        for number in range(10_000):
            if stop.is_set():
                return
            receive(filled, f"Company {number}", email=f"lead{number}@example.com")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        taken = [backups.take(filled, tmp_path / f"backup{number}.db") for number in range(5)]
    finally:
        stop.set()
        writer.join()
    # An MQL comes with its clock, its card and its first event in one transaction, or not at all.
    for contents in taken:
        assert contents.rows["clock"] == contents.rows["assignment"] == contents.rows["mql"] >= 1
        assert contents.revision == migrate.head()
    with filled.snapshot() as tx:
        assert taken[-1].rows["mql"] <= tx.execute(sa.select(sa.func.count()).select_from(models.mql)).scalar_one()


def test_a_round_trip_brings_everything_back(filled: Database, tmp_path: Path) -> None:
    taken = backups.take(filled, tmp_path / "backup.db")
    receive(filled, "Later")
    place = closed(filled)
    later = rows(place)
    done = restored(tmp_path / "backup.db", place)
    assert (done.contents, done.migrated) == (taken, 0)
    assert done.kept == tmp_path / "mql.db.before-20261120T030405Z"
    assert rows(done.kept) == later
    again = Database(f"sqlite:///{place}")
    with again.snapshot() as tx:
        (company,) = tx.execute(sa.select(models.mql.c.company)).scalars()
        assert company == "Acme"
        assert tx.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    assert receive(again, "Works") > 0
    again.close()
    assert names(tmp_path) == {"mql.db", "backup.db", done.kept.name}


def test_what_waited_then_is_looked_for_in_slack_before_it_is_posted(filled: Database, tmp_path: Path) -> None:
    with filled.transaction() as tx:
        queued.add(tx, WORKSPACE, "sent", MessageKind.DIGEST, "U3", NOW)
        tx.execute(models.outbox.update().where(models.outbox.c.key == "sent").values(state="sent", sent_at=NOW))
    backups.take(filled, tmp_path / "backup.db")
    place = closed(filled)
    restored(tmp_path / "backup.db", place)
    again = Database(f"sqlite:///{place}")
    with again.snapshot() as tx:
        messages = tx.execute(sa.select(models.outbox.c.state, models.outbox.c.maybe_sent)).all()
    again.close()
    assert {tuple(row) for row in messages} == {("pending", True), ("sent", False)}


def test_a_backup_is_for_its_owner_only_and_one_file(filled: Database, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    backups.take(filled, folder / "backup.db")
    assert {file.name: S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {"backup.db": 0o600}


def test_a_restored_database_keeps_the_mode_of_the_one_it_replaces(filled: Database, tmp_path: Path) -> None:
    backups.take(filled, tmp_path / "backup.db")
    place = closed(filled)
    place.chmod(0o640)
    restored(tmp_path / "backup.db", place)
    assert S_IMODE(place.stat().st_mode) == 0o640


def test_a_file_that_is_there_is_overwritten_only_when_asked(filled: Database, tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    file.write_text("precious")
    with pytest.raises(FileExistsError):
        backups.take(filled, file)
    assert file.read_text() == "precious"
    backups.take(filled, file, force=True)
    assert backups.examine(file).rows["mql"] == 1


def test_nothing_is_restored_while_a_bot_is_at_work(filled: Database, tmp_path: Path) -> None:
    backups.take(filled, tmp_path / "backup.db")
    receive(filled, "Later")
    before = rows(closed(filled))
    with process_lock.work(filled, ticking=True), pytest.raises(process_lock.BotRunning):
        restored(tmp_path / "backup.db", file_of(filled))
    assert rows(file_of(filled)) == before
    assert not [name for name in names(tmp_path) if "before" in name or name.startswith(".")]


def test_a_bot_that_starts_during_a_restore_is_kept_out(filled: Database, tmp_path: Path) -> None:
    backups.take(filled, tmp_path / "backup.db")
    place = closed(filled)
    with process_lock.alone(filled):
        with pytest.raises(process_lock.HeldAlone):
            process_lock.work(filled, ticking=True)
        with pytest.raises(process_lock.HeldAlone):
            restored(tmp_path / "backup.db", place)


def test_any_other_program_that_has_it_open_is_noticed_too(filled: Database, tmp_path: Path) -> None:
    backups.take(filled, tmp_path / "backup.db")
    place = closed(filled)
    with closing(sqlite3.connect(place)) as shell:
        shell.execute("SELECT count(*) FROM mql").fetchone()
        with pytest.raises(backups.InUse):
            restored(tmp_path / "backup.db", place)
    assert not [name for name in names(tmp_path) if "before" in name or name.startswith(".")]


def test_a_damaged_database_is_replaced_and_kept_with_its_log(filled: Database, tmp_path: Path) -> None:
    backups.take(filled, tmp_path / "backup.db")
    log = tmp_path / "mql.db-wal"
    content = log.read_bytes()
    place = closed(filled)
    place.write_bytes(b"not a database any more" * 1000)
    log.write_bytes(content)
    done = restored(tmp_path / "backup.db", place)
    assert done.kept is not None
    assert done.kept.read_bytes().startswith(b"not a database")
    assert done.kept.with_name(f"{done.kept.name}-wal").read_bytes() == content
    assert not log.exists()
    assert backups.examine(place).rows["mql"] == 1


def test_a_backup_is_restored_where_no_database_is_left(filled: Database, tmp_path: Path) -> None:
    taken = backups.take(filled, tmp_path / "backup.db")
    place = tmp_path / "new" / "mql.db"
    done = restored(tmp_path / "backup.db", place)
    assert (done.kept, done.contents) == (None, taken)
    assert S_IMODE(place.stat().st_mode) == 0o600


def _truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _scribbled(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[5000:20000] = b"\x55" * 15000
    file.write_bytes(data)


def _broken_reference(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE clock SET mql_id = 77")


def _of_a_newer_version(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


def _without_a_table(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DROP TABLE receipt")


def _of_somebody_else(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")


@pytest.mark.alike
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_truncated, "damaged"),
        (_scribbled, "damaged"),
        (_broken_reference, "damaged"),
        (_of_a_newer_version, "newer"),
        (_without_a_table, "not_ours"),
        (_of_somebody_else, "not_ours"),
        (lambda file: file.write_bytes(b""), "not_ours"),
        (lambda file: file.write_text("number,company\n1,Acme\n" * 100), "not_sqlite"),
    ],
)
def test_what_is_no_good_backup_is_refused_and_changes_nothing(
    filled: Database, tmp_path: Path, spoil: object, reason: str
) -> None:
    file = tmp_path / "backup.db"
    backups.take(filled, file)
    place = closed(filled)
    before = rows(place)
    spoil(file)  # type: ignore[operator]
    with pytest.raises(BadBackup) as refused:
        restored(file, place)
    assert refused.value.reason == reason
    assert rows(place) == before
    assert names(tmp_path) == {"mql.db", "backup.db"}


def test_an_older_backup_is_migrated(filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backups.take(filled, tmp_path / "backup.db")
    place = closed(filled)
    newer = Path(shutil.copytree(migrate.MIGRATIONS, tmp_path / "migrations"))
    (newer / "versions" / "9999_one_more.py").write_text(
        f"from alembic import op\nrevision, down_revision = '9999', '{migrate.head()}'\n"
        "branch_labels = depends_on = None\n"
        "def upgrade():\n    op.execute('CREATE TABLE one_more (id INTEGER)')\n"
    )
    monkeypatch.setattr(migrate, "MIGRATIONS", newer)
    done = restored(tmp_path / "backup.db", place)
    assert (done.migrated, done.contents.revision, done.contents.rows["one_more"]) == (1, "9999", 0)
    assert done.contents.rows["mql"] == 1
    assert backups.examine(tmp_path / "backup.db").revision != "9999"


def test_a_copy_of_a_database_with_its_log_beside_it_is_taken_whole(filled: Database, tmp_path: Path) -> None:
    folder = tmp_path / "copied"
    folder.mkdir()
    for name in ("mql.db", "mql.db-wal"):
        shutil.copy(tmp_path / name, folder / name)
    place = closed(filled)
    assert restored(folder / "mql.db", place).contents.rows["mql"] == 1
