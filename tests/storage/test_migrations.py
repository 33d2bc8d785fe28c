from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from storage import copying, migrate, models
from storage import database as database_module
from storage.database import Database
from tests import databases
from tests.patience import LONGEST
from tests.postgres import SHAPE
from tests.storage.conftest import Kind


@pytest.fixture
def from_models(any_database: Database, empty: Callable[[Kind], Database]) -> Iterator[sa.Inspector]:
    """The tables as models.py would create them, without migrations."""
    engine = sa.create_engine(empty("sqlite" if any_database.is_sqlite else "postgresql").url)
    migrate.metadata().create_all(engine)
    yield sa.inspect(engine)
    engine.dispose()


def described(inspector: sa.Inspector, table: str) -> dict[str, Any]:
    def order(items: Any) -> Any:
        return sorted(items, key=lambda item: str(item["name"]))

    return {
        "columns": [{**column, "type": repr(column["type"])} for column in order(inspector.get_columns(table))],
        "checks": order(inspector.get_check_constraints(table)),
        "unique": order(inspector.get_unique_constraints(table)),
        "foreign": [{**key, "referred_schema": None} for key in order(inspector.get_foreign_keys(table))],
        "primary": inspector.get_pk_constraint(table),
        "indexes": [
            {**index, "dialect_options": {k: str(v) for k, v in index.get("dialect_options", {}).items()}}
            for index in order(inspector.get_indexes(table))
        ],
    }


def test_alembic_sees_no_difference_between_the_migrations_and_the_models(any_database: Database) -> None:
    with any_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, migrate.metadata()) == []


def test_checks_keys_and_partial_indexes_are_the_same_too(any_database: Database, from_models: sa.Inspector) -> None:
    migrated = sa.inspect(any_database.engine)
    assert set(migrated.get_table_names()) - {"alembic_version"} == set(models.metadata.tables)
    for table in models.metadata.tables:
        assert described(migrated, table) == described(from_models, table), table


def test_the_database_refuses_an_impossible_state(any_database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError), any_database.transaction() as tx:
        tx.execute(sa.text("INSERT INTO workspace (id, digest_weekday) VALUES ('T1', 7)"))


def test_migrating_twice_changes_nothing(any_database: Database) -> None:
    assert migrate.pending(any_database) == ()
    migrate.upgrade(any_database)
    assert migrate.pending(any_database) == ()


def test_an_empty_database_lacks_every_revision(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    assert migrate.pending(database)[-1] == migrate.head()
    database.close()


def test_a_database_of_a_newer_version_is_recognised(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.AheadOfCode, match="9999"):
        migrate.pending(database)


def test_the_copies_that_the_tests_work_on_are_what_the_revisions_make(
    any_database: Database, empty: Callable[[Kind], Database]
) -> None:
    copies = [empty("sqlite" if any_database.is_sqlite else "postgresql") for _ in range(3)]
    copying.prepare("elsewhere", {}, copies[-1])
    for copy in copies:
        databases.upgrade(copy)
    for copy in copies:
        with copy.transaction() as tx:
            tx.exec_driver_sql(f"DROP TABLE IF EXISTS {databases.MARK_OF_A_COPY}")
    assert made(any_database)
    assert [made(copy) for copy in copies] == [made(any_database)] * 3


def made(database: Database) -> list[Any]:
    """Everything that the revisions have made, by its name and its definition."""
    with database.snapshot() as tx:
        if database.is_sqlite:
            return sorted(tx.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        return [*tx.exec_driver_sql(SHAPE), *tx.exec_driver_sql(TRIGGERS)]


TRIGGERS = """
SELECT pg_get_triggerdef(pg_trigger.oid), prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE NOT tgisinternal ORDER BY 1
"""


@pytest.mark.usefixtures("every_revision_runs")
def test_processes_that_start_together_migrate_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY", LONGEST * 1000)
    databases = [Database(f"sqlite:///{tmp_path / 'shared.db'}") for _ in range(8)]
    failures: list[BaseException] = []

    def upgrade(database: Database) -> None:
        try:
            migrate.upgrade(database)
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=upgrade, args=[database]) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert migrate.pending(databases[0]) == ()
    for database in databases:
        database.close()


@pytest.mark.thorough
@pytest.mark.usefixtures("every_revision_runs")
def test_foreign_keys_hold_again_after_a_migration(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    migrate.upgrade(database)
    with pytest.raises(sa.exc.IntegrityError), database.transaction() as tx:
        tx.execute(sa.text("INSERT INTO event (workspace_id, mql_id, type) VALUES ('T1', 1, 'received')"))
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    database.close()
