"""`restore`: a backup in the place of the SQLite database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import typer

from bot.cli import startup
from bot.cli.backing_up import said_by_system, show, sqlite_file
from bot.cli.startup import CannotStart
from bot.core import clock
from storage import backups
from storage.backups import BadBackup, InUse
from storage.presence import Taken


def restore(file: Path) -> None:
    """Restore and say what is there now. Exit code 1, and nothing has changed, where that fails."""
    settings = startup.settings()
    t = startup.translator()
    with startup.in_one_line(settings):
        place = sqlite_file(settings.database_url, "restore.postgresql")
        if not file.is_file():
            raise CannotStart("restore.no_file", file=file)
        if place.exists() and file.samefile(place):
            raise CannotStart("restore.own_file", file=file)
        try:
            restored = backups.restore(file, startup.open_database(settings.database_url), clock.utcnow())
        except BadBackup as error:
            raise CannotStart(f"restore.bad.{error.reason}", file=file, revision=error.revision) from error
        except (Taken, InUse) as error:
            raise CannotStart("restore.in_use", place=place) from error
        except (OSError, sqlite3.Error) as error:
            raise CannotStart("restore.failed", place=place, reason=said_by_system(error)) from error
    show(restored.contents, "restore.done", file=file, place=place)
    if restored.migrated:
        typer.echo(t("migrate.done", count=restored.migrated))
    if restored.kept:
        typer.echo(t("restore.kept", kept=restored.kept))
