"""A new policy and the MQLs that are open: shown before, moved only where that is wanted."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.cli.sample.team import sample_team
from bot.core.base import wall_clock
from bot.core.mql import intake
from bot.core.mql.lead import Lead
from playground import SAMPLE_TEAM
from storage import mqls
from storage.database import Database
from storage.models import Clock
from storage.vocabulary import ClockKind, EventType, Source
from tests.cli.kit import agree, cli

TEAM = SAMPLE_TEAM.id
URL = "sqlite:///data/mql-bot.db"


@pytest.fixture
def received(team_file: Path) -> datetime:
    """When three MQLs came in: two days ago, on a calendar that counts every hour."""
    text = sample_team().replace('kind = "business_days"', 'kind = "always"').replace('holidays = "JP"', "")
    team_file.write_text(text, encoding="utf-8")
    agree(team_file)
    at = wall_clock.utcnow() - timedelta(hours=10)
    database = Database(URL)
    for company in ("Acme", "Beta", "Gamma"):
        with database.transaction() as tx:
            intake.receive(tx, TEAM, Lead(company=company), Source.GENERIC, at)
    database.close()
    return at


def _clocks() -> list[Clock]:
    database = Database(URL)
    with database.snapshot() as tx:
        clocks = [mqls.open_clock(tx, TEAM, subject, ClockKind.RESPONSE) for subject in (1, 2, 3)]
    database.close()
    return [clock for clock in clocks if clock is not None]


def _shortened(team_file: Path, hours: int) -> None:
    text = team_file.read_text(encoding="utf-8")
    team_file.write_text(text.replace("response_hours = 24", f"response_hours = {hours}"), encoding="utf-8")


def test_which_deadlines_would_move_is_shown_before_anybody_agrees(team_file: Path, received: datetime) -> None:
    _shortened(team_file, 8)
    done = cli("config", "apply", str(team_file), "--dry-run")
    assert "3件の期限が変わります(新たに期限超過: 3件、期限超過でなくなる: 0件)" in done.output
    assert done.output.count("(期限超過になります)") == 3
    assert {clock.due_at for clock in _clocks()} == {received + timedelta(hours=24)}


@pytest.mark.alike
@pytest.mark.parametrize(
    ("answer", "arguments", "hours"),
    [
        ("y\nn\n", (), 24),
        ("y\ny\n", (), 8),
        (None, ("--yes",), 24),
        (None, ("--yes", "--open-mqls", "keep"), 24),
        (None, ("--yes", "--open-mqls", "move"), 8),
        ("y\n", ("--open-mqls", "move"), 8),
    ],
)
def test_open_mqls_follow_only_where_that_is_said(
    team_file: Path, received: datetime, answer: str | None, arguments: tuple[str, ...], hours: int
) -> None:
    _shortened(team_file, 8)
    assert cli("config", "apply", str(team_file), *arguments, answer=answer).exit_code == 0
    assert {clock.due_at for clock in _clocks()} == {received + timedelta(hours=hours)}
    database = Database(URL)
    with database.snapshot() as tx:
        moved = [e for e in mqls.history(tx, TEAM, 1) if e.type == EventType.DEADLINE_MOVED]
        kept = mqls.open_clock(tx, TEAM, 1, ClockKind.RESPONSE)
    database.close()
    assert len(moved) == (hours == 8)
    assert kept is not None
    assert kept.policy_id == (2 if hours == 8 else 1)


def test_no_answer_to_the_second_question_writes_nothing(team_file: Path, received: datetime) -> None:
    _shortened(team_file, 8)
    assert cli("config", "apply", str(team_file), answer="y\n").exit_code == 2
    assert "response_hours = 24" in cli("config", "export").output
    assert {clock.due_at for clock in _clocks()} == {received + timedelta(hours=24)}


def test_mqls_that_were_left_on_an_earlier_policy_can_follow_later(team_file: Path, received: datetime) -> None:
    _shortened(team_file, 8)
    assert cli("config", "apply", str(team_file), "--yes").exit_code == 0
    assert "3件" in cli("config", "apply", str(team_file), "--yes").output
    done = cli("config", "apply", str(team_file), "--yes", "--open-mqls", "move")
    assert done.exit_code == 0, done.output
    assert {clock.due_at for clock in _clocks()} == {received + timedelta(hours=8)}
    assert "変更はありません" in cli("config", "apply", str(team_file), "--yes").output
