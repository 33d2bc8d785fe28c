"""How many deadlines 1, 2 and 4 worker processes fire in a second on one PostgreSQL database, and whether any twice.

python -m bench.scale [count]
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from time import perf_counter, process_time

import sqlalchemy as sa

from bench import stage
from bot import worker
from storage.database import Database
from storage.models import clock, event, mql, outbox
from tests import postgres

COUNT = 20_000


@dataclass(frozen=True)
class Run:
    """What it took to fire all."""

    seconds: float
    fired: tuple[int, ...]
    """By each process."""
    processor: float
    """Seconds of the workers' processor; PostgreSQL's own is not in it."""
    doubled: int


def main(count: int = COUNT) -> None:
    print(f"{count:,} checkpoints that are due at once, PostgreSQL, {os.cpu_count()} processors\n")
    print("| workers | seconds | a second | beside one | by each | workers' processor, s | fired twice |")
    print("|--:|--:|--:|--:|---|--:|--:|")
    with postgres.server() as server:
        runs: list[Run] = []
        for workers in (1, 2, 4):
            with stage.postgresql(server, f"of{workers}") as database:
                runs.append(run(database, count, workers))
            report(workers, runs[-1], count, runs[0])


def report(workers: int, run: Run, count: int, alone: Run) -> None:
    """Print a line of the table."""
    shares = ", ".join(f"{fired:,}" for fired in run.fired)
    rates = f"{run.seconds:.1f} | {count / run.seconds:,.0f} | {alone.seconds / run.seconds:.2f}"
    print(f"| {workers} | {rates} | {shares} | {run.processor:.1f} | {run.doubled} |", flush=True)


def run(database: Database, count: int, workers: int) -> Run:
    """Let so many processes tick until nothing is due."""
    stage.fill(database, count, mql, event, clock, outbox)
    with database.snapshot() as tx:
        due = tx.execute(sa.select(sa.func.max(clock.c.next_check_at))).scalar_one()
        before = tx.execute(sa.select(sa.func.max(event.c.id))).scalar_one()
    spawning = multiprocessing.get_context("spawn")
    ends = [spawning.Pipe() for _ in range(workers)]
    url = database.url.render_as_string(hide_password=False)
    processes = [spawning.Process(target=work, args=(theirs, url, due)) for _, theirs in ends]
    for process in processes:
        process.start()
    for ours, theirs in ends:
        theirs.close()
        ours.recv()  # connected
    began = perf_counter()
    for ours, _ in ends:
        ours.send(None)
    counts = [ours.recv() for ours, _ in ends]
    seconds = perf_counter() - began
    for process in processes:
        process.join()
    with database.snapshot() as tx:
        new = sa.select(event.c.mql_id).where(event.c.id > before)
        fired = list(tx.execute(new).scalars())
    assert len(set(fired)) == count, f"{len(set(fired))} of {count} fired"
    return Run(seconds, tuple(count for count, _ in counts), sum(busy for _, busy in counts), len(fired) - count)


def work(pipe: Connection, url: str, now: datetime) -> None:
    """Tick from the signal on until nothing is due; the main function of one worker."""
    database = Database(url)
    office = stage.office(database, lambda: now)
    with database.snapshot() as tx:
        tx.execute(sa.select(sa.literal(1)))
    pipe.send("ready")
    pipe.recv()
    busy, fired = process_time(), 0
    while done := worker.tick(office):
        fired += done
    pipe.send((fired, process_time() - busy))
    database.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
