"""`export mqls`: every MQL as a row, for a spreadsheet or a program."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import typer

from bot.cli.base import spreadsheet
from bot.cli.base.author import author
from bot.cli.base.choices import RowFormat
from bot.cli.base.workspace import OpenWorkspace, open_workspace
from bot.core.base import audit, wall_clock
from bot.core.mql import export
from bot.i18n import Translator
from storage.vocabulary import AuditKind, Locale


def mqls(form: RowFormat, language: Locale, workspace_id: str | None) -> None:
    """Print all MQLs but those that were withdrawn, the oldest first. `language`: of the names of the columns."""
    with open_workspace(workspace_id) as opened:
        t = Translator(language, opened.workspace.timezone)
        header = {name: t(f"export.column.{name}") for name in export.COLUMNS}
        if form == RowFormat.CSV:
            # As every row: a Windows terminal's own ends would make "\r\r\n" of it.
            spreadsheet.write(sys.stdout, [header.values()], ends="\n")
        with opened.database.transaction() as tx:
            audit.record(tx, opened.workspace.id, AuditKind.EXPORT, author(), wall_clock.utcnow(), "mqls")
        for rows in _batches(opened):
            if form == RowFormat.CSV:
                spreadsheet.write(sys.stdout, [[row[name] for name in export.COLUMNS] for row in rows], ends="\n")
            else:
                for row in rows:
                    typer.echo(json.dumps({header[name]: value for name, value in row.items()}, ensure_ascii=False))


def _batches(opened: OpenWorkspace) -> Iterator[list[dict[str, Any]]]:
    after = 0
    while True:
        with opened.database.snapshot() as tx:
            after, rows = export.batch(tx, opened.workspace, after)
        if not rows:
            return
        yield rows
