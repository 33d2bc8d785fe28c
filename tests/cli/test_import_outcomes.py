from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.base import wall_clock
from bot.core.base.results import Refusal, Refused
from bot.core.mql import deals
from bot.core.mql.deals import Deal
from bot.core.mql.feedback import Answer
from storage import workspaces
from storage.database import Database
from storage.vocabulary import DealResult, DealSource, Disposition, EventType
from tests.cli.kit import cli
from tests.core.kit import accept_and_report
from tests.scenarios.stage import TOKYO, Team


@pytest.fixture
def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    """#1 and #2 are qualified, #3 is not; ten days have passed."""
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string())
    team = Team(database)
    monkeypatch.setattr(wall_clock, "utcnow", team.time.now)
    for number in (1, 2, 3):
        team.receives(f"Company {number}", external_id=f"ext-{number}")
    for number in (1, 2):
        with team.database.transaction() as tx:
            answer, mql = Answer(disposition=Disposition.QUALIFIED), team.mql(number)
            accept_and_report(tx, team.id, mql.id, mql.owner or "", answer, team.time.now())
    team.settle()
    team.time.advance(timedelta(days=10))  # and no report is sent
    yield team
    team.close()


def _file(text: str) -> str:
    Path("deals.csv").write_text(text, encoding="utf-8")
    return "deals.csv"


def test_every_line_is_recorded_and_the_cards_say_so(team: Team, language: str) -> None:
    file = _file('number,external_id,outcome,amount,date\n#1,,won,"¥5,000,000",2026-11-20\n,ext-2,失注,,2026/11/9\n')
    assert "2026/11/9" in cli("import", "outcomes", file).stderr  # before it came in
    file = _file('number,external_id,outcome,amount,date\n#1,,won,"¥5,000,000",2026-11-20\n\n,ext-2,失注,,2026/11/19\n')
    done = cli("import", "outcomes", file)
    assert done.exit_code == 0, done.output
    assert "2" in done.stdout
    assert (team.mql(1).deal_result, team.mql(1).amount) == (DealResult.WON, 5_000_000)
    assert (team.mql(2).deal_result, team.mql(2).amount) == (DealResult.LOST, None)
    team.settle()
    assert "5,000,000" in team.channel("mql").messages[0].text
    event = team.log(1)[-1]
    assert (event.type, event.actor, event.after) == (EventType.DEAL, None, "won")
    assert event.data["source"] == DealSource.FILE
    mql = team.channel("mql")
    mql.thread(mql.messages[0]).expect("商談の結果をファイルから取り込みました: 受注")

    again = cli("import", "outcomes", file)
    assert again.exit_code == 0
    assert [entry.type for entry in team.log(1)].count(EventType.DEAL) == 1


def test_a_file_is_read_as_a_japanese_excel_saves_it(team: Team, language: str) -> None:
    Path("deals.csv").write_bytes("number,outcome,amount,date\r\n1,受注,480000,2026/11/20\r\n".encode("cp932"))
    assert cli("import", "outcomes", "deals.csv").exit_code == 0
    assert (team.mql(1).deal_result, team.mql(1).amount) == (DealResult.WON, 480_000)


PLAIN = "number,outcome,amount,date\n1,won,4800000,2026-11-20\n"
HABITS: dict[str, bytes] = {
    "UTF-8 with its mark": PLAIN.encode("utf-8-sig"),
    "Excel's Unicode text": PLAIN.replace(",", "\t").encode("utf-16"),
    "semicolons": PLAIN.replace(",", ";").encode(),
    "Excel's line about the separator": b"sep=,\r\n" + PLAIN.replace("\n", "\r\n").encode(),
    "carriage returns, blank lines": PLAIN.replace("\n", "\r\r").encode(),
    "a line break in a cell": b'number,outcome,amount,date,note\n1,won,4800000,2026-11-20,"two\nlines"\n',
    "HubSpot's deals": (
        b"Record ID,Deal Name,Deal Stage,Close Date,Amount,Associated Contact IDs\n"
        b'9,Acme,Closed Won,2026-11-20 10:15,"4,800,000.0",ext-1\n10,Beta,Contract sent,,,ext-3\n'
    ),
    "Salesforce's opportunities": (
        b'Opportunity Name,Stage,Close Date,Amount,Lead ID\nAcme,Closed Won,11/20/2026,"$4,800,000.00",ext-1\n'
    ),
    "kintone's": "外部ID,商談結果,受注日,受注金額,更新者\next-1,受注,2026年11月20日,480万円,佐藤\n".encode("cp932"),
    "spaced names": b"External ID,Outcome,Amount,Date\next-1,Won,\xef\xbc\x94800000,2026-11-20T01:00:00.000Z\n",
    "Excel's serial day": b"number,outcome,amount,date\n#1,won,4800000.0,46346\n",
}


@pytest.mark.thorough
def test_the_habits_of_exports_are_read(team: Team) -> None:
    for habit, raw in HABITS.items():
        Path("deals.csv").write_bytes(raw)
        done = cli("import", "outcomes", "deals.csv")
        assert done.exit_code == 0, (habit, done.output)
        mql = team.mql(1)
        assert mql.deal_result_at is not None
        day = mql.deal_result_at.astimezone(TOKYO).date().isoformat()
        assert (mql.deal_result, mql.amount, day) == (DealResult.WON, 4_800_000, "2026-11-20"), habit
        Path("deals.csv").write_text("number,outcome,date\n1,lost,2026-11-19\n", encoding="utf-8")
        assert cli("import", "outcomes", "deals.csv").exit_code == 0


def test_what_a_file_cannot_say_is_asked_for(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    rounded = cli("import", "outcomes", _file("External ID,outcome,amount,date\n1.23457E+11,won,1,2026-11-20\n"))
    assert "Excel has rounded" in rounded.stderr
    either = _file("number,outcome,amount,date\n1,won,1,11/10/2026\n")
    assert "--dates" in cli("import", "outcomes", either).stderr
    assert "before the MQL came in" in cli("import", "outcomes", either, "--dates", "month-first").stderr
    assert "in the future" not in cli("import", "outcomes", either, "--dates", "month-first").stderr
    named = _file("number,Result of it,amount,date\n1,won,1,2026-11-20\n")
    assert cli("import", "outcomes", named).exit_code == 1
    assert cli("import", "outcomes", named, "--column", "Result of it=deal").exit_code == 0


def test_a_file_that_is_not_there_or_in_no_known_encoding_is_refused_in_one_line(team: Team, language: str) -> None:
    Path("deals.csv").write_bytes(b"number,outcome,amount,date\n1,\x81\xff,1,2026-11-20\n")
    for name, exit_code in (("nowhere.csv", 2), ("deals.csv", 1)):
        done = cli("import", "outcomes", name)
        assert done.exit_code == exit_code
        assert name in done.stderr
        assert "TOML" not in done.stderr
        assert done.stderr.count("\n") == 1
    assert team.mql(1).deal_result is None


def test_a_dry_run_checks_and_changes_nothing(team: Team, language: str) -> None:
    done = cli("import", "outcomes", _file("number,outcome,amount,date\n1,won,1,2026-11-20\n"), "--dry-run")
    assert done.exit_code == 0
    assert "--dry-run" in done.stdout
    assert team.mql(1).deal_result is None


WRONG = {
    "9,,won,1,2026-11-20": "9",
    ",nobody,won,1,2026-11-20": "nobody",
    "1,ext-1,won,1,2026-11-20": "external_id",
    ",,won,1,2026-11-20": "external_id",
    "x,,won,1,2026-11-20": "“x”",
    "3,,won,1,2026-11-20": "#3 is not qualified",
    "1,,maybe,1,2026-11-20": "“maybe”",
    "1,,won,,2026-11-20": "needs an amount",
    "1,,won,-1,2026-11-20": "“-1”",
    "1,,won,1.5,2026-11-20": "“1.5”",
    "1,,won,1,20.11.2026": "“20.11.2026”",
    "1,,won,1,2026-02-30": "“2026-02-30”",
    "1,,won,1,2027-01-01": "in the future",
    "1,,won,1,2026-11-01": "before the MQL came in",
    "1,,won,1": "as many columns",
    "2,,lost,,2026-11-20": "#2 stands in an earlier line",
}


def test_what_is_wrong_is_said_line_by_line_and_nothing_is_written(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    good = "2,,won,1,2026-11-20\n"
    done = cli("import", "outcomes", _file("number,external_id,outcome,amount,date\n" + good + "\n".join(WRONG) + "\n"))
    assert done.exit_code == 1
    lines = done.stderr.splitlines()
    assert len(lines) == len(WRONG) + 1
    for number, (line, words) in enumerate(zip(lines, WRONG.values(), strict=False), start=3):
        assert f"line {number}:" in line
        assert words in line, line
    assert team.mql(2).deal_result is None
    assert done.stdout == ""


@pytest.mark.alike
@pytest.mark.parametrize(
    "text", ["", "number,outcome\n1,won\n", "outcome,date,price\nlost,2026-11-20,3\n", "1,won,1,2026-11-20\n"]
)
def test_a_first_line_without_the_columns_is_refused(team: Team, text: str, language: str) -> None:
    done = cli("import", "outcomes", _file(text))
    assert done.exit_code == 1
    assert "date" in done.stderr


def test_a_file_that_is_not_there_is_said_in_one_line(team: Team, language: str) -> None:
    done = cli("import", "outcomes", "nowhere.csv")
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1


def test_what_is_not_qualified_is_neither_won_nor_lost(team: Team) -> None:
    with team.database.transaction() as tx:
        workspace = workspaces.get(tx, team.id)
        assert workspace is not None
        deal = Deal(result=DealResult.LOST, on=team.time.now().date())
        refused = deals.record(tx, workspace, team.mql(3).id, team.mql(3).owner or "", deal, team.time.now())
    assert refused == Refused(Refusal.NOT_QUALIFIED, number=3)
