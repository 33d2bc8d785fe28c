from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.core import clock
from tests.cli.kit import cli, complaint


def test_a_week_is_printed_for_people_and_for_programs(team_file: Path) -> None:
    cli("config", "apply", str(team_file), "--yes")
    text = cli("report", "weekly", "--week", "2026-W47")
    assert text.exit_code == 0, text.output
    assert "佐藤 葵" in text.stdout or "11/16" in text.stdout
    figures: dict[str, Any] = json.loads(cli("report", "weekly", "--week", "2026-W47", "--format", "json").stdout)
    assert (figures["period"], figures["first"], figures["now"]["received"]) == ("2026-W47", "2026-11-16", 0)


def test_a_week_that_does_not_exist_is_named(team_file: Path) -> None:
    cli("config", "apply", str(team_file), "--yes")
    for week in ("2026-W54", "47", "2026-47", "9999-W52", "0001-W01"):
        done = cli("report", "weekly", "--week", week)
        assert done.exit_code == 2
        assert week in done.stderr


def test_the_last_complete_week_is_meant_unless_one_is_named(team_file: Path) -> None:
    cli("config", "apply", str(team_file), "--yes")
    figures: dict[str, Any] = json.loads(cli("report", "weekly", "--format", "json").stdout)
    assert figures["last"] < clock.utcnow().astimezone(ZoneInfo("Asia/Tokyo")).date().isoformat()


def test_a_report_without_a_workspace_says_what_to_do(migrated: Path) -> None:
    assert "mql-bot config apply" in complaint("report", "weekly")
