from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE

import pytest

from storage import database as database_module
from storage import migrate
from storage.database import Database, _prepare_sqlite


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
        found = [tx.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("synchronous", "journal_mode")]
    database.close()
    assert found == [2, "wal"]  # FULL
