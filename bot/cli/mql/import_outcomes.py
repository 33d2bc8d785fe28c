"""`import outcomes`: which opportunities were won or lost, from a file of another system."""

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
from bot.connectors.tables.columns import OF_DEAL, Column, Proposal
from bot.connectors.tables.deal_rows import DealReader
from bot.core.base import audit, wall_clock
from bot.core.mql import deal_file
from bot.core.mql.deal_file import Read
from bot.i18n import Translator
from storage.vocabulary import AuditKind


def outcomes(file: Path, columns: Sequence[str], reading: Reading, workspace_id: str | None, *, dry_run: bool) -> None:
    """Check every line, then record them all; with `dry_run` only check. Exit code 1 where a line is wrong."""
    t, stored = startup.translator(), 0
    reading = replace(reading, columns=tables.pairs(columns, "--column", t))
    table, proposal = tables.opened(file, reading, OF_DEAL, t)
    _require_whole(proposal, t)
    _, order = tables.surveyed(table, proposal, reading, t)
    with open_workspace(workspace_id) as opened, opened.database.transaction() as tx:
        now = wall_clock.utcnow()
        rows = DealReader(proposal, ZoneInfo(opened.workspace.timezone), order).read(table)
        read = deal_file.read(tx, opened.workspace, rows, now)
        if not read.problems and not dry_run:
            stored = deal_file.store(tx, opened.workspace, read.deals, now)
            about = {"what": "outcomes", "stored": stored}
            audit.record(tx, opened.workspace.id, AuditKind.IMPORT, author(), now, file.name, after=about)
    if read.problems:
        _complain(t, file, read)
        raise typer.Exit(REFUSED)
    if read.under_way:
        typer.echo(t("import.under_way", count=read.under_way))
    if dry_run:
        typer.echo(t("import.would", count=len(read.deals)))
        return
    typer.echo(t("import.done", count=stored))
    if left := len(read.deals) - stored:
        typer.echo(t("import.unchanged", count=left))


def _require_whole(proposal: Proposal, t: Translator) -> None:
    """Leave with one line where the columns do not say which MQL, what came of it, and when."""
    needed = proposal.places.keys() >= {Column.DEAL, Column.DEAL_DATE}
    if not needed or not proposal.places.keys() & {Column.NUMBER, Column.EXTERNAL_ID}:
        typer.echo(t("import.no_header"), err=True)
        raise typer.Exit(REFUSED)


def _complain(t: Translator, file: Path, read: Read) -> None:
    for problem in sorted(read.problems, key=lambda problem: problem.line):
        sentence = t(f"import.{problem.word}", given=problem.given[:80])
        typer.echo(t("import.line", file=file.name, line=problem.line, problem=sentence), err=True)
    typer.echo(t("import.refused"), err=True)
