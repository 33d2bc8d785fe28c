"""How many checkpoints that are due at once one process fires in a second, against APScheduler with a job per MQL.

python -m bench.checkpoints [count]

Ours is bot.worker.tick: it claims each clock, writes the event, queues the reminder and sets the next check, all
committed. A job writes one event and one outbox row in a transaction; that it is done is for its job store to write.
Both sides write to a SQLite file of the same settings, the job store to one of its own, where nothing is in its way.
They take turns, and the quickest of a few rounds counts: other work on the machine slows single ones.
"""

from __future__ import annotations

import gc
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Semaphore
from time import perf_counter, process_time, sleep
from typing import Any

import sqlalchemy as sa
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from bench import goals, stage
from bot import app, worker
from bot.core.messages import kinds, outgoing
from storage import rows
from storage.database import Database
from storage.models import clock, event, mql, outbox
from storage.vocabulary import EventType
from tests.workspace import NOW, WORKSPACE

COUNT = 10_000
GOAL = 20
ROUNDS = 3

# A stored job finds what it works with by its module, as in any program that keeps its jobs in a database.
where: dict[str, Database] = {}


def remind(mql_id: int, owner: str) -> None:
    """Run the job of one MQL."""
    mine: dict[str, Any] = {"workspace_id": WORKSPACE, "mql_id": mql_id}
    data = {"clock": "response", "round": 0, "step": 0, "to": None, "hours": 0}
    with where["database"].transaction() as tx:
        event_id = rows.insert(
            tx, event, type=EventType.REMINDED, at=NOW, recorded_at=NOW, before=owner, data=data, **mine
        )
        key = f"reminder:{event_id}:{owner}"
        outgoing.add(tx, WORKSPACE, key, kinds.REMINDER(), owner, NOW, mql_id=mql_id, event_id=event_id)


def main(count: int = COUNT) -> None:
    app.settle()  # as every process of the bot; the jobs profit as well
    print(f"{count:,} checkpoints that are due at once, SQLite; the best of {ROUNDS} rounds\n")
    print(
        "| | seconds | of these processor | checkpoints a second | events | outbox rows "
        "| APScheduler / ours | by processor | goal |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    rounds = [(scheduled(count), ticked(count), ticked(count, outbox)) for _ in range(ROUNDS)]
    jobs, ours, edited = (best(runs) for runs in zip(*rounds, strict=True))
    report("APScheduler, a job per MQL", jobs)
    report("tick", ours, jobs, f"≥ {GOAL}")
    goals.note("checkpoints", jobs.seconds / ours.seconds)
    report("tick, each MQL with a card and a direct message to edit", edited, jobs)


@dataclass(frozen=True)
class Run:
    """What it took to fire all checkpoints, and what that wrote."""

    seconds: float
    processor: float
    events: int
    messages: int


def best(runs: Iterable[Run]) -> Run:
    """Return the least time and the least processor time of rounds that all wrote the same."""
    runs = list(runs)
    return replace(runs[0], seconds=min(r.seconds for r in runs), processor=min(r.processor for r in runs))


def report(name: str, run: Run, other: Run | None = None, goal: str = "") -> None:
    """Print a line of the table."""
    ratios = f"{other.seconds / run.seconds:.1f} | {other.processor / run.processor:.1f}" if other else " | "
    figures = f"{run.seconds:.2f} | {run.processor:.2f} | {run.events / run.seconds:,.0f}"
    print(f"| {name} | {figures} | {run.events:,} | {run.messages:,} | {ratios} | {goal} |", flush=True)


def measured(database: Database, count: int, fire: Callable[[], object]) -> Run:
    """Fire all checkpoints. Every one leaves exactly one event."""
    before = written(database)
    gc.collect()  # what the rounds before have left behind
    began, busy = perf_counter(), process_time()
    fire()
    seconds, processor = perf_counter() - began, process_time() - busy
    events, messages = (now - then for now, then in zip(written(database), before, strict=True))
    assert events == count, f"{events} of {count} fired"
    return Run(seconds, processor, events, messages)


def written(database: Database) -> tuple[int, int]:
    """Count the events and messages."""
    with database.snapshot() as tx:
        counts = [tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in (event, outbox)]
    return counts[0], counts[1]


def ticked(count: int, *also: sa.Table) -> Run:
    """Run one tick that finds a checkpoint of every MQL due."""
    with stage.sqlite() as database:
        stage.fill(database, count, mql, event, clock, *also)
        with database.snapshot() as tx:
            last = tx.execute(sa.select(sa.func.max(clock.c.next_check_at))).scalar_one()
        office = stage.office(database, lambda: last)
        return measured(database, count, lambda: worker.tick(office))


def scheduled(count: int) -> Run:
    """Let APScheduler run a job for every MQL, all due."""
    with stage.sqlite() as database, tempfile.TemporaryDirectory(prefix="mql-bench-") as folder:
        stage.fill(database, count, mql, event, clock)
        where["database"] = database
        with closing(Database(f"sqlite:///{Path(folder) / 'jobs.db'}")) as jobs:
            scheduler, ended = add_jobs(database, jobs)
            run = measured(database, count, lambda: wait(scheduler, ended, count))
            scheduler.shutdown()
        return run


def add_jobs(database: Database, jobs: Database) -> tuple[BackgroundScheduler, Semaphore]:
    """Return a paused scheduler, and the semaphore that it releases for every job that has ended."""
    scheduler = BackgroundScheduler(timezone=UTC, jobstores={"default": SQLAlchemyJobStore(engine=jobs.engine)})
    ended = Semaphore(0)
    scheduler.add_listener(lambda _: ended.release(), EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
    scheduler.start(paused=True)
    due = datetime.now(UTC) - timedelta(minutes=1)
    with database.snapshot() as tx:
        waiting = tx.execute(sa.select(mql.c.id, mql.c.owner)).all()
    for row in waiting:
        # None: however late, it runs. By default a job that is a second late is skipped.
        scheduler.add_job(remind, "date", run_date=due, args=tuple(row), misfire_grace_time=None)
    return scheduler, ended


def wait(scheduler: BackgroundScheduler, ended: Semaphore, count: int) -> None:
    """Let the jobs run until every one has ended and is out of the store."""
    scheduler.resume()
    for _ in range(count):
        ended.acquire()
    while scheduler.get_jobs():
        sleep(0.01)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
