"""What is wrong with a command that somebody typed, in the machine's language. Typer words it in English alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

import typer

from bot.cli.help.words import worded
from bot.machine_language import machine_locale

# Of Click's, or of the Click that newer versions of Typer bring: only what derives from it has a public name.
UsageError: Any = typer.BadParameter.__mro__[1]

# What Typer says, and our words for it. What is in none is told as Typer words it.
MISTAKES: Mapping[str, str] = {
    r"No such command '(.*)'\. Did you mean '(.*)'\?": "There is no command {0}. Did you mean {1}?",
    r"No such command '(.*)'\.": "There is no command {0}.",
    r"No such option: (\S+).*": "There is no option {0}.",
    r"Missing (?:argument|option) '(.*)'\..*": "{0} is missing.",
    r"Invalid value for '(.*)': (?:Value error, )?'(.*)' is not one of (.*)\.": "{0} cannot be {1}. Choose one of: {2}",
    r"Invalid value for '(.*)': Input should be a valid (?:integer|number),.*": "{0} has to be a number.",
    r"Invalid value for '(.*)': Input should be greater than or equal to (.*)": "{0} has to be at least {1}.",
    r"Invalid value for '(.*)': Input should be less than or equal to (.*)": "{0} has to be at most {1}.",
    r"Option '(.*)' requires an argument\.": "{0} needs a value.",
    r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)": "More was given than the command takes: {0}",
}
SEE = "All that the command takes: {0}"


class Mistake(UsageError):  # type: ignore[misc]  # it has a public name in no version of Typer
    """A mistake of whoever typed a command, in their language. Exit code 2."""

    def __init__(self, error: Any) -> None:
        super().__init__(_message(error.format_message()), error.ctx)

    def show(self, file: IO[Any] | None = None) -> None:
        """Print how the command is used, what is wrong, and where all of it is told."""
        lines = [self.format_message()]
        if self.ctx is not None:
            pieces = " ".join(self.ctx.command.collect_usage_pieces(self.ctx))
            usage = f"{worded('Usage:', machine_locale())} {self.ctx.command_path} {pieces}"
            lines = [usage, *lines, _filled(SEE, f"{self.ctx.command_path} --help")]
        for line in lines:
            typer.echo(line, file=file, err=True)


@contextmanager
def worded_mistakes() -> Iterator[None]:
    """Turn what Typer says of a command into a Mistake. A page of help for who types no command stays one."""
    try:
        yield
    except UsageError as error:
        if isinstance(error, Mistake) or type(error).__name__ == "NoArgsIsHelpError":
            raise
        raise Mistake(error) from error


def _message(english: str) -> str:
    for pattern, ours in MISTAKES.items():
        if match := re.fullmatch(pattern, english, re.DOTALL):
            return _filled(ours, *(part.replace("', '", ", ").strip("'") for part in match.groups()))
    return english


def _filled(words: str, *values: str) -> str:
    return worded(words, machine_locale()).format(*values)
