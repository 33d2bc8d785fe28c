"""`resend`: another try for what Slack or the webhook refused for good, once the cause is mended."""

from __future__ import annotations

import typer

from bot.cli.base import startup
from bot.cli.base.author import author
from bot.cli.base.workspace import open_workspace
from bot.core.base import audit, wall_clock
from storage import outbound, undelivered
from storage.vocabulary import AuditKind


def resend(workspace_id: str | None, *, dry_run: bool) -> None:
    """Queue the refused messages of a workspace, and what its webhook did not take, again and say how many; with
    `dry_run` only count them."""
    t = startup.translator()
    with open_workspace(workspace_id) as opened:
        workspace = opened.workspace
        if dry_run:
            with opened.database.snapshot() as tx:
                count = undelivered.revivable(tx, workspace.id)
                events, _ = outbound.dead(tx, workspace.id)
        else:
            with opened.database.transaction() as tx:
                count = undelivered.revive(tx, workspace.id, wall_clock.utcnow())
                events = outbound.revive(tx, workspace.id, wall_clock.utcnow())
                if count or events:
                    counts = {"messages": count, "webhook": events}
                    audit.record(tx, workspace.id, AuditKind.RESEND, author(), wall_clock.utcnow(), after=counts)
    act = "would" if dry_run else "done"
    if count or not events:
        typer.echo(t(f"resend.{act}", count=count) if count else t("resend.nothing"))
    if events:
        typer.echo(t(f"outbound.resend.{act}", count=events))
