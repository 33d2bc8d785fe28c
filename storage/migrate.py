"""Bringing a database to the newest schema, and saying whether it is there. The revisions live in migrations/.

Alembic is imported where a revision is run or looked up: a process that finds its database up to date, as nearly
all do, needs none of it (docs/adr/0039).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage import models
from storage.database import Database
from storage.models.columns import WHERE

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
TURN = 0x6D716C  # "mql": the PostgreSQL lock that lets processes which start together migrate one after the other

_version = sa.table("alembic_version", sa.column("version_num"))

# Every constraint has a name, because a later migration can only change what it can name.
NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
}


class AheadOfCode(Exception):
    """The database was migrated by a newer version of this program."""


class BeforeFirstRelease(Exception):
    """The database was made before 0.1.0. The text names some of what it lacks."""


def upgrade(database: Database) -> None:
    """Run every pending revision in one transaction: afterwards the schema is the newest, or unchanged."""
    from alembic import command

    with _alone(database) as tx:
        settings = config()
        settings.attributes["connection"] = tx
        command.upgrade(settings, "head")


def pending(database: Database) -> tuple[str, ...]:
    """Return the revisions that the database lacks, oldest first; none where it is up to date.

    Raises AheadOfCode and BeforeFirstRelease.
    """
    with database.snapshot() as tx:
        done = _done(tx)
    if done == (_newest(),):
        return ()
    from alembic.script import ScriptDirectory
    from alembic.script.revision import RevisionError
    from alembic.util import CommandError

    if lacking := _lacking_of_the_first_release(database, done):
        raise BeforeFirstRelease(", ".join((*lacking[:3], "…") if len(lacking) > 3 else lacking))
    try:
        missing = list(ScriptDirectory.from_config(config()).iterate_revisions("heads", done or "base"))
    except (CommandError, RevisionError) as error:
        raise AheadOfCode(", ".join(done)) from error
    return tuple(script.revision for script in reversed(missing))


def _done(tx: sa.Connection) -> tuple[str, ...]:
    if not sa.inspect(tx).has_table(_version.name):
        return ()
    return tuple(tx.scalars(sa.select(_version.c.version_num)))


def _newest() -> str:
    """Return what `head` does, by the files' names, which begin with the number of their revision."""
    return max(file.name for file in (MIGRATIONS / "versions").glob("[0-9]*.py")).partition("_")[0]


def _lacking_of_the_first_release(database: Database, done: tuple[str, ...]) -> tuple[str, ...]:
    from storage import first_release

    if done != (first_release.REVISION,):
        return ()
    with database.snapshot() as tx:
        return first_release.lacking(tx, config())


def head() -> str:
    """Return the newest revision that this code knows."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory.from_config(config()).get_current_head())


def known(revision: str) -> bool:
    """Return whether this code knows a revision: one that it does not is of a newer version."""
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    try:
        return ScriptDirectory.from_config(config()).get_revision(revision) is not None
    except CommandError:
        return False


def config() -> Config:
    """Alembic's configuration without a file: a connection is put into its attributes."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return settings


def metadata() -> sa.MetaData:
    """Return the tables of storage/models with every constraint named."""
    named = sa.MetaData(naming_convention=NAMES)
    for table in models.metadata.sorted_tables:
        conditions = {index.name: index.info[WHERE] for index in table.indexes if WHERE in index.info}
        for index in table.to_metadata(named).indexes:
            if index.name in conditions:
                condition = sa.text(conditions[index.name])
                index.dialect_kwargs.update(sqlite_where=condition, postgresql_where=condition)
    return named


@contextmanager
def _alone(database: Database) -> Iterator[sa.Connection]:
    if not database.is_sqlite:
        with database.transaction() as tx:
            tx.execute(sa.select(sa.func.pg_advisory_xact_lock(TURN)))
            yield tx
        return
    # SQLite changes a table by copying it. With foreign keys on, dropping the old copy would delete what refers to
    # it; the pragma works only outside a transaction, so it is set before and the references are checked at the end.
    with database.engine.connect().execution_options(immediate=True) as tx:
        raw = tx.connection.cursor()
        raw.execute("PRAGMA foreign_keys=OFF")
        try:
            with tx.begin():
                yield tx
                if broken := tx.exec_driver_sql("PRAGMA foreign_key_check").all():
                    raise RuntimeError(f"the migration broke references: {broken[:5]}")
        finally:
            raw.execute("PRAGMA foreign_keys=ON")
            raw.close()
