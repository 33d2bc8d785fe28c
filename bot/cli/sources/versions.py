"""`source show --versions` and `source map --back-to`: what a source's mapping was, who changed it, and back again."""

from __future__ import annotations

import typer

from bot.cli.base import startup
from bot.cli.base.author import author
from bot.cli.base.choices import Form
from bot.cli.base.connections import opened, refuse
from bot.cli.base.report_common import echo_json
from bot.cli.sources.commands import find
from bot.connectors.sources import corrections
from bot.core.base import wall_clock
from bot.i18n import Translator
from bot.slack.blocks.sources.sources import edited_by
from storage import members, sources


def show(name: str, workspace_id: str | None, form: Form) -> None:
    """Print every version of a mapping, the newest first: who stored it and when, and what it changed."""
    t = startup.translator()
    with opened(workspace_id) as (open_, _, _vault):
        source = find(open_, name)
        with open_.database.snapshot() as tx:
            versions = sources.mappings(tx, source.workspace_id, source.id)
            names = {each.user_id: each.name or "" for each in members.roster(tx, source.workspace_id)}
        local = Translator(t.locale, open_.workspace.timezone)
    if form == Form.JSON:
        echo_json([each.model_dump(mode="json", include={"version", "by", "at", "fields"}) for each in versions[::-1]])
        return
    if not versions:
        typer.echo(local("source.versions.none"))
    for edition in corrections.editions(versions):
        who = edited_by(edition, names, local)
        typer.echo(local("source.versions.line", version=edition.version, at=local.moment(edition.at), who=who))
        for path, field in edition.changed.items():
            now = local(f"teach.field.{field}") if field else "–"
            typer.echo(local("source.versions.changed", path=path, field=now))


def go_back(name: str, workspace_id: str | None, version: int) -> None:
    """Store an earlier version of a mapping again, as the newest one. Exit code 2 where there is no such version."""
    t = startup.translator()
    with opened(workspace_id) as (open_, _, _vault):
        source = find(open_, name)
        with open_.database.transaction() as tx:
            stored = corrections.go_back(tx, source, version, author(), wall_clock.utcnow())
    if stored is None:
        refuse(t, "source.versions.unknown", version=version, name=name)
    typer.echo(t("source.versions.back", version=version, stored=stored, name=name))
