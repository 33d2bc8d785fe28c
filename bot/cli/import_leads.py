"""`import leads`: leads of a file are handed to sales now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import typer

from bot.cli import startup, tables
from bot.cli.tables import BadRows, ProgressLine, Reading
from bot.cli.terminal import REFUSED, confirmed
from bot.cli.workspace import OpenWorkspace, open_workspace
from bot.connectors.tables.cells import Unclear
from bot.connectors.tables.columns import OF_LEAD, Proposal
from bot.connectors.tables.history_file import bad_rows_beside
from bot.connectors.tables.lead_rows import lead_of
from bot.connectors.tables.table import Row, Table
from bot.core.base import wall_clock
from bot.core.mql import lead_import
from bot.core.mql.lead import Lead
from bot.i18n import Translator
from storage import imports
from storage.vocabulary import ImportKind, ImportState


@dataclass
class _Checked:
    """What a file comes to, before anything is handed over."""

    new: int = 0
    joined: int = 0
    known: int = 0
    bad: int = 0
    keys: set[str] = field(default_factory=set)


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
            checked = _check(opened, table, proposal, bad)
        for name in ("new", "joined", "known", "bad"):
            if (count := getattr(checked, name)) or name == "new":
                typer.echo("  " + t(f"import.leads.{name}", count=count, shown=t.number(count), file=place))
        if _agreed(checked, t, yes=yes, dry_run=dry_run):
            _hand_over(opened, table, proposal, surveyed.rows, t)
    if checked.bad:
        raise typer.Exit(REFUSED)


def _agreed(checked: _Checked, t: Translator, *, yes: bool, dry_run: bool) -> bool:
    if dry_run:
        typer.echo(t("import.dry_run"))
        return False
    if not checked.new + checked.joined:
        typer.echo(t("import.nothing"))
        return False
    agreed = yes or confirmed(t, "import.ask_leads")
    if not agreed:
        typer.echo(t("config.not_applied"))
    return agreed


def _check(opened: OpenWorkspace, table: Table, proposal: Proposal, bad: BadRows) -> _Checked:
    checked, workspace_id = _Checked(), opened.workspace.id
    for row, lead in _leads(table, proposal):
        if isinstance(lead, Unclear):
            bad.add(row, lead)
            checked.bad += 1
            continue
        key = lead_import.key_of(lead)
        with opened.database.snapshot() as tx:
            if key in checked.keys or lead_import.is_known(tx, workspace_id, lead):
                checked.known += 1
            elif lead_import.is_with_sales(tx, opened.workspace, lead, wall_clock.utcnow()):
                checked.joined += 1
            else:
                checked.new += 1
        checked.keys.add(key)
    return checked


def _leads(table: Table, proposal: Proposal) -> Iterator[tuple[Row, Lead | Unclear]]:
    for row in table.rows():
        try:
            if row.bad:
                raise Unclear("bad_row", "")
            yield row, lead_of(proposal, row.cells)
        except Unclear as unclear:
            yield row, unclear


def _hand_over(opened: OpenWorkspace, table: Table, proposal: Proposal, rows: int, t: Translator) -> None:
    """Hand the leads over, each in a transaction of its own: what was interrupted goes on, because each is known."""
    database, workspace_id = opened.database, opened.workspace.id
    digest = hashlib.sha256(table.file.read_bytes()).hexdigest()
    with database.transaction() as tx:
        name, now = table.file.name, wall_clock.utcnow()
        before = imports.running(tx, workspace_id, digest)
        import_id = before.id if before else imports.start(tx, workspace_id, ImportKind.LEADS, digest, name, now)
    line, added = ProgressLine(t, rows), 0
    for position, (_, lead) in enumerate(_leads(table, proposal), start=1):
        if isinstance(lead, Lead):
            with database.transaction() as tx:
                received = lead_import.hand_over(tx, workspace_id, import_id, lead, wall_clock.utcnow())
                new = received is not None
                imports.advance(tx, workspace_id, import_id, position, int(new), 0)
            added += new
        line.show(position)
    line.end()
    with database.transaction() as tx:
        imports.close(tx, workspace_id, import_id, ImportState.DONE, wall_clock.utcnow())
    typer.echo(t("import.leads_done", number=import_id, count=added, shown=t.number(added)))
