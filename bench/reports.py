"""What the reports take in a workspace with three years behind it.

python -m bench.reports [copies]

There are 1,000,000 MQLs, 6,400 of them in a week, and more than 10,000,000 events.
Beside each report the same figures by hand (bench/figures.py), on the same database and in turns; where the two do not
agree the run ends with an error. Every report is read in a process of its own, whose memory is compared with that of
one that reads the same from 10,000 MQLs. Takes about 6 GB of disk, of which nothing is left afterwards.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, cast

import sqlalchemy as sa

from bench import figures, goals, stage, years
from bench.figures import Run
from bot.core.reports import monthly, scoring
from bot.core.reports import weekly as reporting
from bot.core.reports.cohorts import ENOUGH, MonthlyReport
from bot.core.reports.figures import Figures, WeeklyReport
from bot.core.reports.scoring import ScoringCheck
from storage import workspaces
from storage.database import Database
from storage.models import Workspace, event, mql
from storage.reports import Span
from tests import postgres
from tests.workspace import WORKSPACE

COPIES, FEW = 5_000, 50
ROUNDS = 3
MOST_TIMES = 2
TICKS = os.sysconf("SC_CLK_TCK")

By = Callable[[], Any]
Sides = tuple[By, By, Callable[[Any, dict[str, Any]], None]]
"""A report as we tell it, the same by hand, and what fails where the two do not agree."""


@dataclass(frozen=True)
class Took:
    """The least of some rounds, in seconds; `processor` includes PostgreSQL's process."""

    clock: float
    processor: float


@dataclass(frozen=True)
class Measured:
    """The measurements of a report in a process of its own."""

    ours: Took
    bare: Took
    peak: float
    """MiB that the first report took beyond what the process had."""


def main(copies: int = COPIES) -> None:
    print(
        "| database | report | MQLs | events | s | goal | by hand, s | ratio | processor, s | by hand, s | ratio ",
        end="",
    )
    print("| goal | memory, MiB | with 10,000 MQLs |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    with stage.sqlite() as few, stage.sqlite() as many:
        took = [compare("SQLite", few, many, copies)]
    with (
        postgres.server() as server,
        stage.postgresql(server, "few") as few,
        stage.postgresql(server, "many") as many,
    ):
        took.append(compare("PostgreSQL", few, many, copies))
    for report in REPORTS:
        goals.note(report, max(seconds[report] for seconds in took))


def compare(name: str, few: Database, many: Database, copies: int) -> dict[str, float]:
    """Print the lines of a database; return the seconds that each report takes by the clock."""
    took = {}
    years.fill(few, FEW)
    years.fill(many, copies)
    with many.snapshot() as tx:
        counts = [tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in (mql, event)]
    for report, (_, goal) in REPORTS.items():
        small, large = (apart(database, report) for database in (few, many))
        print(f"| {name} | {report} | {counts[0]:,} | {counts[1]:,} | {_line(small, large, goal)} |", flush=True)
        took[report] = large.ours.clock
    return took


def _line(small: Measured, large: Measured, goal: float) -> str:
    cells = []
    for kind, most in (("clock", f"≤ {goal:g}"), ("processor", None)):
        ours, bare = (getattr(took, kind) for took in (large.ours, large.bare))
        cells += [f"{ours:.2f}", *([] if most is None else [most]), f"{bare:.2f}", f"{ours / bare:.2f}"]
    return " | ".join([*cells, f"≤ {MOST_TIMES}", f"{large.peak:.1f}", f"{small.peak:.1f}"])


def apart(database: Database, report: str) -> Measured:
    """Measure a report in another process."""
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    url = database.url.render_as_string(hide_password=False)
    process = spawning.Process(target=measure, args=(theirs, url, report))
    process.start()
    theirs.close()
    measured: Measured = ours.recv()
    process.join()
    return measured


def measure(pipe: Connection, url: str, report: str) -> None:
    """Measure a report; the main function of the other process."""
    database = Database(url)
    run, bare_pid = figures.bare(database)
    pid = None
    if not database.is_sqlite:
        pid = read(database, lambda tx: tx.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
    tell, by_hand, agree = REPORTS[report][0](database, run)
    before = _memory("VmRSS")
    report = tell()
    peak = _memory("VmHWM") - before
    agree(report, by_hand())
    rounds = [(timed(tell, pid), timed(by_hand, bare_pid)) for _ in range(ROUNDS)]
    ours, bare = (
        Took(min(took.clock for took in side), min(took.processor for took in side))
        for side in zip(*rounds, strict=True)
    )
    pipe.send(Measured(ours, bare, peak))
    database.close()


def timed(act: By, pid: int | None) -> Took:
    """Time one round."""
    began, busy = perf_counter(), process_time() + _busy(pid)
    act()
    return Took(perf_counter() - began, process_time() + _busy(pid) - busy)


def _busy(pid: int | None) -> float:
    """Return the processor seconds of another process."""
    if pid is None:
        return 0.0
    stat = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(stat[11]) + int(stat[12])) / TICKS


def _memory(name: str) -> float:
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status[name].split()[0]) / 1024


def weekly(database: Database, run: Run) -> Sides:
    """Return the digest of the last week, by both sides."""
    workspace = _workspace(database)
    monday = datetime.combine(reporting.week_of(years.LAST_WEEK), time(), years.ZONE).astimezone(UTC)
    spans = [Span(monday + weeks * reporting.WEEK, monday + (weeks + 1) * reporting.WEEK) for weeks in (-1, 0)]

    def by_hand() -> dict[str, Any]:
        before, now = (figures.week(run, span, database.is_sqlite) for span in spans)
        return {"before": before, "now": now} | figures.acts(run, spans[1], years.NOW)

    def agree(report: WeeklyReport, counted: dict[str, Any]) -> None:
        same_week(report.before, counted["before"])
        same_week(report.now, counted["now"])
        given, debt = dict(counted["given"]), dict(counted["now"]["overdue"])
        in_time = dict(counted["now"]["in_time"])
        for rep in report.reps:
            by_hand = (counts.get(rep.user_id, 0) for counts in (given, in_time, debt))
            assert (rep.received, rep.in_time, rep.debt) == tuple(by_hand)
        assert sum(rep.breached for rep in report.reps) == counted["breaches"]
        assert [report.waiting.count, report.debt.count] == counted["overdue now"]
        assert [[view.mql.id for view in share.oldest] for share in (report.waiting, report.debt)] == counted["oldest"]
        assert report.plan is not None
        assert report.plan.received == counted["month"]

    return (
        lambda: read(database, lambda tx: reporting.weekly(tx, workspace, years.LAST_WEEK, years.NOW)),
        by_hand,
        agree,
    )


def same_week(week: Figures, counted: dict[str, Any]) -> None:
    """Fail where the figures of a week differ."""
    assert (week.received, week.contactable, week.withdrawn) == counted["came"]
    for name in ("contacted", "proven"):
        ours = getattr(week, name)
        assert (ours.count, ours.median, ours.p90) == counted[name]
    assert (week.responded, week.due, week.in_time) == tuple(counted["answers"])
    assert (week.responded, week.median, week.p90) == counted["took"]
    outcomes, reasons = Counter[str](), Counter[str]()
    for status, reason, count in counted["outcomes"]:
        outcomes[status] += count
        reasons[reason] += count if reason else 0
    assert {name: getattr(week, name) for name in outcomes} == outcomes
    assert {reason.key: count for reason, count in week.lost_reasons} == +reasons
    assert week.feedback_given == outcomes.total()
    assert week.feedback_due == outcomes.total() + sum(count for _, count in counted["overdue"])
    events = {(kind, clock): count for kind, clock, count in counted["events"]}
    assert (week.repeated, week.escalated) == tuple(
        events.get(kind, 0) for kind in (("received_again", None), ("escalated", "response"))
    )
    assert week.breached == counted["breached"]


def month(database: Database, run: Run) -> Sides:
    """Return the report of the last month that is over, which covers six, by both sides."""
    workspace, last = _workspace(database), monthly.month_of(years.LAST_MONTH)
    firsts = [monthly.months_on(last, -back) for back in reversed(range(monthly.COHORTS))]
    spans = [monthly.span_of(workspace, first, first) for first in firsts]

    def agree(report: MonthlyReport, counted: dict[str, Any]) -> None:
        for cohort, tallies, times in zip(report.cohorts, counted["tallies"], counted["times"], strict=True):
            *_, received, decided, qualified, won, lost, amount = zip(*tallies, strict=True)
            assert (cohort.total.received, cohort.total.decided) == (sum(received), sum(decided))
            assert (cohort.total.qualified, cohort.wins.won, cohort.wins.lost) == (sum(qualified), sum(won), sum(lost))
            assert cohort.wins.amount == sum(value or 0 for value in amount)
            stages = (cohort.accepted, cohort.contacted, cohort.decided)
            ours = [(stage.count, stage.median, stage.p90) for stage in stages]
            assert ours == times[:3]
        assert sum(loss.count for loss in report.losses) == sum(count for *_, count in counted["lost"])

    return (
        lambda: read(database, lambda tx: monthly.report(tx, workspace, years.LAST_MONTH, years.NOW)),
        lambda: figures.monthly(run, spans, database.is_sqlite),
        agree,
    )


def check(database: Database, run: Run) -> Sides:
    """Return the check of the scoring rule over twelve months, by both sides."""
    workspace, last = _workspace(database), monthly.month_of(years.LAST_MONTH)
    span = monthly.span_of(workspace, monthly.months_on(last, 1 - scoring.MONTHS), last)

    def agree(checkup: ScoringCheck, counted: dict[str, Any]) -> None:
        assert checkup.received == sum(count for *_, count in counted["scored"])
        by_hand = Counter[str]()
        for name, *_, count, _ in counted["attributes"]:
            by_hand[name] += count
        ours = Counter[str]()
        for factor in checkup.factors:
            ours[factor.name] += factor.conversion.decided if factor.name else 0
        assert +ours == by_hand

    return (
        lambda: read(database, lambda tx: scoring.report(tx, workspace, years.LAST_MONTH)),
        lambda: figures.scoring(run, span, ENOUGH, database.is_sqlite),
        agree,
    )


def read(database: Database, report: Callable[[sa.Connection], Any]) -> Any:
    """Read a report in a transaction of its own."""
    with database.snapshot() as tx:
        return report(tx)


def _workspace(database: Database) -> Workspace:
    workspace = read(database, lambda tx: workspaces.get(tx, WORKSPACE))
    assert workspace is not None
    return cast(Workspace, workspace)


REPORTS: dict[str, tuple[Callable[[Database, Run], Sides], float]] = {
    "weekly": (weekly, 1.0),
    "monthly": (month, 1.0),
    "scoring": (check, 1.0),
}
"""How each is made, and its goal in seconds."""


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COPIES)
