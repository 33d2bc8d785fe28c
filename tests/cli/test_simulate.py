"""`mql-bot simulate`, on a database with a past."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import socket
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest
import sqlalchemy as sa

from bot.core.base import wall_clock
from bot.core.mql import response
from bot.core.sla.policy import Policy
from bot.core.teamfile import export
from bot.i18n import Translator
from storage import models
from storage.database import Database
from storage.vocabulary import Locale
from tests.cli.kit import cli
from tests.core.whatif.living import START, Living, office

DAYS = ("--from", "2026-08-31", "--to", "2026-09-06")
A_DAY = Policy.model_validate({"calendar": "always"})
TEAM = office(A_DAY)
LESS_TIME = "[policy]\nresponse_hours = 12\n"
MORE_TIME = '[policy]\nresponse_hours = 48\nescalations = [{ after_hours = 48, to = "head" }]\n'


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def live(database: Database, locale: Locale) -> None:
    """Three MQLs: one answered within a day, one after 30 hours, one never. Nine days have passed."""
    with database.transaction() as tx:
        living = Living(tx, replace(TEAM, locale=locale), seed=1)
        for number in range(3):
            living.gets(at=hours(number), person="Hanako Yamamoto")
        living.does(hours(15), response.accept, 1, "U01")
        living.does(hours(31), response.accept, 2, "U02")
        living.until(START + timedelta(days=9))


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall_clock, "utcnow", lambda: START + timedelta(days=9))


@pytest.fixture(params=list(Locale))
def locale(request: pytest.FixtureRequest) -> Locale:
    return Locale(request.param)


@pytest.fixture(scope="module")
def pasts(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Locale, Path]:
    """Lived once in each language, to be copied."""
    folder = tmp_path_factory.mktemp("pasts")
    files = {locale: Path(shutil.copy(migrated_file, folder / f"{locale}.db")) for locale in Locale}
    for locale, file in files.items():
        database = Database(f"sqlite:///{file}")
        live(database, locale)
        database.close()
    return files


@pytest.fixture
def past(
    pasts: dict[Locale, Path], migrated: Path, locale: Locale, today: None, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The database of a team that reads this language, as does whoever sits at the machine."""
    monkeypatch.setenv("LANG", {"en": "en_US.UTF-8", "ja": "ja_JP.UTF-8"}[locale])
    return Path(shutil.copy(pasts[locale], migrated))


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        (tmp_path / "wanted.toml").write_text(text, encoding="utf-8")
        return str(tmp_path / "wanted.toml")

    return write


def written(file: Path) -> dict[str, str]:
    """Every file of the database's folder with its hash."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in file.parent.iterdir()}


def test_the_sentence_comes_first_then_the_table_then_the_limits(
    past: Path, file: Callable[[str], str], locale: Locale
) -> None:
    done = cli("simulate", "--policy", file(MORE_TIME), *DAYS)
    assert done.exit_code == 0, done.output
    t = Translator(locale, "Asia/Tokyo")
    lines = done.stdout.splitlines()
    assert lines[0] == t("simulate.changed", before=2, after=1, received=3)
    assert lines[-1] == t("simulate.limits")
    figures = {line.split("  ")[0]: line.split()[-3:] for line in lines if "  " in line.strip()}
    assert figures[t("simulate.row.late")] == ["2", "1", "−1"]
    assert figures[t("simulate.row.to_manager")] == ["2", "0", "−2"]
    assert figures[t("simulate.row.to_head")] == ["1", "1", "0"]
    assert t("simulate.saved", numbers="#2") in lines
    assert "Manager U11" in done.stdout
    assert "{" not in done.stdout


def test_the_table_stands_in_columns_also_where_characters_are_wide(past: Path, file: Callable[[str], str]) -> None:
    from unicodedata import east_asian_width

    lines = cli("simulate", "--policy", file(MORE_TIME), *DAYS).stdout.split("\n\n")[2].splitlines()
    widths = {sum(2 if east_asian_width(sign) in "WF" else 1 for sign in line) for line in lines}
    assert len(lines) > 10
    assert len(widths) == 1


def test_what_was_exported_changes_nothing(past: Path, tmp_path: Path, locale: Locale) -> None:
    exported = tmp_path / "team.toml"
    exported.write_text(cli("config", "export").stdout, encoding="utf-8")
    done = cli("simulate", "--policy", str(exported), *DAYS)
    assert done.stdout.splitlines()[0] == Translator(locale, "UTC")("simulate.same", after=2, received=3)
    result = json.loads(cli("simulate", "--policy", str(exported), *DAYS, "--format", "json").stdout)
    assert result["happened"] == result["simulated"]


def test_programs_get_json(past: Path, file: Callable[[str], str]) -> None:
    result: dict[str, Any] = json.loads(cli("simulate", "--policy", file(LESS_TIME), *DAYS, "--format", "json").stdout)
    assert result["period"]["first"] == "2026-08-31"
    assert (result["happened"]["late"], result["simulated"]["late"]) == ([2, 3], [1, 2, 3])
    assert (result["newly_late"], result["no_longer_late"], result["undone"]) == ([1], [], 0)
    assert result["happened"]["median"] == 15 * 3600
    assert result["simulated"]["escalations"] == {"manager": 2, "head": 1, "peers": 0, "others": 0}
    # The reminder of the evening comes in the morning.
    assert result["happened"]["messages"]["U01"]["by_day"]["2026-08-31"] == 1
    assert result["names"]["U01"] == "Rep U01"


def test_a_spreadsheet_gets_every_figure_and_takes_no_name_for_a_formula(
    past: Path, file: Callable[[str], str], locale: Locale
) -> None:
    renamed = replace(TEAM, members=tuple(replace(member, name=f"={member.name}") for member in TEAM.members))
    done = cli("simulate", "--policy", file(export(renamed)), *DAYS, "--format", "csv")
    assert done.exit_code == 0, done.output
    t = Translator(locale, "Asia/Tokyo")
    assert done.stdout.startswith("\ufeff")
    rows = list(csv.reader(done.stdout.removeprefix("\ufeff").splitlines()))
    assert rows[0][2:] == [t("simulate.happened"), t("simulate.simulated"), t("simulate.difference")]
    assert [t("simulate.row.late"), "", "2", "2", "0"] in rows
    assert [t("simulate.in_hours", what=t("simulate.row.median")), "", "15.0", "15.0", "0.0"] in rows
    assert {row[1][:2] for row in rows[1:]} == {"", "'="}


@pytest.mark.parametrize(
    ("options", "text", "exit_code", "reason"),
    [
        (("--from", "2026-09-06", "--to", "2026-08-31"), LESS_TIME, 2, "--to 2026-08-31"),
        (("--from", "2026-08-31", "--to", "2026-09-10"), LESS_TIME, 2, "2026-09-09"),
        (("--from", "31/08/2026", "--to", "2026-09-06"), LESS_TIME, 2, "31/08/2026"),
        (("--from", "2026-08-31", "--to", "2026-02-30"), LESS_TIME, 2, "2026-02-30"),
        (("--from", "0001-01-01", "--to", "2026-09-06"), LESS_TIME, 2, "0001-01-01"),
        (("--from", "2026-08-01", "--to", "2026-08-30"), LESS_TIME, 1, "2026-08-30"),
        ((*DAYS, "--workspace", "T404"), LESS_TIME, 1, "T404"),
        (DAYS, '[workspace]\nid = "T404"\n', 1, "T404"),
    ],
)
def test_what_cannot_be_is_said_in_one_line_and_nothing_is_written(
    past: Path,
    file: Callable[[str], str],
    tmp_path: Path,
    options: tuple[str, ...],
    text: str,
    exit_code: int,
    reason: str,
) -> None:
    before = written(past)
    done = cli("simulate", "--policy", file(text), *options)
    assert (done.exit_code, done.stdout) == (exit_code, "")
    (line,) = done.stderr.splitlines()
    assert reason in line
    assert "{" not in line
    assert written(past) == before


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[policy]\nresponse_hour = 8\n", "policy.response_hour:"),
        ("[policy]\nresponse_hours = 36\n", "policy.escalations[1].after_hours"),
        ("[policy\n", "TOML"),
    ],
)
def test_a_file_with_a_mistake_is_refused_by_line_and_field(
    past: Path, file: Callable[[str], str], text: str, reason: str
) -> None:
    before = written(past)
    done = cli("simulate", "--policy", file(text), *DAYS)
    assert (done.exit_code, done.stdout) == (1, "")
    _, line = done.stderr.splitlines()
    assert reason in line
    assert written(past) == before


def test_a_file_that_is_not_there_is_named(past: Path) -> None:
    done = cli("simulate", "--policy", "nowhere.toml", *DAYS)
    assert (done.exit_code, "nowhere.toml" in done.stderr) == (2, True)


def test_the_database_stays_as_it_was_and_nobody_is_called(
    past: Path, file: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a connection was opened")

    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1-1-sample")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "sample")
    monkeypatch.setattr(socket, "socket", refuse)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    before = written(past)
    done = cli("simulate", "--policy", file(LESS_TIME), *DAYS)
    assert done.exit_code == 0, done.output
    assert written(past) == before
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.thorough
def test_a_database_of_postgresql_stays_as_it_was_too(
    postgres_url: str, file: Callable[[str], str], today: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    database = Database(postgres_url)
    live(database, Locale.EN)

    def rows() -> dict[str, list[sa.Row[Any]]]:
        with database.snapshot() as tx:
            tables = models.metadata.sorted_tables
            return {table.name: list(tx.execute(table.select().order_by(*table.primary_key))) for table in tables}

    before = rows()
    done = cli("simulate", "--policy", file(LESS_TIME), *DAYS)
    assert done.stdout.startswith("With this policy 3 instead of 2 MQLs (of 3)"), done.output
    assert rows() == before
    database.close()
