"""docs/sources/history.md, followed by its commands alone with the exports that it shows, in both languages."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.base import wall_clock
from bot.core.reports import monthly
from storage import workspaces
from storage.database import Database
from tests.cli.kit import ROOT, cli
from tests.scenarios.stage import Team

FILES = ("hubspot.csv", "hubspot-deals.csv", "salesforce.csv", "kintone.csv")
ENCODINGS = {"kintone.csv": "cp932"}


@pytest.fixture
def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string())
    team = Team(database)
    monkeypatch.setattr(wall_clock, "utcnow", team.time.now)
    yield team
    team.close()


@pytest.mark.thorough
@pytest.mark.parametrize("page", ["history.md", "history.ja.md"])
def test_the_page_leads_from_three_exports_to_a_monthly_report(team: Team, page: str) -> None:
    text = (ROOT / "docs" / "sources" / page).read_text(encoding="utf-8")
    tables = re.findall(r"```csv\n(.*?)```", text, re.DOTALL)
    for name, table in zip(FILES, tables, strict=True):
        Path(name).write_text(table, encoding=ENCODINGS.get(name, "utf-8"))
    commands = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    for command in commands:
        words = shlex.split(command.partition(">")[0])[1:]
        if "new-leads.csv" in words:
            continue
        done = cli(*words)
        assert done.exit_code == 0, (command, done.output)
    assert team.channel("mql").messages == []
    with team.database.snapshot() as tx:
        workspace = workspaces.get(tx, team.id)
        assert workspace is not None
        report = monthly.report(tx, workspace, "2026-09", team.time.now())
    august, september = report.cohorts[-2:]
    assert (august.total.received, august.total.decided, august.total.qualified) == (4, 4, 3)
    assert (august.wins.won, august.wins.amount) == (3, 9_600_000 + (4_800 if page == "history.md" else 4_800_000))
    assert (september.total.received, september.total.decided, september.total.qualified) == (3, 2, 0)
