"""A process is killed in the middle of the migrations: nothing of them is there, and the next start does them all.

What SIGKILL leaves of a SQLite database are its files as they are at that moment: they are copied between two
statements, with a cache so small that what is not committed is in them. Of a PostgreSQL session it leaves a connection
that ends.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage import migrate
from storage.database import Database
from tests.storage import samples
from tests.storage.conftest import Kind
from tests.storage.samples import Sample
from tests.storage.test_upgrades import STORED, meant, revisions

DONE = re.compile(r"UPDATE alembic_version SET version_num='(\w+)'")
Between = Callable[[sa.Connection, str], object]


# The last, and every thirteenth before it; or all.
a_few_or_all = pytest.mark.parametrize("every", [13, pytest.param(1, marks=pytest.mark.thorough)])


@pytest.fixture(params=STORED, ids=lambda file: str(file.stem))
def sample(request: pytest.FixtureRequest) -> Sample:
    return samples.read(request.param)


def before_each_revision_ends(database: Database, act: Between) -> None:
    """Act each time that all of a revision is done but the note that it is."""

    def before(connection: sa.Connection, _: Any, statement: str, *__: Any) -> None:
        if done := DONE.search(statement):
            act(connection, done[1])

    sa.event.listen(database.engine, "before_cursor_execute", before)


def small_cache(database: Database) -> None:
    """Let SQLite write what is not committed to its files."""
    sa.event.listen(database.engine, "connect", lambda raw, _: raw.execute("PRAGMA cache_size=5"))


def untouched(database: Database, sample: Sample) -> bool:
    """Whether the database is as it was before the migrations."""
    later = [revision for revision in revisions() if revision > sample["revision"]]
    return list(migrate.pending(database)) == later and samples.take(database) == sample


@pytest.mark.thorough
@a_few_or_all
def test_every_moment_at_which_a_process_dies_leaves_a_file_that_the_next_one_brings_up_to_date(
    sample: Sample, empty: Callable[[Kind], Database], tmp_path: Path, every: int
) -> None:
    database, left = empty("sqlite"), dict[str, Path]()
    samples.restore(sample, database)
    file = Path(str(database.url.database))
    small_cache(database)
    database.engine.dispose()

    def kill(_: sa.Connection, revision: str) -> None:
        left[revision] = tmp_path / revision / file.name
        left[revision].parent.mkdir()
        for part in ("", "-wal"):
            if (source := file.with_name(file.name + part)).exists():
                shutil.copy(source, left[revision].with_name(file.name + part))

    before_each_revision_ends(database, kill)
    migrate.upgrade(database)
    assert list(left) == [revision for revision in revisions() if revision > sample["revision"]]
    assert any(killed.with_name(f"{file.name}-wal").stat().st_size > 100_000 for killed in left.values())
    for killed in [*left.values()][::-every]:
        again = Database(f"sqlite:///{killed}")
        assert untouched(again, sample)
        migrate.upgrade(again)
        assert migrate.pending(again) == ()
        assert samples.lost(samples.retold(sample, meant(sample["revision"])), again) == []
        again.close()


@pytest.mark.thorough
@a_few_or_all
def test_every_moment_at_which_a_connection_ends_leaves_a_server_that_the_next_start_brings_up_to_date(
    sample: Sample, empty: Callable[[Kind], Database], every: int
) -> None:
    database = empty("postgresql")
    samples.restore(sample, database)
    left = [revision for revision in revisions() if revision > sample["revision"]][::-every]

    def kill(connection: sa.Connection, revision: str) -> None:
        if left and revision == left[0]:
            left.pop(0)
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.close()

    before_each_revision_ends(database, kill)
    while left:
        with pytest.raises(sa.exc.OperationalError):
            migrate.upgrade(database)
        assert untouched(database, sample)
    migrate.upgrade(database)
    assert migrate.pending(database) == ()
    assert samples.lost(samples.retold(sample, meant(sample["revision"])), database) == []
