"""What the reports take in a workspace with three years behind it: 1,000,000 MQLs and more than 10,000,000 events, of
which a week has 6,400.

python -m bench.reports [copies]

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

from bench import figures, stage, years
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
from tests.core.conftest import WORKSPACE

COPIES, FEW = 5_000, 50
ROUNDS = 3
MOST_TIMES = 2
TICKS = os.sysconf("SC_CLK_TCK")

By = Callable[[], Any]
Sides = tuple[By, By, Callable[[Any, dict[str, Any]], None]]
"""A report as we tell it, the same by hand, and what fails where the two do not agree."""


@dataclass(frozen=True)
class Took:
    """The least of some rounds, in seconds; `processor`: that of PostgreSQL's process included."""

    clock: float
    processor: float


@dataclass(frozen=True)
class Measured:
    """A report in a process of its own."""

    ours: Took
    bare: Took
    peak: float
    """MiB that the first report took beyond what the process had."""


def main(copies: int) -> None:
    print(
        "| database | report | MQLs | events | s | goal | by hand, s | ratio | processor, s | by hand, s | ratio ",
        end="",
    )
    print("| goal | memory, MiB | with 10,000 MQLs |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    with stage.sqlite() as few, stage.sqlite() as many:
        compare("SQLite", few, many, copies)
    with (
        postgres.server() as server,
        stage.postgresql(server, "few") as few,
        stage.postgresql(server, "many") as many,
    ):
        compare("PostgreSQL", few, many, copies)


def compare(name: str, few: Database, many: Database, copies: int) -> None:
    """The lines of a database."""
    years.fill(few, FEW)
    years.fill(many, copies)
    with many.snapshot() as tx:
        counts = [tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in (mql, event)]
    for report, (_, goal) in REPORTS.items():
        small, large = (apart(database, report) for database in (few, many))
        print(f"| {name} | {report} | {counts[0]:,} | {counts[1]:,} | {_line(small, large, goal)} |", flush=True)


def _line(small: Measured, large: Measured, goal: float | None) -> str:
    cells = []
    for kind, most in (("clock", f"≤ {goal}" if goal else ""), ("processor", None)):
        ours, bare = (getattr(one, kind) for one in (large.ours, large.bare))
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
    found: Measured = ours.recv()
    process.join()
    return found


def measure(pipe: Connection, url: str, report: str) -> None:
    """What the other process does."""
    database = Database(url)
    run, bare_pid = figures.bare(database)
    pid = None
    if not database.is_sqlite:
        pid = read(database, lambda tx: tx.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
    tell, by_hand, agree = REPORTS[report][0](database, run)
    before = _memory("VmRSS")
    told = tell()
    peak = _memory("VmHWM") - before
    agree(told, by_hand())
    rounds = [(timed(tell, pid), timed(by_hand, bare_pid)) for _ in range(ROUNDS)]
    ours, bare = (
        Took(min(one.clock for one in side), min(one.processor for one in side)) for side in zip(*rounds, strict=True)
    )
    pipe.send(Measured(ours, bare, peak))
    database.close()


def timed(act: By, pid: int | None) -> Took:
    """One round."""
    began, busy = perf_counter(), process_time() + _busy(pid)
    act()
    return Took(perf_counter() - began, process_time() + _busy(pid) - busy)


def _busy(pid: int | None) -> float:
    """Processor seconds of another process."""
    if pid is None:
        return 0.0
    said = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(said[11]) + int(said[12])) / TICKS


def _memory(name: str) -> float:
    said = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(said[name].split()[0]) / 1024


def weekly(database: Database, run: Run) -> Sides:
    """The digest of the last week."""
    workspace = _workspace(database)
    monday = datetime.combine(reporting.week_of(years.LAST_WEEK), time(), years.ZONE).astimezone(UTC)
    spans = [Span(monday + weeks * reporting.WEEK, monday + (weeks + 1) * reporting.WEEK) for weeks in (-1, 0)]

    def by_hand() -> dict[str, Any]:
        before, now = (figures.week(run, span, database.is_sqlite) for span in spans)
        return {"before": before, "now": now} | figures.acts(run, spans[1], years.NOW)

    def agree(told: WeeklyReport, counted: dict[str, Any]) -> None:
        same_week(told.before, counted["before"])
        same_week(told.now, counted["now"])
        given, debt = dict(counted["given"]), dict(counted["now"]["overdue"])
        in_time = {owner: met for owner, *_, met in counted["now"]["answers"]}
        for one in told.reps:
            by_hand = (found.get(one.user_id, 0) for found in (given, in_time, debt))
            assert (one.received, one.in_time, one.debt) == tuple(by_hand)
        assert sum(one.breached for one in told.reps) == counted["breaches"]
        assert [told.waiting.count, told.debt.count] == counted["overdue now"]
        assert [[view.mql.id for view in one.oldest] for one in (told.waiting, told.debt)] == counted["oldest"]
        assert told.plan is not None
        assert told.plan.received == counted["month"]

    return (
        lambda: read(database, lambda tx: reporting.weekly(tx, workspace, years.LAST_WEEK, years.NOW)),
        by_hand,
        agree,
    )


def same_week(told: Figures, counted: dict[str, Any]) -> None:
    """Fails where the figures of a week differ."""
    assert (told.received, told.contactable, told.withdrawn) == counted["came"]
    for name in ("contacted", "proven"):
        ours = getattr(told, name)
        assert (ours.count, ours.median, ours.p90) == counted[name]
    answers = [sum(row[place] for row in counted["answers"]) for place in (1, 2, 3)]
    assert [told.responded, told.due, told.in_time] == answers
    assert (told.responded, told.median, told.p90) == counted["took"]
    outcomes, reasons = Counter[str](), Counter[str]()
    for status, reason, count in counted["outcomes"]:
        outcomes[status] += count
        reasons[reason] += count if reason else 0
    assert {name: getattr(told, name) for name in outcomes} == outcomes
    assert {reason.key: count for reason, count in told.lost_reasons} == +reasons
    assert told.feedback_given == outcomes.total()
    assert told.feedback_due == outcomes.total() + sum(count for _, count in counted["overdue"])
    events = {(kind, clock): count for kind, clock, count in counted["events"]}
    assert (told.repeated, told.escalated) == tuple(
        events.get(kind, 0) for kind in (("received_again", None), ("escalated", "response"))
    )
    assert told.breached == counted["breached"]


def month(database: Database, run: Run) -> Sides:
    """The report of the last month that is over, which tells of six."""
    workspace, last = _workspace(database), monthly.month_of(years.LAST_MONTH)
    firsts = [monthly.months_on(last, -back) for back in reversed(range(monthly.COHORTS))]
    spans = [monthly.span_of(workspace, first, first) for first in firsts]

    def agree(told: MonthlyReport, counted: dict[str, Any]) -> None:
        for cohort, tallies, times in zip(told.cohorts, counted["tallies"], counted["times"], strict=True):
            *_, received, decided, qualified, won, lost, amount = zip(*tallies, strict=True)
            assert (cohort.total.received, cohort.total.decided) == (sum(received), sum(decided))
            assert (cohort.total.qualified, cohort.wins.won, cohort.wins.lost) == (sum(qualified), sum(won), sum(lost))
            assert cohort.wins.amount == sum(one or 0 for one in amount)
            ours = [(one.count, one.median, one.p90) for one in (cohort.accepted, cohort.contacted, cohort.decided)]
            assert ours == times[:3]
        assert sum(one.count for one in told.losses) == sum(count for *_, count in counted["lost"])

    return (
        lambda: read(database, lambda tx: monthly.report(tx, workspace, years.LAST_MONTH, years.NOW)),
        lambda: figures.monthly(run, spans, database.is_sqlite),
        agree,
    )


def check(database: Database, run: Run) -> Sides:
    """The check of the scoring rule over twelve months."""
    workspace, last = _workspace(database), monthly.month_of(years.LAST_MONTH)
    span = monthly.span_of(workspace, monthly.months_on(last, 1 - scoring.MONTHS), last)

    def agree(told: ScoringCheck, counted: dict[str, Any]) -> None:
        assert told.received == sum(count for *_, count in counted["scored"])
        by_hand = Counter[str]()
        for name, *_, count, _ in counted["attributes"]:
            by_hand[name] += count
        ours = Counter[str]()
        for factor in told.factors:
            ours[factor.name] += factor.conversion.decided if factor.name else 0
        assert +ours == by_hand

    return (
        lambda: read(database, lambda tx: scoring.report(tx, workspace, years.LAST_MONTH)),
        lambda: figures.scoring(run, span, ENOUGH, database.is_sqlite),
        agree,
    )


def read(database: Database, report: Callable[[sa.Connection], Any]) -> Any:
    """A report, in a transaction of its own."""
    with database.snapshot() as tx:
        return report(tx)


def _workspace(database: Database) -> Workspace:
    found = read(database, lambda tx: workspaces.get(tx, WORKSPACE))
    assert found is not None
    return cast(Workspace, found)


REPORTS: dict[str, tuple[Callable[[Database, Run], Sides], float | None]] = {
    "weekly": (weekly, 1.0),
    "monthly": (month, 5.0),
    "scoring": (check, None),
}
"""How each is made, and its goal in seconds."""


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COPIES)
