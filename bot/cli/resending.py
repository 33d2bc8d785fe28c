"""`resend`: another try for what Slack refused for good, once the cause is mended."""

from __future__ import annotations

import typer

from bot.cli import startup
from bot.cli.configuring import choose_workspace
from bot.core import clock
from storage import undelivered


def resend(workspace_id: str | None, *, dry_run: bool) -> None:
    """Queue the refused messages of a workspace again and say how many; with `dry_run` only count them."""
    settings = startup.settings()
    t = startup.translator()
    with startup.in_one_line(settings):
        database = startup.open_database(settings.database_url)
        startup.require_current(database)
        workspace = choose_workspace(database, workspace_id)
        if dry_run:
            with database.snapshot() as tx:
                count = undelivered.revivable(tx, workspace.id)
        else:
            with database.transaction() as tx:
                count = undelivered.revive(tx, workspace.id, clock.utcnow())
        database.close()
    if not count:
        typer.echo(t("resend.nothing"))
    else:
        typer.echo(t("resend.would" if dry_run else "resend.done", count=count))
