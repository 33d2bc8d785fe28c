"""`import outcomes`: which opportunities were won or lost, from a file of another system."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import typer

from bot.cli import startup
from bot.cli.config import REFUSED, USAGE
from bot.cli.workspace import open_workspace
from bot.core.base import wall_clock
from bot.core.mql import deal_file
from bot.core.mql.deal_file import Read
from bot.i18n import Translator


def outcomes(file: Path, workspace_id: str | None, *, dry_run: bool) -> None:
    """Check every line, then record them all; with `dry_run` only check. Exit code 1 where a line is wrong."""
    t, stored = startup.translator(), 0
    text = _text_of(file, t)
    with open_workspace(workspace_id) as opened, opened.database.transaction() as tx:
        now = wall_clock.utcnow()
        read = deal_file.read(tx, opened.workspace, text, now)
        if not read.problems and not dry_run:
            stored = deal_file.store(tx, opened.workspace, read.deals, now)
    if read.problems:
        _complain(t, file, read)
        raise typer.Exit(REFUSED)
    if dry_run:
        typer.echo(t("import.would", count=len(read.deals)))
        return
    typer.echo(t("import.done", count=stored))
    if left := len(read.deals) - stored:
        typer.echo(t("import.unchanged", count=left))


def _text_of(file: Path, t: Translator) -> str:
    """Return what a file says, in UTF-8 or as a Japanese Excel saves CSV. Leaves with one line where it cannot be
    read."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        typer.echo(t("import.no_such_file", file=file, reason=error.strerror), err=True)
        raise typer.Exit(USAGE) from error
    for encoding in ("utf-8-sig", "cp932"):
        with suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    typer.echo(t("import.encoding", file=file), err=True)
    raise typer.Exit(REFUSED)


def _complain(t: Translator, file: Path, read: Read) -> None:
    for problem in sorted(read.problems, key=lambda problem: problem.line):
        sentence = t(f"import.{problem.word}", given=problem.given[:80])
        typer.echo(t("import.line", file=file.name, line=problem.line, problem=sentence), err=True)
    typer.echo(t("import.refused"), err=True)
