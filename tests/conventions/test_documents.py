from __future__ import annotations

import re
import shlex
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import typer
import yaml
from dotenv import dotenv_values
from prometheus_client.parser import text_string_to_metric_families

from bot.__main__ import app
from bot.core.mql.lead import Lead
from bot.metrics import Metrics
from bot.settings import Settings, load
from bot.slack.listeners.commands import SUBCOMMANDS, help_lines
from storage import heartbeats
from storage.database import Database

ROOT = Path(__file__).parents[2]
READMES = ["README.md", "README.ja.md"]
MOST_LINES = 200
"""Of a README: what it is, how to try it, how to install it, and where to read on."""
SOURCES, COMMANDS, PRODUCTION = (
    [f"docs/{name}.md", f"docs/{name}.ja.md"] for name in ("sources", "commands", "production")
)
SETTINGS = [name.upper() for name in Settings.model_fields]
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if path.name != "CHANGELOG.md" and "adr" not in path.parts
)
CODE = re.compile(r"^```[^\n]*\n(.*?)^```|`([^`\n]+)`", re.DOTALL | re.MULTILINE)
# Words of a shell that may stand before a command, and what may stand in the place of a value.
COMMAND = re.compile(r"(?:^|[\s;&|(/])(?:mql-bot|python -m bot)((?: +[^\n]+)?)$", re.MULTILINE)
MAKE = re.compile(r"(?:^|[\s;&|(])make ([a-z]+)", re.MULTILINE)


def code_of(document: str) -> str:
    """The code blocks and inline code of a document, a line each; comments are left out."""
    text = (ROOT / document).read_text(encoding="utf-8")
    pieces = (block or inline for block, inline in CODE.findall(text))
    return re.sub(r"\s#.*", "", "\n".join(pieces))


@pytest.mark.parametrize("document", [*READMES, ".env.example", "Makefile"])
def test_a_document_that_others_rely_on_is_there(document: str) -> None:
    assert (ROOT / document).is_file()


@pytest.mark.parametrize("readme", READMES)
def test_a_readme_is_short(readme: str) -> None:
    assert len((ROOT / readme).read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("document", PRODUCTION)
def test_every_setting_is_in_the_table_of_variables(document: str) -> None:
    table = re.findall(r"^\| `(\w+)` \|", (ROOT / document).read_text(encoding="utf-8"), re.MULTILINE)
    assert set(SETTINGS) - set(table) == set()


def test_the_example_environment_lists_every_setting_and_no_other() -> None:
    assert sorted(dotenv_values(ROOT / ".env.example")) == sorted(SETTINGS)


def test_the_example_environment_is_a_good_one_and_holds_the_defaults() -> None:
    assert load(ROOT / ".env.example") == load(None)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_that_a_document_names_exists(document: str) -> None:
    for words in commands_of(document):
        assert exists(words), f"mql-bot {' '.join(words)}"


def test_the_documents_name_commands() -> None:
    for document in (*READMES, "docs/install.md", "docs/install.ja.md", *COMMANDS):
        assert commands_of(document)


def commands_of(document: str) -> list[list[str]]:
    """The words after each mql-bot of a document's code, up to where a shell ends a command."""
    return [words_of(rest) for rest in COMMAND.findall(code_of(document))]


def words_of(rest: str) -> list[str]:
    """The words of a command in the rest of its line, which may be that of a sentence or of YAML."""
    lexer = shlex.shlex(rest, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    with suppress(ValueError):  # a quotation mark of the sentence around it
        for word in lexer:
            if set(word) <= set("();<>|&"):
                break
            words.append(word.rstrip(",."))
            if word.endswith((",", ".")):
                break
    return words


@pytest.mark.parametrize("readme", COMMANDS)
def test_the_table_of_what_can_be_typed_in_slack_is_what_the_help_says(readme: str) -> None:
    table = re.findall(r"^\| (`/mql.*?) \|", (ROOT / readme).read_text(encoding="utf-8"), re.MULTILINE)
    typed = {example for row in table for example in re.findall(r"`([^`]+)`", row)}
    examples = {example for example, _ in help_lines()}
    assert examples - typed == set()
    known = {f"/mql {word}" for word in SUBCOMMANDS} | {"/mql-feedback"}
    assert {example for example in typed if not any(example.startswith(command) for command in known)} == set()


@pytest.mark.parametrize("readme", SOURCES)
def test_the_table_of_what_a_webhook_may_send_names_every_field_of_a_lead(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    (table,) = (table for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE) if "| `crm_url` |" in table)
    assert set(re.findall(r"`(\w+)`", table)) == set(Lead.model_fields)


def test_the_description_of_the_webhook_has_every_field_of_a_lead() -> None:
    described = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8"))
    assert described["components"]["schemas"]["Lead"]["properties"].keys() == Lead.model_fields.keys()


@pytest.mark.parametrize("readme", READMES)
def test_every_make_target_in_the_readme_exists(readme: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = set(MAKE.findall(code_of(readme)))
    assert {"run", "test"} <= named <= targets


def test_the_processes_of_the_procfile_exist() -> None:
    for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines():
        _, command = line.split(":", 1)
        program, *words = command.split()
        assert program == "mql-bot"
        assert exists(words), line


commands_made = cache(typer.main.get_command)
"""Makes the commands, which takes a tenth of a second."""


def exists(words: list[str]) -> bool:
    """Whether the command line knows these words: subcommands first, then options of the command."""
    command = commands_made(app)
    words = list(words)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]  # type: ignore[attr-defined]
    options = {option for parameter in command.params for option in parameter.opts}
    named = {word.partition("=")[0] for word in words if word.startswith("-")}
    arguments = [word for word in words if not word.startswith("-")]
    if arguments and hasattr(command, "commands"):
        return False  # a subcommand that is none
    return named <= options | {"--help"}


def test_nothing_but_the_settings_and_the_language_reads_the_environment() -> None:
    readers = {
        file.relative_to(ROOT).as_posix()
        for package in ("bot", "storage", "playground")
        for file in (ROOT / package).rglob("*.py")
        # What is written there is for a library that reads it.
        if re.search(r"\bos\.environ(?!\[\w+\] = )|\bgetenv\(", file.read_text(encoding="utf-8"))
    }
    assert readers == {"bot/machine_language.py"}


def test_every_metric_is_documented_and_every_documented_one_exists(database: Database) -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    with database.transaction() as tx:
        heartbeats.beat(tx, "T1", "here:1", "0.1.0", now, now)
    families = list(text_string_to_metric_families(Metrics().text(database, "T1", now).decode()))
    # The library adds to a histogram when it was made.
    known = [family for family in families if not family.name.endswith("_created")]
    exposed = {family.name + ("_total" if family.type == "counter" else "") for family in known}
    named = set(re.findall(r"mqlbot_[a-z_]+", (ROOT / "docs/operations.md").read_text(encoding="utf-8")))
    assert {name.removesuffix("_bucket") for name in named} == exposed


def test_the_alert_rules_are_yaml_with_an_expression_each() -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    scrape, rules = (
        yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    )
    assert scrape["scrape_configs"][0]["job_name"] == "mql-bot"
    assert all(rule["expr"] and rule["annotations"]["summary"] for rule in rules["groups"][0]["rules"])
