"""What the commands share at the terminal: their exit codes, and a question."""

from __future__ import annotations

import sys

import typer

from bot.i18n import Translator

REFUSED = 1
USAGE = 2


def confirmed(t: Translator, question: str) -> bool:
    """Return whether a person says yes to a question. Exit code 2 where nobody answers."""
    try:
        return typer.confirm(t(question))
    except typer.Abort as error:
        # Ctrl-C, or nobody there: without an answer nothing is written.
        typer.echo(t("config.needs_yes" if not sys.stdin.isatty() else "config.not_applied"), err=True)
        raise typer.Exit(USAGE) from error
