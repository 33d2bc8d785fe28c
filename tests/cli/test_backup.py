"""`backup` and `restore`, as whoever keeps the bot runs them."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from bot.core.teamfile import current
from playground import SAMPLE_TEAM
from storage import process_lock
from storage.database import Database
from tests.cli.kit import agree, cli, complaint


@pytest.fixture
def place(team_file: Path) -> Path:
    """The database of a workspace that is set up."""
    agree(team_file)
    return Path("data/mql-bot.db")


def test_a_backup_is_restored_and_what_it_replaced_is_kept(place: Path, team_file: Path, language: str) -> None:
    done = cli("backup", "backup.db")
    assert done.exit_code == 0, done.output
    assert "  member: 7" in done.output
    text = team_file.read_text(encoding="utf-8").replace("Sample Inc.", "Other Inc.")
    team_file.write_text(text, encoding="utf-8")
    assert cli("config", "apply", str(team_file), "--yes").exit_code == 0

    restored = cli("restore", "backup.db")
    assert restored.exit_code == 0, restored.output
    kept = next(Path("data").glob("mql-bot.db.before-*"))
    assert str(kept.name) in restored.output
    for file, name in ((place, "Sample Inc."), (kept, "Other Inc.")):
        database = Database(f"sqlite:///{file}")
        with database.snapshot() as tx:
            team = current(tx, SAMPLE_TEAM.id)
        database.close()
        assert team is not None
        assert team.name == name


def test_a_backup_overwrites_nothing_unless_it_is_told_to(place: Path, language: str) -> None:
    Path("backup.db").write_text("precious")
    assert "--force" in complaint("backup", "backup.db")
    assert Path("backup.db").read_text() == "precious"
    assert cli("backup", "backup.db", "--force").exit_code == 0


@pytest.mark.parametrize("suffix", ["", "-wal", ".running"])
def test_the_database_itself_is_never_the_backup(place: Path, suffix: str) -> None:
    before = place.read_bytes()
    assert "data/mql-bot.db" in complaint("backup", f"data/../data/mql-bot.db{suffix}", "--force")
    assert place.read_bytes() == before
    assert "data/mql-bot.db" in complaint("restore", "data/mql-bot.db")


def test_without_a_database_none_is_made(language: str) -> None:
    assert "data/mql-bot.db" in complaint("backup", "backup.db")
    assert not Path("data").exists()


@pytest.mark.parametrize("where", ["nowhere/backup.db", "backup.db/inside.db"])
def test_a_place_that_cannot_be_written_is_named_in_one_line(place: Path, where: str, language: str) -> None:
    Path("backup.db").write_text("a file, not a folder")
    assert where in complaint("backup", where)


def test_a_disk_that_is_full_leaves_nothing_behind(place: Path) -> None:
    folder = Path("backups")
    folder.mkdir()

    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, unlimited[1]))
    try:
        line = complaint("backup", "backups/backup.db")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    assert "backups/backup.db" in line
    assert list(folder.iterdir()) == []


def test_nothing_is_restored_while_the_bot_runs(place: Path, language: str) -> None:
    assert cli("backup", "backup.db").exit_code == 0
    with process_lock.work(Database(f"sqlite:///{place}"), ticking=True):
        assert "mql-bot" in complaint("restore", "backup.db")
    assert cli("restore", "backup.db").exit_code == 0


def test_what_is_no_backup_is_said_to_be_none(place: Path, language: str) -> None:
    assert "nowhere.db" in complaint("restore", "nowhere.db")
    assert "data" in complaint("restore", "data")
    Path("leads.csv").write_text("company\nAcme\n" * 100)
    assert "leads.csv" in complaint("restore", "leads.csv")


def test_for_postgresql_the_way_is_named(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    for command, tool in (("backup", "pg_dump"), ("restore", "pg_restore")):
        line = complaint(command, "backup.db")
        assert tool in line
        assert "copy-database" in line
