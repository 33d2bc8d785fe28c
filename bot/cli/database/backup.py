"""`backup`: the SQLite database in one verified file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import sqlalchemy as sa
import typer

from bot.cli.base import startup
from bot.cli.base.author import author
from bot.cli.base.startup import CannotStart
from bot.core.base import audit, wall_clock
from bot.system_errors import reason_of
from storage import backups, workspaces
from storage.backups import BadBackup
from storage.database import Database
from storage.vocabulary import AuditKind

# What belongs to a database: SQLite's own files, those by which processes know of each other, and who was erased.
OWN_FILES = ("", "-wal", "-shm", ".running", ".ticking", ".erased")


def backup(file: Path, *, force: bool) -> None:
    """Write the backup and say what is in it. Exit code 1, and nothing is left behind, where that fails."""
    settings = startup.settings()
    with startup.in_one_line(settings):
        place = sqlite_file(settings.database_url, "backup.postgresql")
        if not place.exists():
            raise CannotStart("backup.no_database", place=place)
        if file.resolve() in [Path(f"{place.resolve()}{suffix}") for suffix in OWN_FILES]:
            raise CannotStart("backup.own_file", file=file, place=place)
        database = startup.open_database(settings.database_url)
        try:
            contents = backups.take(database, file, force=force)
            if "audit" in contents.rows:  # a backup of an older schema is taken before it is migrated
                record_everywhere(database, AuditKind.BACKUP, file)
        except FileExistsError as error:
            raise CannotStart("backup.exists", file=file) from error
        except BadBackup as error:
            raise CannotStart(f"backup.bad.{error.reason}", place=place, revision=error.revision) from error
        except (OSError, sqlite3.Error) as error:
            raise CannotStart("backup.failed", file=file, reason=reason_of(startup.translator(), error)) from error
        finally:
            database.close()
    show(contents, "backup.done", file=file)


def record_everywhere(database: Database, kind: AuditKind, file: Path, **about: int) -> None:
    """Write into the audit log of each workspace what was done with the whole database."""
    with database.transaction() as tx:
        for workspace in workspaces.every(tx):
            audit.record(tx, workspace.id, kind, author(), wall_clock.utcnow(), file.name, after=about or None)


def sqlite_file(url: str, otherwise: str) -> Path:
    """Return the file of a SQLite database. Raises CannotStart(`otherwise`) where it is another."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise CannotStart(otherwise)
    return Path(parsed.database or "")


def show(contents: backups.Contents, key: str, **words: object) -> None:
    """Print the sentence of `key`, then how many rows each table has."""
    t = startup.translator()
    rows = sum(contents.rows.values())
    typer.echo(t(key, rows=t.number(rows), revision=contents.revision, **words))
    for table, count in contents.rows.items():
        typer.echo(t("backup.table", table=table, rows=t.number(count)))
