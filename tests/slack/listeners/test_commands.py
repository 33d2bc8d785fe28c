"""What can be typed after /mql stands in one table."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.listeners.base.command import Answer, CommandContext, HelpLine, Subcommand
from bot.slack.listeners.commands import SUBCOMMANDS, help_lines

STORIES = Path(__file__).parents[2] / "scenarios"


def answer(_: CommandContext) -> Answer:
    return Reply.BACK


def test_a_subcommand_without_a_line_of_help_fails_when_it_is_declared() -> None:
    for lines in ((), (HelpLine("/mql list", "help.list"),)):
        with pytest.raises(ValueError, match="/mql snooze has no line of help"):
            Subcommand("snooze", answer, lines)


def test_a_word_is_declared_once_and_the_help_names_each() -> None:
    words = [example.split()[1] for example, _ in help_lines() if example.startswith("/mql ")]
    assert list(dict.fromkeys(words)) == list(SUBCOMMANDS)
    assert words[-1] == "help"


def test_each_word_is_typed_in_a_story() -> None:
    stories = " ".join(path.read_text(encoding="utf-8") for path in STORIES.glob("*.py"))
    assert [word for word in SUBCOMMANDS if f'types("/mql {word}' not in stories.replace('f"', '"')] == []
