from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.base import wall_clock
from storage import nurturing
from storage.database import Database
from tests.cli.kit import cli
from tests.scenarios.stage import Team

# The stage begins on Tuesday, 2026-11-24.
ENGLISH = """week,segment,new_leads,sent,opened,clicked,Owner
2026-W47,Manufacturing,120,"1,200",300,40,Sato
2026-W46,Manufacturing,98,1100,310,,Sato
2026-W47,IT,80,,,,Sato
"""
JAPANESE = """対象週,セグメント,新規リード数,配信数,開封数,クリック数
2026/11/16,製造業,120,1200,300,40
2026年11月9日,製造業,98,1100,310,
"""


@pytest.fixture
def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string())
    team = Team(database)
    monkeypatch.setattr(wall_clock, "utcnow", team.time.now)
    team.time.advance(timedelta(days=14))  # and no report is sent
    yield team
    team.close()


def known(team: Team) -> dict[tuple[str, str], tuple[int | None, ...]]:
    with team.database.snapshot() as tx:
        rows = nurturing.newest(tx, team.id, ["2026-W46", "2026-W47"])
    return {(row.week, row.segment): (row.new_leads, row.sent, row.opened, row.clicked) for row in rows}


def file(text: str, encoding: str = "utf-8") -> str:
    Path("weeks.csv").write_text(text, encoding=encoding)
    return "weeks.csv"


def test_a_file_is_stored_once_and_a_later_one_replaces_what_it_names(team: Team, language: str) -> None:
    done = cli("import", "figures", file(ENGLISH), "--dry-run")
    assert (done.exit_code, known(team)) == (0, {}), done.output
    assert "Owner" in done.stdout  # which columns are left out
    for stored in ("3", "0"):
        done = cli("import", "figures", "weeks.csv")
        assert done.exit_code == 0, done.output
        assert stored in done.stdout
    cli("import", "figures", file("week,segment,opened\n2026-W47,Manufacturing,310\n2026-W47,IT,\n"))
    assert known(team)["2026-W47", "Manufacturing"] == (120, 1200, 300, 40)  # the second row says nothing: refused
    cli("import", "figures", file("week,segment,opened\n2026-W47,Manufacturing,310\n"))
    assert known(team) == {
        ("2026-W46", "Manufacturing"): (98, 1100, 310, None),
        ("2026-W47", "Manufacturing"): (120, 1200, 310, 40),
        ("2026-W47", "IT"): (80, None, None, None),
    }


def test_a_japanese_export_needs_no_option(team: Team, language: str) -> None:
    done = cli("import", "figures", file(JAPANESE, "cp932"))
    assert done.exit_code == 0, done.output
    assert known(team) == {("2026-W47", "製造業"): (120, 1200, 300, 40), ("2026-W46", "製造業"): (98, 1100, 310, None)}


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ("2026-W54,a,1", "2026-W54"),
        ("soon,a,1", "soon"),
        ("2027-W20,a,1", "2027-W20"),
        ("2026-W47,a,-1", "-1"),
        ("2026-W47,a,1.5", "1.5"),
        ("2026-W47,a,", ":"),
        (f"2026-W47,{'s' * 81},1", "s" * 70),
        ("2026-W47,a,1\n2026-11-18,a,2", "2026-W47 a"),
        ("2026-W47,a", ":"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_stored(team: Team, row: str, named: str, language: str) -> None:
    done = cli("import", "figures", file(f"week,segment,new_leads\n2026-W46,a,5\n{row}\n"))
    assert done.exit_code == 1
    assert named in done.stderr
    assert known(team) == {}


def test_more_opened_than_sent_is_stored_and_named(team: Team, language: str) -> None:
    done = cli("import", "figures", file("week,sent,opened\n2026-W47,100,120\n"))
    assert (done.exit_code, known(team)) == (0, {("2026-W47", ""): (None, 100, 120, None)})
    assert "2026-W47" in done.stdout


def test_a_file_without_weeks_is_refused(team: Team, language: str) -> None:
    done = cli("import", "figures", file("segment,new_leads\na,5\n"))
    assert done.exit_code == 1
    assert "new_leads" in done.stderr


def test_rows_of_days_and_mails_are_added_up_to_their_week(team: Team, language: str) -> None:
    by_mail = """Send date,E-mail,Sent,Opened
2026-11-16,Autumn letter,100,30
2026-11-16,Invitation,50,20
2026-11-22,Reminder,25,
2026-11-15,Last week,7,1
"""
    done = cli("import", "figures", file(by_mail))
    assert done.exit_code == 0, done.output
    assert known(team) == {("2026-W47", ""): (None, 175, 50, None), ("2026-W46", ""): (None, 7, 1, None)}


@pytest.mark.parametrize("second", ["2026-11-16,a,1", "2026-W47,a,2", "2026-11-17,a,2"])
def test_the_same_row_twice_or_a_week_beside_its_days_is_refused(team: Team, second: str, language: str) -> None:
    first = "2026-11-16,a,1" if second == "2026-11-16,a,1" else "2026-W47,a,1"
    for rows in ((first, second), (second, first)):
        done = cli("import", "figures", file("\n".join(["week,segment,sent", *rows]) + "\n"))
        assert (done.exit_code, known(team)) == (1, {})
