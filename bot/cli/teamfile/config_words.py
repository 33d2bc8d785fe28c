"""What the command line says about team files, in the reader's language."""

from __future__ import annotations

from dataclasses import replace

from bot.core.teamfile import BadFile, Change, Problem
from bot.i18n import Translator
from bot.slack.blocks.settings import file_words
from bot.slack.blocks.teamfile import changes, problems
from bot.slack.blocks.teamfile.changes import deadlines

__all__ = ["change", "deadlines", "problem", "refusal"]


def change(t: Translator, difference: Change) -> str:
    """Return one line of the difference, its key and values in the words of the settings."""
    return changes.change(t, replace(difference, values=file_words.worded(t, difference.code, difference.values)))


def problem(t: Translator, issue: Problem) -> str:
    """Return one problem: where, with what the settings call the key, what is wrong, and what to do."""
    return problems.problem(t, issue, file_words.label_in_file(t, issue.field, issue.path))


def refusal(t: Translator, file: str, bad: BadFile) -> str:
    """Return every problem of a refused file, one a line."""
    head = t("config.refused", file=file, count=len(bad.problems))
    return "\n".join([head, *("  " + problem(t, issue) for issue in bad.problems)])
