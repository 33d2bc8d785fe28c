"""`restore`: a backup in the place of the SQLite database."""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path

import typer

from bot.cli.base import startup
from bot.cli.base.startup import CannotStart
from bot.cli.database.backup import record_everywhere, show, sqlite_file
from bot.core.base import wall_clock
from bot.core.mql import erasure
from bot.system_errors import reason_of
from storage import backups
from storage.backups import BadBackup, InUse
from storage.process_lock import Taken
from storage.vocabulary import AuditKind


def restore(file: Path) -> None:
    """Restore and say what is there now. Exit code 1, and nothing has changed, where that fails."""
    settings = startup.settings()
    t, now = startup.translator(), wall_clock.utcnow()
    with startup.in_one_line(settings):
        place = sqlite_file(settings.database_url, "restore.postgresql")
        if not file.is_file():
            raise CannotStart("restore.no_file", file=file)
        if place.exists() and file.samefile(place):
            raise CannotStart("restore.own_file", file=file)
        try:
            database = startup.open_database(settings.database_url, create=True)
            restored = backups.restore(
                file, database, now, partial(erasure.erase_again, now=now), partial(erasure.erase_listed, now=now)
            )
            record_everywhere(database, AuditKind.RESTORE, file, erased=restored.erased or 0)
            database.close()
        except BadBackup as error:
            raise CannotStart(f"restore.bad.{error.reason}", file=file, revision=error.revision) from error
        except (Taken, InUse) as error:
            raise CannotStart("restore.in_use", place=place) from error
        except (OSError, sqlite3.Error) as error:
            raise CannotStart("restore.failed", place=place, reason=reason_of(t, error)) from error
        finally:
            _forget_empty(place)
    show(restored.contents, "restore.done", file=file, place=place)
    if restored.migrated:
        typer.echo(t("migrate.done", count=restored.migrated))
    if restored.erased:
        typer.echo(t("restore.erased", count=restored.erased))
    if restored.erased is None:
        typer.echo(t("restore.erasures_unknown"))
    if restored.kept:
        typer.echo(t("restore.kept", kept=restored.kept))


def _forget_empty(place: Path) -> None:
    """Remove the empty file that opening has made where nothing was restored into it: the next command would take it
    for a database."""
    if place.exists() and place.stat().st_size == 0:
        place.unlink()
