"""`erase`, as an admin runs it for somebody who asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.base import wall_clock
from storage.database import Database
from tests.cli.kit import cli, complaint
from tests.scenarios.stage import Team

JANE = {"person": "Jane Secret", "email": "jane@secret.example", "phone": "03-0000-0000"}


@pytest.fixture
def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    """A team whose database the command line works on too."""
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string())
    team = Team(database)
    monkeypatch.setattr(wall_clock, "utcnow", team.time.now)
    yield team
    team.close()


def test_it_says_in_numbers_what_would_go_and_asks(team: Team, language: str) -> None:
    team.receives("Acme", **JANE)
    team.receives("Other", email="other@example.com")
    asked = cli("erase", "--email", "JANE@secret.example", answer="n\n")
    assert asked.exit_code == 0, asked.output
    assert "#1" in asked.output
    assert "#2" not in asked.output
    assert "Secret" not in asked.output
    assert team.mql(1).person == "Jane Secret"
    assert team.mql(1).erased_at is None

    done = cli("erase", "--email", "jane@secret.example", "--yes")
    assert done.exit_code == 0, done.output
    assert "佐藤 葵" in done.output  # who had it, and is to be told
    assert "Secret" not in done.output
    assert team.mql(1).person is None
    assert team.mql(2).email == "other@example.com"
    again = cli("erase", "--email", "jane@secret.example", "--yes")
    assert again.exit_code == 0
    assert "#1" not in again.output


def test_what_is_shown_before_is_what_happens(team: Team) -> None:
    team.receives("Acme", **JANE)
    team.receives("Acme", **JANE, message="Once more")
    team.advance(hours=30)
    would = cli("erase", "--email", "jane@secret.example", answer="").stdout.splitlines()
    done = cli("erase", "--email", "jane@secret.example", "--yes").stdout.splitlines()
    shown = [line for line in would if line.startswith("  ")]
    assert len(shown) == 4
    assert [line for line in done if line in shown] == shown * 2


def test_without_an_answer_nothing_is_erased(team: Team) -> None:
    team.receives("Acme", **JANE)
    silent = cli("erase", "--email", "jane@secret.example", answer="")
    assert silent.exit_code == 2
    assert "--yes" in silent.stderr
    assert team.mql(1).person == "Jane Secret"


def test_whoever_only_wrote_of_the_address_is_named_and_left_alone(team: Team, language: str) -> None:
    team.receives("Acme", **JANE)
    team.receives("Other", email="other@example.com", message="Please copy Jane@Secret.example")
    done = cli("erase", "--email", "jane@secret.example", "--yes")
    assert "mql-bot erase --number" in done.output
    assert "#2" in done.output.splitlines()[-1]
    assert team.mql(2).erased_at is None
    assert cli("erase", "--number", "2", "--yes").exit_code == 0
    assert team.mql(2).message is None


def test_the_intake_channel_is_named_where_a_tool_posted_there(team: Team, language: str) -> None:
    team.app("hubspot").posts("mql-intake", text="会社名: Acme\nお名前: Jane Secret\nメール: jane@secret.example")
    assert team.mql(1).email == "jane@secret.example"
    done = cli("erase", "--email", "jane@secret.example", "--yes")
    assert {"en": "intake channel", "ja": "受付チャンネル"}[language] in done.output


def test_it_says_what_it_needs(team: Team, language: str) -> None:
    done = cli("erase")
    assert done.exit_code == 2
    assert "--email" in done.stderr
    assert "T0OTHER" in complaint("erase", "--email", "jane@secret.example", "--workspace", "T0OTHER")


def test_a_restore_does_not_bring_back_who_was_erased_since(team: Team, language: str) -> None:
    team.receives("Acme", **JANE)
    team.receives("Other", email="other@example.com")
    assert cli("backup", "backup.db").exit_code == 0
    assert cli("erase", "--email", "jane@secret.example", "--with-company", "--yes").exit_code == 0
    team.stop_bot()
    team.database.close()
    done = cli("restore", "backup.db")
    assert done.exit_code == 0, done.output
    assert {"en": "1 MQL had been erased", "ja": "1件のMQLを、もう一度削除"}[language] in done.output
    team.database = Database(team.database.url.render_as_string())  # the file is another one
    assert (team.mql(1).person, team.mql(1).company, team.mql(1).status) == (None, None, "withdrawn")
    assert team.mql(2).email == "other@example.com"
    assert b"jane@secret" in Path("backup.db").read_bytes()


def test_a_phone_number_that_too_many_could_have_is_refused(team: Team, language: str) -> None:
    done = cli("erase", "--phone", "1234-567", "--yes")
    assert done.exit_code == 2
    assert {"en": "nine digits", "ja": "9桁以上"}[language] in done.stderr
