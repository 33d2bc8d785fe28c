"""Every command of the documents, run as it stands there on the sample company's twelve weeks, one document after the
other. The Japanese page of each gives the same commands."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli.sample import stored
from bot.cli.sample.team import BEGINS, sample_team
from bot.connectors.sources.vault import new_key
from bot.core.base import wall_clock
from playground import Playground
from storage import migrate
from storage.database import Database
from storage.vocabulary import Locale
from tests.cli.kit import ROOT, cli

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "sources").glob("*.md")]
    if not path.name.endswith(".ja.md")
)
BLOCK = re.compile(r"^[ \t]*```sh\n(.*?)^[ \t]*```", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"(?:^|&& |; )\s*(?:docker compose exec bot )?(?:[\w./-]*/)?mql-bot (.+?)(?= && | \| |;|$)")
ELSEWHERE = {
    "run": "test_run, test_playground",
    "serve": "test_run",
    "worker": "test_run",
    "init": "test_init",
    "crm connect": "test_crm, test_crm_others",
    "copy-database": "test_copy_database",
    "restore": "test_backup",
    "--install-completion": "test_help",
    "import hubspot-emails": "test_import_hubspot_emails",
    "import crm-emails": "test_import_crm_emails",
}
"""What lasts, asks, needs PostgreSQL or a CRM, or changes the terminal, and the tests that run it."""
NOTHING_YET = ("doctor", "source map", "source read-again", "source show")
"""What ends with a sentence where no bot runs yet and nothing has come from a tool."""
OWN_TEST = {"docs/sources/history.md": "test_history_page"}
LEFT_OUT = re.compile(r"[A-Z]{3,}|…|<")
"""What stands for something of the reader's own."""


def commands_of(page: str) -> list[str]:
    """Each command line of a page after `mql-bot`, without its comment."""
    text = (ROOT / page).read_text(encoding="utf-8")
    lines = [re.sub(r"\s#.*", "", line).strip() for block in BLOCK.findall(text) for line in block.splitlines()]
    return [rest.strip() for line in lines for rest in COMMAND.findall(line)]


def japanese(page: str) -> str:
    return page.removesuffix(".md") + ".ja.md"


@pytest.mark.parametrize("page", [page for page in PAGES if (ROOT / japanese(page)).exists()])
def test_the_japanese_page_gives_the_same_commands(page: str) -> None:
    def without_words(lines: list[str]) -> list[str]:
        return [re.sub(r"\"[^\"]*\"|--lang \w+|--channel \S+|<[^>]*>", "", line) for line in lines]

    assert without_words(commands_of(japanese(page))) == without_words(commands_of(page))


@pytest.fixture(scope="module")
def twelve_weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company's past, in the newest schema, to be copied."""
    file = tmp_path_factory.mktemp("past") / "past.db"
    stored.unpack(Locale.JA, file)
    with closing(Database(f"sqlite:///{file}")) as database:
        migrate.upgrade(database)
        database.empty_log()
    return file


@pytest.fixture
def office(slack: Playground, twelve_weeks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which somebody has set everything up, twelve weeks ago."""
    monkeypatch.setenv("ENCRYPTION_KEYS", new_key())
    monkeypatch.setenv("PUBLIC_URL", "https://mql.example.com")
    for folder in ("data", "backups"):
        (tmp_path / folder).mkdir()
    shutil.copy(twelve_weeks, tmp_path / "data" / "mql-bot.db")
    wall_clock.set_to(BEGINS)
    for name in ("team.toml", "wanted.toml"):
        (tmp_path / name).write_text(sample_team(), encoding="utf-8")
    yield tmp_path
    wall_clock.set_to(datetime.now(UTC))


@pytest.mark.parametrize("page", [page for page in PAGES if page not in OWN_TEST and commands_of(page)])
@pytest.mark.usefixtures("office")
def test_every_command_of_a_page_runs(page: str) -> None:
    tables = re.findall(r"^```csv\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    for line in commands_of(page):
        command, _, into = re.sub(r"\$\([^)]*\)", "2026-11-30", line).partition(" > ")
        words = shlex.split(command)
        if {words[0], " ".join(words[:2])} & ELSEWHERE.keys() or LEFT_OUT.search(re.sub(r"'[^']*'", "", command)):
            continue
        for table, name in zip(tables, [word for word in words if word.endswith(".csv")], strict=False):
            Path(name).write_text(table, encoding="utf-8")
        done = cli(*words, answer="y\n" * 5)
        expected = {0, 1, 2} if command.startswith(NOTHING_YET) else {0}
        assert done.exit_code in expected, (command, done.output)
        assert done.output
        assert "Usage:" not in done.output, command
        if into:
            Path(into).write_text(done.stdout, encoding="utf-8")
