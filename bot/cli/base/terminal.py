"""What the commands share at the terminal: their exit codes, and a question."""

from __future__ import annotations

import errno
import sys

import typer

from bot.i18n import Translator

REFUSED = 1
USAGE = 2
SYSTEM = {
    errno.ENOENT: "missing",
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.EISDIR: "is_folder",
    errno.ENOTDIR: "no_folder",
    errno.ENOSPC: "full",
    errno.EROFS: "read_only",
}
"""What a system says most of files, each part of a catalogue key."""


def reason_of(t: Translator, error: OSError) -> str:
    """Return why a file could not be read or written, in the reader's language; what is rare as the system says it."""
    known = SYSTEM.get(error.errno or 0)
    return t(f"system.{known}") if known else error.strerror or str(error)


def confirmed(t: Translator, question: str) -> bool:
    """Return whether a person says yes to a question. Exit code 2 where nobody answers."""
    try:
        return typer.confirm(t(question))
    except typer.Abort as error:
        # Ctrl-C, or nobody there: without an answer nothing is written.
        typer.echo(t("config.needs_yes" if not sys.stdin.isatty() else "config.not_applied"), err=True)
        raise typer.Exit(USAGE) from error
