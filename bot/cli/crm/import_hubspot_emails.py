"""`import hubspot-emails`: the e-mails of HubSpot, by week, for the digest."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import typer

from bot.cli.base import startup
from bot.cli.base.author import author
from bot.cli.base.terminal import REFUSED, USAGE
from bot.cli.base.workspace import open_workspace
from bot.connectors import hubspot_emails
from bot.connectors.hubspot_emails import NotGiven
from bot.core.base import audit, wall_clock
from bot.core.base.period_words import iso_week
from bot.core.reports import nurturing_delivery
from storage.vocabulary import AuditKind


def emails(weeks: int, workspace_id: str | None, *, dry_run: bool) -> None:
    """Fetch the last whole weeks and store what is new. Exit code 1 where HubSpot does not give them, 2 without a
    token."""
    settings, t = startup.settings(), startup.translator()
    if settings.hubspot_token is None:
        typer.echo(t("hubspot_emails.no_token"), err=True)
        raise typer.Exit(USAGE)
    with open_workspace(workspace_id) as opened:
        now, zone = wall_clock.utcnow(), ZoneInfo(opened.workspace.timezone)
        this_week = wall_clock.day_in(opened.workspace.timezone, now)
        first, last = (iso_week(this_week - timedelta(days=7 * ago)) for ago in (weeks, 1))
        try:
            supplied = hubspot_emails.weeks(settings.hubspot_token.get_secret_value(), first, last, zone)
        except NotGiven as error:
            typer.echo(t(f"hubspot_emails.{error.word}", detail=error.detail), err=True)
            raise typer.Exit(REFUSED) from error
        for week in supplied:
            typer.echo(
                t("hubspot_emails.week", week=week.week, **{name: t.number(n or 0) for name, n in week.figures.items()})
            )
        if dry_run:
            typer.echo(t("import.dry_run"))
            return
        with opened.database.transaction() as tx:
            stored = nurturing_delivery.store(tx, opened.workspace.id, supplied, now, file="HubSpot")
            about = {"what": "figures", "stored": stored}
            audit.record(tx, opened.workspace.id, AuditKind.IMPORT, author(), now, "HubSpot", after=about)
    typer.echo(t("import.figures_done", count=stored))
    if left := len(supplied) - stored:
        typer.echo(t("import.figures_unchanged", count=left))
