"""`import leads`: leads of a file are handed to sales now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import typer

from bot.cli.base import startup, tables
from bot.cli.base.author import author
from bot.cli.base.tables import ProgressLine, Reading
from bot.cli.base.terminal import REFUSED, confirmed
from bot.cli.base.workspace import open_workspace
from bot.connectors.tables.columns import OF_LEAD
from bot.connectors.tables.history_file import bad_rows_beside
from bot.connectors.tables.leads_file import CheckedLeads, LeadsFile
from bot.core.base import audit, wall_clock
from bot.i18n import Translator
from storage.vocabulary import AuditKind


def leads(
    file: Path, columns: Sequence[str], reading: Reading, workspace_id: str | None, *, yes: bool, dry_run: bool
) -> None:
    """Say how a file is read and what it comes to, ask, and hand its leads to sales, one after the other. Exit code 1
    where rows cannot be imported, 2 where nobody answers or it cannot be read."""
    t = startup.translator()
    reading = replace(reading, columns=tables.pairs(columns, "--column", t))
    table, proposal = tables.opened(file, reading, OF_LEAD, t)
    surveyed, order = tables.surveyed(table, proposal, reading, t)
    tables.say_how(table, proposal, surveyed, order, t)
    place = reading.bad_rows or bad_rows_beside(file)
    with open_workspace(workspace_id) as opened:
        with tables.bad_rows(place, table.columns, t) as bad:
            leads_file = LeadsFile(table, proposal, opened.database, opened.workspace)
            checked = leads_file.check(lambda wrong: bad.add(wrong.row, wrong.problem), wall_clock.utcnow())
        for name in ("new", "joined", "known", "bad"):
            if (count := getattr(checked, name)) or name == "new":
                typer.echo("  " + t(f"import.leads.{name}", count=count, shown=t.number(count), file=place))
        if _agreed(checked, t, yes=yes, dry_run=dry_run):
            with opened.database.transaction() as tx:
                who, now, about = author(), wall_clock.utcnow(), {"what": "leads", "new": checked.new}
                audit.record(tx, opened.workspace.id, AuditKind.IMPORT, who, now, file.name, after=about)
            _hand_over(leads_file, surveyed.rows, t)
    if checked.bad:
        raise typer.Exit(REFUSED)


def _agreed(checked: CheckedLeads, t: Translator, *, yes: bool, dry_run: bool) -> bool:
    if dry_run:
        typer.echo(t("import.dry_run"))
        return False
    if not checked.news:
        typer.echo(t("import.nothing"))
        return False
    agreed = yes or confirmed(t, "import.ask_leads")
    if not agreed:
        typer.echo(t("config.not_applied"))
    return agreed


def _hand_over(leads_file: LeadsFile, rows: int, t: Translator) -> None:
    line, progress = ProgressLine(t, rows), None
    for progress in leads_file.store(wall_clock.utcnow):
        line.show(progress.position)
    line.end()
    if progress is not None:
        counts = {"count": progress.added, "shown": t.number(progress.added)}
        typer.echo(t("import.leads_done", number=progress.import_id, **counts))
