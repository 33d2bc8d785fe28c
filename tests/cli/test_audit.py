"""`mql-bot audit`: what was done on the command line, by whom, and no secret in it."""

from __future__ import annotations

import csv
import getpass
import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from bot.core.base import wall_clock
from storage.database import Database
from storage.vocabulary import AuditKind, Door
from tests.cli.kit import cli
from tests.installation import ENCRYPTION_KEY, PUBLIC_URL
from tests.scenarios.stage import Team


@pytest.fixture
def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    """A team whose database the command line works on too."""
    values = (database.url.render_as_string(), PUBLIC_URL, ENCRYPTION_KEY)
    for name, value in zip(("DATABASE_URL", "PUBLIC_URL", "ENCRYPTION_KEYS"), values, strict=True):
        monkeypatch.setenv(name, value)
    team = Team(database)
    monkeypatch.setattr(wall_clock, "utcnow", team.time.now)
    yield team
    team.close()


def entries(*arguments: str) -> list[dict[str, Any]]:
    done = cli("audit", "--format", "jsonl", *arguments)
    assert done.exit_code == 0, done.output
    return [json.loads(row) for row in done.stdout.splitlines()]


def new(before: int) -> list[tuple[str, str | None]]:
    return [(entry["kind"], entry["subject"]) for entry in entries()[before:]]


def runs(*arguments: str) -> str:
    done = cli(*arguments)
    assert done.exit_code == 0, done.output
    return done.output


def test_every_command_that_changes_or_hands_out_data_is_written_down(team: Team, tmp_path: Path) -> None:
    team.receives("Acme", email="hanako@acme.example", person="Hanako")
    begun = len(entries())
    shown = runs("source", "add", "forms", "--kind", "mapping", "--proof", "header")
    shown += runs("source", "rotate", "forms")
    runs("source", "rotate", "forms", "--finish")
    runs("source", "remove", "forms", "--yes")
    exported = runs("config", "export")
    runs("export", "mqls")
    runs("erase", "--email", "hanako@acme.example", "--yes")
    runs("backup", str(tmp_path / "copy.db"))
    assert new(begun) == [
        ("source_added", "forms"),
        ("secret_added", "forms"),
        ("secret_rotated", "forms"),
        ("secret_removed", "forms"),
        ("source_removed", "forms"),
        ("export", "team_file"),
        ("export", "mqls"),
        ("erasure", "#1"),
        ("backup", "copy.db"),
    ]
    by_hand = entries()[begun:]
    assert {(entry["door"], entry["machine_user"], entry["by"]) for entry in by_hand} == {
        (Door.COMMAND_LINE, getpass.getuser(), None)
    }
    secrets = re.findall(r"[\w-]{40,}", shown)
    assert len(secrets) == 2
    everything = json.dumps(entries(), ensure_ascii=False)
    assert not any(word in everything for word in (*secrets, "hanako", "Hanako"))
    file = tmp_path / "team.toml"
    file.write_text(exported.replace('time = "09:00"', 'time = "08:00"', 1), encoding="utf-8")
    runs("config", "apply", str(file), "--yes")
    (change,) = entries("--kind", "setting")[-1:]
    assert (change["subject"], change["before"], change["after"]) == (
        "digest_time",
        {"value": "09:00"},
        {"value": "08:00"},
    )
    assert (change["door"], change["machine_user"]) == (Door.TEAM_FILE, getpass.getuser())


def test_a_team_file_without_an_admin_is_refused_with_the_line_of_the_last(team: Team, tmp_path: Path) -> None:
    lines = runs("config", "export").splitlines()
    place = next(at for at, row in enumerate(lines) if row == 'roles = ["admin"]')
    lines[place] = 'roles = ["manager"]'
    file = tmp_path / "team.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    refused = cli("config", "apply", str(file), "--yes")
    assert refused.exit_code == 1
    assert f"{place + 1}" in refused.stderr
    assert "Kim Lee" in refused.stderr
    assert [entry for entry in entries("--kind", "role") if entry["door"] == Door.TEAM_FILE] == []


def test_it_is_a_table_csv_or_json_lines_from_a_day_on(team: Team, language: str) -> None:
    runs("export", "mqls")
    count = len(entries())
    table = runs("audit").splitlines()
    assert len(table) == count
    assert getpass.getuser() in table[-1]
    header, *rows = csv.reader(StringIO(runs("audit", "--format", "csv")))
    assert len(rows) == count
    assert dict(zip(header, rows[-1], strict=True))["kind"] == AuditKind.EXPORT
    assert len(entries("--since", "2026-11-17")) == count
    assert entries("--since", "2026-11-18") == []
    assert {"en": "no such entry", "ja": "ありません"}[language] in runs("audit", "--kind", "restore")
    refused = cli("audit", "--since", "yesterday")
    assert refused.exit_code == 2
    assert "yesterday" in refused.stderr


def test_a_restored_database_says_that_it_was_restored(team: Team, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    runs("backup", str(file))
    team.stop_bot()
    team.database.close()
    runs("restore", str(file))
    (restored,) = entries("--kind", "restore")
    assert (restored["subject"], restored["after"]) == ("copy.db", {"erased": 0})
    assert entries("--kind", "backup") == [], "the backup was taken before it was written down"
