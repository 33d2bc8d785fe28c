from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from io import BytesIO, TextIOWrapper
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from bot.__main__ import app
from bot.cli.help import SECTIONS
from bot.cli.help.commands import write_every_sign
from bot.cli.help.layout import width, wrapped
from bot.cli.help.mistakes import MISTAKES, SEE
from bot.cli.help.words import japanese
from tests.cli.kit import cli

LAYOUT = {"Usage:", "Arguments", "Options", "Commands", "required", "default", *SECTIONS, *MISTAKES.values(), SEE}


def commands(command: Any = None, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command and list of commands, with the words that one types for it."""
    command = command or typer.main.get_command(app)
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*words, name))


def texts() -> set[str]:
    """Everything that is said in English of commands, arguments and options."""
    words = {command.help for _, command in commands()}
    for _, command in commands():
        parameters = command.get_params(typer.Context(command))
        words |= {each.help for each in parameters if not getattr(each, "hidden", False)}
    return words - {None, ""}


def test_every_text_of_the_help_has_its_japanese_and_no_other_has() -> None:
    assert set(japanese()) - texts() - LAYOUT == set()
    assert (texts() | LAYOUT) - set(japanese()) == set()


def test_a_command_without_a_word_of_help_is_none() -> None:
    for words, command in commands():
        assert command.help, words
        assert all(each.help for each in command.params if each.name not in ("threads", "workspace")), words


def test_every_command_stands_in_one_section() -> None:
    names = [name for section in SECTIONS.values() for name in section]
    assert sorted(names) == sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("locale", ["ja_JP.UTF-8", "C.UTF-8"])
def test_a_page_of_the_help_is_whole_and_fits_the_terminal(locale: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", locale)
    for words, command in commands():
        page = cli(*words, "--help").output
        for line in page.splitlines():
            assert width(line) <= 80, line
        assert "..." not in page.replace("[ARGS]...", "").replace("…", "")
        together = "".join(page.split())
        description = japanese()[command.help] if locale.startswith("ja") else command.help
        assert "".join(description.split()) in together
    top = cli("--help").output
    headings = list(SECTIONS) if locale.startswith("C") else [japanese()[title] for title in SECTIONS]
    assert [line[:-1] for line in top.splitlines() if line[:-1] in headings] == headings


def test_japanese_is_broken_where_a_reader_expects_it() -> None:
    assert wrapped("あいう、「かき」", 6) == ["あい", "う、", "「か", "き」"]
    assert wrapped("データベースを SQLite に", 14) == ["データベースを", "SQLite に"]
    assert wrapped("<one|two|three>", 9) == ["<one|two|", "three>"]


def test_every_format_is_asked_for_in_the_same_way() -> None:
    for words, command in commands():
        options = {option: each for each in command.params for option in each.opts}
        assert not {"--json", "--csv", "--output"} & options.keys(), words
        if "--format" in options and words[0] != "export":  # rows are for programs alone
            assert options["--format"].default == "text", words


def test_the_version_is_that_of_the_package() -> None:
    assert cli("--version").output == f"mql-bot {version('mql-bot')}\n"


def test_the_shell_completes_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shell asks the program, by a variable that is called after it."""
    for name, value in (("_MQL_BOT_COMPLETE", "complete_bash"), ("COMP_WORDS", "mql-bot conf"), ("COMP_CWORD", "1")):
        monkeypatch.setenv(name, value)
    assert CliRunner().invoke(app, prog_name="mql-bot").output.split() == ["config"]


WRONG = {
    ("report", "wekly"): ("weekly", "というコマンドはありません"),
    ("frobnicate",): ("frobnicate", "というコマンドはありません"),
    ("doctor", "--frob"): ("--frob", "というオプションはありません"),
    ("report", "weekly", "--format", "xml"): ("text, csv, json", "は指定できません"),
    ("source", "add", "web", "--kind", "frob"): ("hubspot", "は指定できません"),
    ("config", "check"): ("file", "を指定してください"),
    ("doctor", "more"): ("more", "余分な指定があります"),
    ("report", "weekly", "--week"): ("--week", "には値が必要です"),
    ("serve", "--threads", "many"): ("--threads", "数値"),
    ("serve", "--threads", "0"): ("--threads", "1 以上"),
}


@pytest.mark.parametrize("typed", WRONG, ids=" ".join)
def test_a_command_that_was_typed_wrongly_is_told_so_in_ones_language(
    typed: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    named, words = WRONG[typed]
    for locale in ("ja_JP.UTF-8", "C.UTF-8"):
        monkeypatch.setenv("LANG", locale)
        done = cli(*typed)
        assert (done.exit_code, done.stdout) == (2, "")
        assert named in done.stderr
        assert (words in done.stderr, "Value error" in done.stderr) == (locale.startswith("ja"), False)
        assert "Usage:" not in done.stderr or locale.startswith("C")


def test_whoever_types_no_command_reads_the_help() -> None:
    assert "weekly" in cli("report").output


@pytest.mark.parametrize(("encoding", "written"), [("cp932", b"? \x82\xa0"), (None, "✓ あ".encode())])
def test_a_sign_that_an_encoding_lacks_ends_no_command(
    encoding: str | None, written: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    if encoding:
        monkeypatch.setenv("PYTHONIOENCODING", encoding)
    else:
        monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    kept = BytesIO()
    stream = TextIOWrapper(kept, encoding="cp932")
    write_every_sign(stream)
    stream.write("✓ あ")
    stream.flush()
    assert kept.getvalue() == written
