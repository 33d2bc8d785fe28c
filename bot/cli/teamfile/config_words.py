"""What the command line says about team files, in the reader's language."""

from __future__ import annotations

from bot.core.teamfile import BadFile
from bot.i18n import Translator
from bot.slack.blocks.teamfile.changes import change, deadlines
from bot.slack.blocks.teamfile.problems import problem

__all__ = ["change", "deadlines", "problem", "refusal"]


def refusal(t: Translator, file: str, bad: BadFile) -> str:
    """Return every problem of a refused file, one a line."""
    head = t("config.refused", file=file, count=len(bad.problems))
    return "\n".join([head, *("  " + problem(t, issue) for issue in bad.problems)])
