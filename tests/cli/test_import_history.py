"""History from a file: what is written down, that nobody hears of it, and that it is counted to the last lead."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.core.base import wall_clock
from bot.core.reports import monthly, scoring
from bot.core.reports.cohorts import Dimension, MonthlyReport
from bot.core.reports.scoring import ScoringCheck
from storage import imports, kpi_targets, workspaces
from storage.database import Database
from storage.fingerprints import fingerprints
from storage.models import Workspace, assignment, clock, event, mql, outbound, outbox, turn
from storage.reports import Span
from storage.vocabulary import EventType, ImportState, Source, Status
from tests import funnel
from tests.cli.kit import cli
from tests.scenarios.stage import Team

TOKYO = ZoneInfo("Asia/Tokyo")
SMALL = 400
HEADER = (
    "External ID,Company,Email,Lead Source,Score,Lead Owner,Created Date,"
    "Lead Status,判定日,失注理由,Stage,Close Date,Amount"
)


@pytest.fixture
def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    team = Team(database)
    monkeypatch.setattr(wall_clock, "utcnow", team.time.now)
    yield team
    team.close()


def table(*rows: str, name: str = "export.csv", header: str = HEADER) -> str:
    Path(name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return name


def brings(file: str, *options: str, exit_code: int = 0) -> str:
    done = cli("import", "history", file, "--yes", *options)
    assert done.exit_code == exit_code, (done.output, done.exception)
    return done.output


def the_funnel(leads: int = SMALL) -> str:
    funnel.write(Path("funnel.csv"), funnel.funnel(leads))
    return "funnel.csv"


def workspace_of(team: Team) -> Workspace:
    with team.database.snapshot() as tx:
        workspace = workspaces.get(tx, team.id)
    assert workspace is not None
    return workspace


def monthly_of(team: Team, period: str) -> MonthlyReport:
    with team.database.snapshot() as tx:
        return monthly.report(tx, workspace_of(team), period, team.time.now())


def scoring_of(team: Team, period: str) -> ScoringCheck:
    with team.database.snapshot() as tx:
        return scoring.report(tx, workspace_of(team), period)


# Nobody hears of it


def test_history_is_written_down_with_its_true_dates_and_nobody_hears_of_it(team: Team) -> None:
    file = table(
        "c-1,青空商事,yamada@aozora.example,webinar,82,田中 美咲,2026-03-02 10:00,"
        "Qualified,2026-03-05,,Closed Won,2026年4月1日,480万円",
        "c-2,Acme,kim@acme.example,search ads,30,Nobody Known,2026/3/3,Unqualified,2026/3/9,予算なし,,,",
        "c-3,Beta,,,,,2026-03-04,Nurturing,,,,,",
        "c-4,Gamma,,,,,2026-03-04,Working,,,,,",
    )
    brings(file)
    won, unqualified, nurtured, working = (team.mql(number) for number in (1, 2, 3, 4))
    assert (won.status, won.deal_result, won.amount) == (Status.QUALIFIED, "won", 4_800_000)
    assert won.received_at == datetime(2026, 3, 2, 10, tzinfo=TOKYO)
    assert won.disposed_at == datetime(2026, 3, 5, tzinfo=TOKYO)
    assert won.deal_result_at == datetime(2026, 4, 1, tzinfo=TOKYO)
    assert (won.source, won.import_id, won.received_score, won.owner) == (
        Source.IMPORT,
        1,
        82,
        team.slack.user("tanaka").id,
    )
    assert (unqualified.status, unqualified.owner, unqualified.email) == ("disqualified", None, "kim@acme.example")
    assert (nurtured.status, nurtured.disposed_at) == (Status.RECYCLED, nurtured.received_at)
    assert working.status == Status.UNKNOWN
    team.advance(days=10)
    with team.database.snapshot() as tx:
        for silent in (clock, outbox, outbound, assignment, turn):
            about = silent.c.mql_id.is_not(None) if "mql_id" in silent.c else sa.true()
            assert tx.execute(sa.select(sa.func.count()).select_from(silent).where(about)).scalar_one() == 0
        assert tx.execute(sa.select(event.c.type).distinct()).scalars().all() == [EventType.IMPORTED]
    assert team.channel("mql").messages == []


def test_nobody_can_act_on_what_was_imported(team: Team) -> None:
    brings(table("c-1,Acme,,,,,2026-03-02,Qualified,2026-03-05,,,,"))
    page = team.user("tanaka").types("/mql show 1").text
    assert "#1" in page
    assert "取り込" in page
    assert page == team.user("tanaka").types("/mql-feedback 1").text == team.user("kim").types("/mql withdraw 1").text


# Counted to the last lead


def in_month(leads: list[funnel.Lead], period: str) -> list[funnel.Lead]:
    return [lead for lead in leads if f"{lead.received:%Y-%m}" == period]


def recounted(leads: list[funnel.Lead]) -> tuple[int, ...]:
    """Received, decided, qualified, won, lost, amount: told from the file alone."""
    qualified = [lead for lead in leads if lead.status == "Qualified"]
    decided = [lead for lead in leads if lead.status != "Working"]
    won, lost = ([lead for lead in leads if lead.won is result] for result in (True, False))
    return len(leads), len(decided), len(qualified), len(won), len(lost), sum(lead.amount for lead in won)


def check_monthly(report: MonthlyReport, leads: list[funnel.Lead]) -> None:
    for cohort in report.cohorts:
        mine = in_month(leads, cohort.period)
        conversion, wins = cohort.total, cohort.wins
        figures = (conversion.received, conversion.decided, conversion.qualified, wins.won, wins.lost, wins.amount)
        assert figures == recounted(mine)
        dated = sorted(lead.decided - lead.received for lead in mine if lead.decided)
        assert (cohort.decided.count, cohort.accepted.count, cohort.contacted.count) == (len(dated), 0, 0)
        assert cohort.decided.median == (dated[(len(dated) + 1) // 2 - 1] if dated else None)
    six = [lead for cohort in report.cohorts for lead in in_month(leads, cohort.period)]
    by_channel = {group.value: group.total.received for group in report.groups[Dimension.CHANNEL]}
    assert by_channel == Counter(lead.channel for lead in six)
    assert [group.value for group in report.groups[Dimension.SOURCE]] == ["import"]
    lost = Counter((lead.channel, lead.reason in ("予算なし",)) for lead in six if lead.status == "Unqualified")
    told_lost = Counter[tuple[str, bool]]()
    for losses in report.losses:
        for reason, count in losses.reasons:
            told_lost[losses.channel, reason.ja == "予算なし"] += count
    assert told_lost == lost


def check_scoring(check: ScoringCheck, leads: list[funnel.Lead]) -> None:
    last = check.period
    year = [lead for lead in leads if f"{check.first:%Y-%m}" <= f"{lead.received:%Y-%m}" <= last]
    received, decided, qualified, *_ = recounted(year)
    assert (check.received, check.decided, check.qualified) == (received, decided, qualified)
    for band in check.bands:
        mine = [lead for lead in year if band.low <= lead.score <= band.high]
        figures = (band.conversion.received, band.conversion.decided, band.conversion.qualified)
        assert figures == recounted(mine)[:3]


def check_kpi(team: Team, leads: list[funnel.Lead]) -> None:
    start, end = (datetime(2026, month, 1, tzinfo=TOKYO) for month in (2, 9))
    span = Span(start.astimezone(UTC), end.astimezone(UTC))
    received = [lead for lead in leads if start <= lead.received.replace(tzinfo=TOKYO) < end]
    confirmed = [lead for lead in leads if lead.status == "Qualified" and lead.decided]
    mine = [lead for lead in confirmed if lead.decided and start <= lead.decided.replace(tzinfo=TOKYO) < end]
    with team.database.snapshot() as tx:
        assert kpi_targets.qualified_of(tx, team.id, span) == (recounted(received)[2], len(received))
        assert kpi_targets.won_of(tx, team.id, span) == (recounted(mine)[3], len(mine))


def check_all(team: Team, leads: list[funnel.Lead]) -> None:
    for period in ("2026-05", "2026-10"):
        check_monthly(monthly_of(team, period), leads)
    check_scoring(scoring_of(team, "2026-10"), leads)
    check_kpi(team, leads)


@pytest.mark.thorough
def test_every_figure_of_a_funnel_is_what_its_file_says(team: Team) -> None:
    brings(the_funnel())
    check_all(team, list(funnel.funnel(SMALL)))


@pytest.mark.thorough
def test_every_figure_of_the_whole_funnel_is_what_its_file_says(team: Team) -> None:
    brings(the_funnel(funnel.LEADS))
    leads = list(funnel.funnel())
    assert recounted(leads)[3] == funnel.DEALS
    check_all(team, leads)


# Twice, and interrupted


def stored(team: Team) -> dict[str, str]:
    return {name: str(print_) for name, print_ in fingerprints(team.database).items() if name != "heartbeat"}


def test_the_same_file_once_more_changes_nothing(team: Team) -> None:
    brings(the_funnel(40))
    before = stored(team)
    assert "40 rows are known" in brings("funnel.csv")
    assert stored(team) == before


def test_an_import_that_was_interrupted_goes_on(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.connectors.tables.history_file.BATCH", 15)
    steps = iter((False, False, True))
    whole = imports.advance

    def die(*arguments: object) -> None:
        if next(steps):
            raise KeyboardInterrupt
        whole(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(imports, "advance", die)
    assert cli("import", "history", the_funnel(40), "--yes").exit_code != 0
    monkeypatch.setattr(imports, "advance", whole)
    with team.database.snapshot() as tx:
        (run,) = imports.newest(tx, team.id, 9)
        assert (run.state, run.position, run.added) == (ImportState.RUNNING, 30, 30)
    output = brings("funnel.csv")
    assert "at row 30" in output
    assert "Import 1 is done: 40" in output
    with team.database.snapshot() as tx:
        (run,) = imports.newest(tx, team.id, 9)
        assert (run.state, run.position, run.added) == (ImportState.DONE, 40, 40)
        assert tx.execute(sa.select(sa.func.count()).select_from(mql)).scalar_one() == 40


def test_a_dry_run_and_a_no_change_nothing(team: Team) -> None:
    file, before = the_funnel(20), stored(team)
    assert cli("import", "history", file, "--dry-run").exit_code == 0
    assert cli("import", "history", file, answer="n\n").exit_code == 0
    assert stored(team) == before


# What cannot be imported


BAD = {
    "c-1,Acme,,,,,,Open,,,,,": "does not say when the lead came in",
    "c-2,Acme,,,,,31.12.2025,Open,,,,,": "“31.12.2025” is no date",
    "c-3,Acme,,,,,2027-01-01,Open,,,,,": "in the future",
    "c-4,Acme,not an address,,,,2026-03-01,Open,,,,,": "“not an address” is not an e-mail address",
    "c-5,Acme,,,much,,2026-03-01,Open,,,,,": "“much” is not a whole number",
    "c-6,Acme,,,,,2026-03-01,Wobbling,,,,,": "--value 'Wobbling=open'",
    "c-7,Acme,,,,,2026-03-05,Unqualified,2026-03-01,,,,": "before the lead came in",
    "c-8,Acme,,,,,2026-03-05,,,,Closed Won,,100": "no column says when",
    "c-9,Acme,,,,,2026-03-05,,,,Closed Won,2026-03-06,lots": "“lots” is not an amount",
    "1.23457E+11,Acme,,,,,2026-03-05,,,,,,": "Excel has rounded",
    ",,,,,,2026-03-05,,,,,,": "names nobody",
    "c-10,Acme": "as many columns",
    "c-0,Acme,,,,,2026-03-05,,,,,,": "same lead (c-0)",
    f"c-11,{'x' * 201},,,,,2026-03-05,,,,,,": "longer than 200",
}


def test_rows_that_cannot_be_imported_are_in_a_file_with_the_reason_and_go_in_once_they_are_mended(team: Team) -> None:
    good = "c-0,=cmd|' /C calc'!A0,,,,,2026-03-01,Open,,,,,"
    output = brings(table(good, *BAD), exit_code=1)
    assert team.mql(1).external_id == "c-0"
    assert team.mql(1).company == "=cmd|' /C calc'!A0"
    assert f"{len(BAD)} rows cannot be imported" in output
    with Path("export.bad.csv").open(encoding="utf-8-sig", newline="") as opened:
        header, *rows = csv.reader(opened)
    assert header[2:] == HEADER.split(",")
    for number, (row, (line, reason)) in enumerate(zip(rows, BAD.items(), strict=True), start=3):
        assert row[0] == str(number)
        assert reason in row[1], row[1]
        assert row[2:] == line.split(",")
    mended = [row[2:] for row in rows if row[2] == "c-1"]
    mended[0][6] = "2026-03-01"
    with Path("mended.csv").open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows([header, ["3", "why", *mended[0]]])
    brings("mended.csv")
    assert team.mql(2).external_id == "c-1"


def test_what_a_status_and_an_owner_mean_can_be_said(team: Team) -> None:
    tanaka = team.slack.user("tanaka").id
    file = table("c-6,Acme,,,,T. Tanaka,3/4/2026,Wobbling,,,,,")
    assert cli("import", "history", file, "--yes").exit_code == 1  # the day may be two
    output = brings(file, "--value", "wobbling=recycled", "--owner", f"T. Tanaka={tanaka}", "--dates", "day-first")
    assert "day first" in output
    only = team.mql(1)
    assert (only.status, only.owner) == (Status.RECYCLED, tanaka)
    assert only.received_at == datetime(2026, 4, 3, tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("options", "exit_code"),
    [
        (("--column", "nothing"), 2),
        (("--column", "Nowhere=received"), 1),
        (("--column", "Created Date=-"), 1),
        (("--value", "Open=maybe"), 2),
        (("--encoding", "utf-16"), 1),
    ],
)
def test_what_cannot_be_meant_is_said_in_one_line(team: Team, options: tuple[str, ...], exit_code: int) -> None:
    done = cli("import", "history", table("c-1,Acme,,,,,2026-03-01,Open,,,,,"), "--yes", *options)
    assert (done.exit_code, done.stderr.count("\n")) == (exit_code, 1)
    with team.database.snapshot() as tx:
        assert imports.newest(tx, team.id, 1) == []


# Beside what people work on


def test_a_lead_that_this_bot_has_had_is_left_alone_and_one_that_was_imported_comes_in_as_new(team: Team) -> None:
    team.receives("Acme", external_id="c-1", email="kim@acme.example")
    live = team.mql(1)
    day = f"{team.time.now().astimezone(TOKYO):%Y-%m-%d}"
    output = brings(
        table(
            "c-1,Acme,,,,,2026-03-01,Qualified,2026-03-02,,Closed Won,2026-03-03,100",
            f"other,Acme,KIM@acme.example,,,,{day},Open,,,,,",
            "c-2,Acme,kim@acme.example,,,,2026-03-01,Qualified,2026-03-02,,,,",
        )
    )
    assert "2 rows are about leads that this bot has had itself" in output
    assert team.mql(1) == live
    assert team.mql(2).external_id == "c-2"
    team.receives("Acme again", external_id="c-2", email="lee@acme.example")
    assert (team.mql(3).company, team.mql(3).import_id, team.mql(2).company) == ("Acme again", None, "Acme")


@pytest.mark.thorough
def test_a_week_of_live_work_keeps_its_own_figures(team: Team) -> None:
    def week() -> list[str]:
        done = cli("report", "weekly", "--week", "2026-W47", "--format", "csv")
        assert done.exit_code == 0
        days = ("--from", "2026-11-17", "--to", "2026-11-18")
        other = cli("simulate", "--policy", "policy.toml", *days, "--format", "json")
        assert other.exit_code == 0, other.output
        return [line for line in done.output.splitlines() if ",imported," not in line] + [other.output]

    def live() -> None:
        for number in range(3):
            team.receives(f"Live {number}", email=f"live{number}@example.com", score=50)
        team.accepts(1)
        team.advance(days=2)
        team.accepts(2)

    Path("policy.toml").write_text("[policy]\nresponse_hours = 12\n", encoding="utf-8")
    live()
    before = week()
    rows = [
        f"h-{number},Old,h{number}@example.com,,70,田中 美咲,2026-11-17 09:{number:02},Qualified,2026-11-17 18:00,,,,"
        for number in range(30)
    ]
    brings(table(*rows))
    assert week() == before
    team.advance(days=3)
    imported = cli("report", "weekly", "--week", "2026-W47", "--format", "json").output
    assert '"imported": 30' in imported


# Later news, and taking back


def test_a_later_export_moves_on_and_each_import_can_be_taken_back(team: Team) -> None:
    empty = stored(team)
    first = table("c-1,Acme,,,,,2026-03-01,Working,,,,,", "c-2,Beta,,,,,2026-03-01,Unqualified,2026-03-02,予算なし,,,")
    brings(first)
    as_first = (team.mql(1), team.mql(2))
    after_first = stored(team)
    later = table(
        "c-1,Acme,,,,,2026-03-01,Qualified,2026-04-01,,Closed Won,2026-05-01,100",
        "c-2,Beta,,,,,2026-03-01,Unqualified,2026-03-02,予算なし,,,",
        "c-3,Gamma,,,,,2026-05-01,Working,,,,,",
        name="later.csv",
    )
    assert "Import 2 is done: 1 MQLs written down, 1 changed" in brings(later)
    assert (team.mql(1).status, team.mql(1).deal_result) == (Status.QUALIFIED, "won")
    refused = cli("import", "undo", "1", "--yes")
    assert refused.exit_code == 1
    assert "#1" in refused.stderr
    assert cli("import", "undo", "2", "--yes").exit_code == 0
    assert (team.mql(1), team.mql(2)) == as_first
    names = {"mql", "event", "feedback", "imported_row"}
    assert {name: stored(team)[name] for name in names} == {name: after_first[name] for name in names}
    assert cli("import", "undo", "1", "--yes").exit_code == 0
    assert {name: stored(team)[name] for name in names} == {name: empty[name] for name in names}
    assert cli("import", "undo", "1", "--yes").exit_code == 2
    assert "taken back" in cli("import", "list").output
    runs = json.loads(cli("import", "list", "--format", "json").output)
    assert [(run["id"], run["kind"], run["state"]) for run in runs] == [
        (1, "history", "undone"),
        (2, "history", "undone"),
    ]
    rows = list(csv.DictReader(cli("import", "list", "--format", "csv").output.removeprefix("\ufeff").splitlines()))
    assert [row["file"] for row in rows] == [run["file"] for run in runs]


def test_what_a_file_of_outcomes_said_later_holds_and_an_import_under_it_stays(team: Team) -> None:
    brings(table("c-1,Acme,,,,,2026-03-01,Qualified,2026-03-02,,,,"))
    Path("deals.csv").write_text('External ID,Deal Stage,Close Date,Amount\nc-1,Closed Won,2026-04-01,"$4,800"\n')
    assert cli("import", "outcomes", "deals.csv").exit_code == 0
    assert (team.mql(1).deal_result, team.mql(1).amount) == ("won", 4800)
    team.settle()
    assert team.channel("mql").messages == []
    output = brings(table("c-1,Acme,,,,,2026-03-01,Unqualified,2026-03-02,,,,"))
    assert "1 row is passed over" in output
    assert team.mql(1).status == Status.QUALIFIED
    assert cli("import", "undo", "1", "--yes").exit_code == 1


# Out and in again


def figures_of(team: Team) -> tuple[object, ...]:
    """Everything that counts imported MQLs, but for the source, which says how each came in here."""
    report = monthly_of(team, "2026-11")
    plain = [(cohort.period, cohort.total, cohort.wins, cohort.decided, cohort.won) for cohort in report.cohorts]
    return plain, report.groups, report.losses, scoring_of(team, "2026-11")


@pytest.mark.alike
@pytest.mark.parametrize("form", [(), ("--format", "jsonl"), ("--language", "ja")], ids=["csv", "jsonl", "ja"])
def test_what_is_exported_is_read_back_to_the_same_figures(
    team: Team, migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: tuple[str, ...]
) -> None:
    brings(the_funnel(120))
    team.receives("'=Live", email="live@example.com", score=50, channel="=1+1", attributes={"size": "s"})
    team.accepts(121)
    exported = cli("export", "mqls", *form).output
    Path("exported.csv").write_text(exported, encoding="utf-8")
    assert exported.startswith(
        {"ja": "MQL番号,外部ID,会社名", "jsonl": '{"number": 1,'}.get("".join(form[1:]), "number,")
    )
    lines = cli("export", "mqls", "--format", "jsonl").output.splitlines()
    assert [json.loads(line)["number"] for line in lines] == list(range(1, 122))
    if not form:
        with Path("exported.csv").open(encoding="utf-8", newline="") as opened:
            assert [row["channel"] for row in csv.DictReader(opened)][-1] == "'=1+1"
    assert "There is nothing to import" in brings("exported.csv")  # everything is here

    database = Database(f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'other.db')}")
    other = Team(database)
    other.time.advance(team.time.now() - other.time.now())
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string(hide_password=False))
    brings("exported.csv")
    assert figures_of(other) == figures_of(team)
    with database.snapshot() as tx:
        assert tx.execute(sa.select(mql.c.company, mql.c.attributes).order_by(mql.c.id.desc()).limit(1)).one() == (
            "'=Live",
            {"size": "s"},
        )
    other.close()
    database.close()


def test_the_words_are_those_of_the_reader(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    funnel.write(Path("funnel.csv"), funnel.funnel(10), encoding="cp932", separator="\t")
    output = brings("funnel.csv")
    assert "Shift_JIS (cp932)" in output
    assert "タブ区切り" in output
    assert "新しく記録するMQL: 10件" in output


def test_the_same_id_in_another_system_is_somebody_else_and_changes_nobody(team: Team) -> None:
    brings(table("17,Acme,one@acme.example,,,,2026-03-01,Working,,,,,"))
    other = table("17,Beta,two@beta.example,,,,2026-04-01,Unqualified,2026-04-02,,,,", name="other.csv")
    assert "1 row has the id of another lead" in brings(other)
    assert (team.mql(1).company, team.mql(1).status) == ("Acme", Status.UNKNOWN)
    brings(other, "--column", "External ID=-")
    assert (team.mql(2).company, team.mql(2).status) == ("Beta", Status.DISQUALIFIED)
    moved = table("17,Acme K.K.,one@acme.example,,,,2026-03-01,Qualified,2026-04-02,,,,", name="moved.csv")
    assert "1 changed" in brings(moved)
