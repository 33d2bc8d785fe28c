"""`migrate`."""

from __future__ import annotations

from contextlib import closing

import typer

from bot.cli.base import startup


def migrate() -> None:
    """Run what is pending and say how much that was."""
    settings = startup.settings()
    t = startup.translator()
    with startup.in_one_line(settings), closing(startup.open_database(settings.database_url, create=True)) as database:
        count = startup.bring_up_to_date(database)
    typer.echo(t("migrate.done", count=count) if count else t("migrate.nothing"))
