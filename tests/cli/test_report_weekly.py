from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.cli.base import startup
from bot.core.base import wall_clock
from bot.core.mql import intake
from bot.core.mql.lead import Lead
from bot.core.review import actions
from bot.core.sla.policy import read_policy
from storage import policies, workspaces
from storage.database import Database
from storage.vocabulary import Source
from tests.cli.kit import agree, cli, complaint
from tests.scenarios.stage import ja

NOW = datetime(2026, 1, 14, 3, 0, tzinfo=UTC)


def test_a_week_is_printed_for_people_and_for_programs(team_file: Path) -> None:
    agree(team_file)
    text = cli("report", "weekly", "--week", "2026-W47")
    assert text.exit_code == 0, text.output
    assert "佐藤 葵" in text.stdout or "11/16" in text.stdout
    figures: dict[str, Any] = json.loads(cli("report", "weekly", "--week", "2026-W47", "--format", "json").stdout)
    assert (figures["period"], figures["first"], figures["now"]["received"]) == ("2026-W47", "2026-11-16", 0)


def test_a_spreadsheet_gets_the_figures_the_reps_and_everything_overdue(team_file: Path, migrated: Path) -> None:
    agree(team_file)
    database = Database(startup.settings().database_url)
    with database.transaction() as tx:
        (workspace,) = workspaces.every(tx)
        policies.add(
            tx, workspace.id, read_policy({"calendar": {"kind": "always"}}).model_dump(mode="json"), "UTC", {}, NOW
        )
        for number in range(25):
            lead = Lead.model_validate({"company": f"=Acme {number}", "email": f"{number}@acme.example"})
            intake.receive(tx, workspace.id, lead, Source.GENERIC, NOW)
    database.close()
    done = cli("report", "weekly", "--week", "2026-W03", "--format", "csv")
    assert done.stdout.startswith("\ufeff"), "Excel reads it as UTF-8 only with a byte order mark"
    rows = list(csv.DictReader(done.stdout.removeprefix("\ufeff").splitlines()))
    figures = {row["name"]: row for row in rows if row["kind"] == "figure"}
    assert (figures["answered_in_time"]["value"], figures["answered_in_time"]["of"]) == ("0", "25")
    assert figures["received"] | {"week_before": "0"} == figures["received"]
    assert sum(int(row["received"]) for row in rows if row["kind"] == "rep") == 25
    waiting = [row for row in rows if row["kind"] == "waiting"]
    assert len(waiting) == 25
    assert {row["title"] for row in waiting} == {f"'=Acme {number}" for number in range(25)}, "no formula"


def test_a_week_that_does_not_exist_is_named(team_file: Path) -> None:
    agree(team_file)
    for week in ("2026-W54", "47", "2026-47", "9999-W52", "0001-W01"):
        done = cli("report", "weekly", "--week", week)
        assert done.exit_code == 2
        assert week in done.stderr


def test_the_last_complete_week_is_meant_unless_one_is_named(team_file: Path) -> None:
    agree(team_file)
    figures: dict[str, Any] = json.loads(cli("report", "weekly", "--format", "json").stdout)
    assert figures["last"] < wall_clock.utcnow().astimezone(ZoneInfo("Asia/Tokyo")).date().isoformat()


def test_a_report_without_a_workspace_says_what_to_do(migrated: Path) -> None:
    assert "mql-bot init" in complaint("report", "weekly")


def test_open_actions_stand_in_every_format(team_file: Path, migrated: Path) -> None:
    agree(team_file)
    database = Database(startup.settings().database_url)
    with database.transaction() as tx:
        (workspace,) = workspaces.every(tx)
        for what in ("=Send the deck", "Done"):
            action = actions.record(tx, workspace, what, "U1", date(2026, 1, 13), "U2", NOW)
        actions.finish(tx, workspace, action, "U1", NOW)
    database.close()
    text, table, program = (
        cli("report", "weekly", "--week", "2026-W03", "--format", form).stdout for form in ("text", "csv", "json")
    )
    assert ja("meeting.actions", count=1) in text
    assert ja("action.who_late", owner="U1さん", day="1/13(火)") in text
    (row,) = [entry for entry in csv.DictReader(table.removeprefix("\ufeff").splitlines()) if entry["kind"] == "action"]
    assert (row["title"], row["owner"], row["due_at"]) == ("'=Send the deck", "U1", "2026-01-13")
    (shown,) = json.loads(program)["actions"]
    assert (shown["item"]["what"], shown["overdue"], shown["put_off"]) == ("=Send the deck", True, 0)
