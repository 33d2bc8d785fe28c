"""The commands with their help: which stand together, and how a page of it looks."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import TextIOWrapper
from typing import IO, Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from bot.cli.help.layout import definitions, wrapped
from bot.cli.help.mistakes import worded_mistakes
from bot.cli.help.words import worded
from bot.machine_language import machine_locale, names_encoding

# In the order in which somebody needs them. A command that is in none stands last.
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Set up": ("manifest", "init", "config", "source", "crm", "migrate", "doctor"),
    "Daily": ("run", "serve", "worker", "report", "simulate", "route", "fairness", "resend"),
    "Data": ("import", "export", "erase", "audit", "backup", "restore", "copy-database"),
}
NARROWEST, WIDEST = 50, 80
Function = TypeVar("Function", bound=Callable[..., Any])


class Commands(typer.Typer):
    """A list of commands whose help is ours."""

    def __init__(self, **options: Any) -> None:
        super().__init__(cls=_Group, no_args_is_help=True, **options)

    def command(self, name: str | None = None, **options: Any) -> Callable[[Function], Function]:
        """Add a command, as Typer does."""
        return super().command(name, cls=_Command, **options)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Run what was typed."""
        write_every_sign(sys.stdout)
        return super().__call__(*arguments, **options)


def write_every_sign(stream: IO[str]) -> None:
    """Let a stream take every sign: a terminal whose encoding lacks one shows "?" for it, and a file or a pipe gets
    UTF-8, in which nothing is lost, unless PYTHONIOENCODING names another encoding."""
    if not isinstance(stream, TextIOWrapper):
        return
    if stream.isatty() or names_encoding():
        stream.reconfigure(errors="replace")
    else:
        stream.reconfigure(encoding="utf-8")


class _Command(TyperCommand):
    def get_help(self, ctx: Any) -> str:
        """Return the page of this command."""
        return _page(self, ctx, {})


class _Group(TyperGroup):
    def get_help(self, ctx: Any) -> str:
        """Return the page of this list: at the top by section, below as it is."""
        sections = SECTIONS if ctx.parent is None else {}
        grouped = {name for names in sections.values() for name in names}
        rest = tuple(name for name in self.list_commands(ctx) if name not in grouped)
        return _page(self, ctx, {**sections, "Commands": rest})

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """Read the options of all commands."""
        with worded_mistakes():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: Any) -> Any:
        """Read what was typed for a command of this list, and run it."""
        with worded_mistakes():
            return super().invoke(ctx)


def _page(command: Any, ctx: Any, sections: Mapping[str, Iterable[str]]) -> str:
    columns = max(NARROWEST, min(WIDEST, shutil.get_terminal_size().columns))
    usage = f"{_words('Usage:')} {ctx.command_path} {' '.join(command.collect_usage_pieces(ctx))}"
    lines = [usage, "", *("  " + line for line in wrapped(_words(command.help or ""), columns - 2))]
    for title, entries in (*_parameters(command, ctx), *_listed(command, sections)):
        if entries:
            lines += ["", f"{_words(title)}:", *definitions(entries, columns)]
    return "\n".join(lines)


def _parameters(command: Any, ctx: Any) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the arguments and the options, each with what is said of it."""
    for title, kind in (("Arguments", "argument"), ("Options", "option")):
        parameters = [each for each in command.get_params(ctx) if each.param_type_name == kind]
        records = [(each.help or "", each.get_help_record(ctx)) for each in parameters]
        yield title, [(record[0], _meaning(words, record[1])) for words, record in records if record is not None]


def _listed(command: Any, sections: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for title, names in sections.items():
        known = ((name, command.commands.get(name)) for name in names)
        yield title, [(name, _words(each.help or "")) for name, each in known if each is not None and not each.hidden]


def _meaning(words: str, whole: str) -> str:
    """Return what a parameter means: its words, and what Typer adds in brackets."""
    added = re.sub(r"\b(?:required|default)\b", lambda word: _words(word[0]), whole.removeprefix(words))
    return _words(words) + added


def _words(english: str) -> str:
    return worded(english, machine_locale())
