"""`import figures`: new leads and the e-mails of nurturing, by week and segment, from a file of another system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import typer

from bot.cli.base import startup, tables
from bot.cli.base.author import author
from bot.cli.base.tables import Reading
from bot.cli.base.terminal import REFUSED
from bot.cli.base.workspace import open_workspace
from bot.connectors.tables.cells import Unclear
from bot.connectors.tables.columns import OF_FIGURES, Column, Proposal
from bot.connectors.tables.figure_rows import COUNTED, FigureReader
from bot.core.base import audit, wall_clock
from bot.core.reports import nurturing_delivery
from bot.i18n import Translator
from storage.vocabulary import AuditKind

LISTED = 20


def figures(file: Path, columns: Sequence[str], reading: Reading, workspace_id: str | None, *, dry_run: bool) -> None:
    """Check every row, then store them all; with `dry_run` only check. Exit code 1 where a row is wrong."""
    t = startup.translator()
    reading = replace(reading, columns=tables.pairs(columns, "--column", t))
    table, proposal = tables.opened(file, reading, OF_FIGURES, t)
    _require_whole(proposal, t)
    whole, order = tables.surveyed(table, proposal, reading, t)
    with open_workspace(workspace_id) as opened:
        now = wall_clock.utcnow()
        reader = FigureReader(proposal, ZoneInfo(opened.workspace.timezone), order, now)
        read = reader.read(table)
        tables.say_how(table, proposal, whole, order, t)
        _complain(file, read.problems, t)
        weeks = list(read.weeks.values())
        if read.added_up:
            typer.echo("  " + t("import.figures_added", count=read.added_up, weeks=t.number(len(weeks))))
        if dry_run:
            typer.echo(t("import.figures_would", count=len(weeks)))
            return
        with opened.database.transaction() as tx:
            stored = nurturing_delivery.store(tx, opened.workspace.id, weeks, now, file=file.name)
            about = {"what": "figures", "stored": stored}
            audit.record(tx, opened.workspace.id, AuditKind.IMPORT, author(), now, file.name, after=about)
    typer.echo(t("import.figures_done", count=stored))
    if left := len(weeks) - stored:
        typer.echo(t("import.figures_unchanged", count=left))
    for week in weeks:
        for name in nurturing_delivery.beyond_sent(week.figures):
            typer.echo(t(f"import.figures_odd.{name}", week=week.week, segment=week.segment))


def _require_whole(proposal: Proposal, t: Translator) -> None:
    """Leave with one line where the columns do not say which week, and at least one figure."""
    if Column.WEEK not in proposal.places or not proposal.places.keys() & {*COUNTED}:
        typer.echo(t("import.no_figures_header"), err=True)
        raise typer.Exit(REFUSED)


def _complain(file: Path, problems: Sequence[tuple[int, Unclear]], t: Translator) -> None:
    """Leave with every row that is wrong, where there is one."""
    if not problems:
        return
    for line, problem in problems[:LISTED]:
        sentence = tables.sentence(problem, t)
        typer.echo(t("import.line", file=file.name, line=line, problem=sentence), err=True)
    if (left := len(problems) - LISTED) > 0:
        typer.echo(t("list.more", count=left), err=True)
    typer.echo(t("import.refused"), err=True)
    raise typer.Exit(REFUSED)
