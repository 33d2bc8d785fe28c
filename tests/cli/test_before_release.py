"""A database that was made before 0.1.0 bears the number of the first revision, and is refused in one line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from playground import Playground
from storage import migrate
from storage.database import Database
from tests.cli.kit import cli, complaint
from tests.installation import free_port
from tests.storage import samples

# The first revision as it was before its last edit, which brought the table action_change.
BEFORE_RELEASE = Path(samples.__file__).with_name("before_release.txt")
Address = str


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Address:
    """The address of a database that a version before 0.1.0 has made; the settings name it."""
    address = f"sqlite:///{tmp_path / 'old.db'}"
    if request.param == "postgresql":
        new: Callable[[str], str] = request.getfixturevalue("new_postgres_url")
        address = new("template1")
    make(address, tmp_path / "before", monkeypatch)
    monkeypatch.setenv("DATABASE_URL", address)
    return address


def make(address: Address, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = folder / "versions"
    versions.mkdir(parents=True)
    shutil.copy(migrate.MIGRATIONS / "env.py", folder)
    shutil.copy(BEFORE_RELEASE, versions / "0001_first_tables.py")
    database = Database(address)
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "MIGRATIONS", folder)
        migrate.upgrade(database)
    database.close()


def tables(address: Address) -> set[str]:
    engine = sa.create_engine(address)
    with engine.connect() as connection:
        names = set(sa.inspect(connection).get_table_names())
    engine.dispose()
    return names


def test_nothing_starts_on_it_and_it_stays_as_it_is(
    old: Address, slack: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", str(free_port()))
    before = tables(old)
    for command in ("migrate", "run", "serve", "worker"):
        line = complaint(command)
        assert "made by a version before 0.1.0 (it lacks action_change)" in line, command
        assert "DATABASE_URL" in line
        assert "old.db" in line or "postgresql://" in line
        assert tables(old) == before


@pytest.mark.rules
def test_it_is_told_in_the_reader_s_language(old: Address, language: str) -> None:
    assert ("0.1.0より前の版" in complaint("migrate")) == (language == "ja")


@pytest.mark.rules
def test_doctor_tells_of_it(old: Address, slack: Playground) -> None:
    done = cli("doctor")
    assert done.exit_code == 1
    assert "✗ The database" in done.stdout
    assert "before 0.1.0" in done.stdout


@pytest.mark.thorough
def test_nothing_is_copied_from_it_nor_into_it(old: Address, migrated: Path) -> None:
    plain = sa.make_url(old).set(drivername=sa.make_url(old).get_backend_name()).render_as_string(hide_password=False)
    for source, target in ((plain, "sqlite:///new.db"), (f"sqlite:///{migrated}", plain)):
        assert "before 0.1.0" in complaint("copy-database", source, target)


def test_a_backup_of_it_is_not_restored(
    migrated: Path, tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(f"sqlite:///{tmp_path / 'old.db'}", tmp_path / "before", monkeypatch)
    before = migrated.read_bytes()
    line = complaint("restore", "old.db")
    assert "old.db" in line
    assert "0.1.0" in line
    assert ("アップグレードできない" in line) == (language == "ja")
    assert migrated.read_bytes() == before


def test_a_database_of_the_first_release_is_not_taken_for_one(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'first.db'}")
    samples.restore({"revision": "0001", "tables": {}}, database)
    with database.transaction() as tx:
        tx.execute(sa.text("CREATE TABLE of_an_admin (id INTEGER)"))
        tx.execute(sa.text("ALTER TABLE mql ADD COLUMN of_an_admin INTEGER"))
    assert "0001" not in migrate.pending(database)
    database.close()
