"""`export mqls`: every MQL as a row, for a spreadsheet or a program."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import typer

from bot.cli import spreadsheet
from bot.cli.choices import RowFormat
from bot.cli.workspace import OpenWorkspace, open_workspace
from bot.core.mql import export


def mqls(form: RowFormat, workspace_id: str | None) -> None:
    """Print all MQLs but those that were withdrawn, the oldest first."""
    with open_workspace(workspace_id) as opened:
        if form == RowFormat.CSV:
            # As every row: a Windows terminal's own ends would make "\r\r\n" of it.
            spreadsheet.write(sys.stdout, [export.COLUMNS], ends="\n")
        for rows in _batches(opened):
            if form == RowFormat.CSV:
                spreadsheet.write(sys.stdout, [[row[name] for name in export.COLUMNS] for row in rows], ends="\n")
            else:
                for row in rows:
                    typer.echo(json.dumps(row, ensure_ascii=False))


def _batches(opened: OpenWorkspace) -> Iterator[list[dict[str, Any]]]:
    after = 0
    while True:
        with opened.database.snapshot() as tx:
            after, rows = export.batch(tx, opened.workspace, after)
        if not rows:
            return
        yield rows
