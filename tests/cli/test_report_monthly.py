from __future__ import annotations

import csv
import io
import json
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.core.base import wall_clock
from bot.core.mql import deals, intake
from bot.core.mql.deals import Deal
from bot.core.mql.feedback import Answer
from bot.core.mql.lead import Lead
from bot.core.reports import monthly
from storage import mqls, workspaces
from storage.database import Database
from storage.vocabulary import DealResult, DealSource, Disposition, Source
from tests.cli.kit import agree, cli, complaint
from tests.core.kit import accept_and_report
from tests.databases import make_once

COLUMNS = ["by", "value", "month", "received", "decided", "qualified", "rate", "rate_low", "rate_high"]


@pytest.fixture
def month(team_file: Path, migrated: Path) -> str:
    """A team that has had some MQLs; the month of them."""
    now = wall_clock.utcnow()
    today = now.astimezone(ZoneInfo("Asia/Tokyo")).date()
    with closing(Database(f"sqlite:///{migrated}")) as database:
        make_once(database, f"a team that had MQLs on {today}", lambda: tell(database, team_file, now, today))
    return monthly.period_of(monthly.months_on(today, 0))


def tell(database: Database, team_file: Path, now: datetime, today: date) -> None:
    agree(team_file)
    with database.transaction() as tx:
        (workspace,) = workspaces.every(tx)
        for number in range(15):
            lead = Lead(company="Acme", email=f"a{number}@acme.example", channel="=cmd()", score=40 + number)
            mql_id = intake.receive(tx, workspace.id, lead, Source.MANUAL, now).mql_id
            subject = mqls.get(tx, workspace.id, mql_id)
            assert subject is not None
            word = Disposition.QUALIFIED if number < 3 else Disposition.DISQUALIFIED
            answer = Answer(disposition=word, lost_reason=None if number < 3 else "no_budget")
            accept_and_report(tx, workspace.id, mql_id, subject.owner or "", answer, now + timedelta(hours=1))
            if number == 0:
                won = Deal(result=DealResult.WON, on=today, amount=3_000_000)
                deals.record(tx, workspace, mql_id, DealSource.FILE, won, now + timedelta(hours=1))


def rows(*arguments: str) -> list[dict[str, str]]:
    done = cli("report", *arguments, "--format", "csv")
    assert done.exit_code == 0, done.output
    return list(csv.DictReader(io.StringIO(done.stdout.removeprefix("\ufeff"))))


def test_text_csv_and_json_tell_the_same_month(month: str) -> None:
    table = rows("monthly", "--month", month)
    assert list(table[0])[:9] == COLUMNS
    (of_month,) = [row for row in table if (row["by"], row["month"]) == ("all", month)]
    assert [of_month[name] for name in ("received", "decided", "qualified", "rate")] == ["15", "15", "3", "0.2"]
    assert (of_month["decided_count"], of_month["decided_median_s"]) == ("15", "3600.0")
    assert [of_month[name] for name in ("won", "lost", "won_amount", "win_rate")] == ["1", "0", "3000000", ""]
    assert of_month["won_count"] == "1"
    (lost,) = [row for row in table if row["by"] == "lost_reason"]
    assert (lost["reason"], lost["disqualified"]) == ("no_budget", "12")
    figures: dict[str, Any] = json.loads(cli("report", "monthly", "--month", month, "--format", "json").stdout)
    assert figures["cohorts"][-1]["total"]["rate"]["value"] == 0.2
    assert [group["value"] for group in figures["groups"]["channel"]] == ["=cmd()"]
    assert figures["groups"]["channel"][0]["wins"]["amount"] == 3_000_000
    text = cli("report", "monthly", "--month", month).stdout
    assert "¥3,000,000" in text
    assert "20%(7〜45%)" in text or "20% (7–45%)" in text


def test_a_spreadsheet_is_given_no_formula(month: str) -> None:
    values = {row["value"] for row in rows("monthly", "--month", month) if row["by"] == "channel"}
    assert values == {"'=cmd()"}
    assert not any(cell.startswith("=") for row in rows("scoring", "--month", month) for cell in row.values())


def test_the_scoring_rule_is_checked(month: str) -> None:
    table = rows("scoring", "--month", month)
    assert [row["kind"] for row in table] == ["all", "band", "band", "threshold", "channel"]
    (band, other) = table[1:3]
    assert (band["value"], band["received"], other["value"], other["received"]) == ("40-49", "10", "50-59", "5")
    assert (table[3]["value"], table[3]["unseen"], table[3]["missed"]) == ("50", "10", "3")
    figures: dict[str, Any] = json.loads(cli("report", "scoring", "--month", month, "--format", "json").stdout)
    assert (figures["received"], figures["auc"], figures["lowest"]) == (15, None, 40)
    assert "15" in cli("report", "scoring", "--month", month).stdout


@pytest.mark.parametrize(
    "asked", [("monthly", "--month", "2100-01"), ("scoring", "--month", "2100-01"), ("weekly", "--week", "2100-W01")]
)
def test_of_what_has_not_begun_nothing_is_printed(team_file: Path, asked: tuple[str, ...], language: str) -> None:
    agree(team_file)
    for form in ("text", "csv", "json"):
        done = cli("report", *asked, "--format", form)
        assert done.exit_code == 2
        assert asked[-1] in done.stderr
        assert done.stdout == ""


@pytest.mark.parametrize("report", ["monthly", "scoring"])
def test_nothing_is_printed_as_nothing(team_file: Path, report: str) -> None:
    agree(team_file)
    for form in ("text", "csv", "json"):
        done = cli("report", report, "--format", form)
        assert done.exit_code == 0, done.output
        assert "None" not in done.stdout


@pytest.mark.parametrize("report", ["monthly", "scoring"])
def test_a_month_that_does_not_exist_is_named(team_file: Path, report: str) -> None:
    agree(team_file)
    for month in ("2026-13", "2026", "2026-W47", "9999-12"):
        done = cli("report", report, "--month", month)
        assert done.exit_code == 2
        assert month in done.stderr


def test_a_report_without_a_workspace_says_what_to_do(migrated: Path) -> None:
    assert "mql-bot init" in complaint("report", "monthly")
