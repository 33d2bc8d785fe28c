"""What a replay of the past costs (`mql-bot simulate`, and the preview of a setting), by the MQLs that it lives through
again: in memory, as the product does it, and on SQLite, where the rules are the same and the statements are executed.

python -m bench.whatif [count]

The past is an office of tests/core/whatif/living: leads at any time of the days, people who accept, call, decline, hand
on, pause, report or do nothing. It is replayed under its own policy, and must come out as it was. On SQLite the first
row alone is replayed.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from time import process_time

from bench import goals
from bot import garbage
from bot.core import teamfile
from bot.core.sla.policy import Policy
from bot.core.teamfile import TeamFile
from bot.core.whatif import Past, read, replay
from storage import workspaces
from storage.database import Database
from storage.memory import Memory
from tests.core.whatif.kit import days
from tests.core.whatif.living import START, Living, office
from tests.scratch import scratch

COUNT = 2_000
"""MQLs of a quarter."""
A_DAY_GETS = 22
AFTERWARDS = timedelta(days=14)


def main(count: int = COUNT) -> None:
    garbage.look_less_often()  # as every command
    print("| MQLs | days | moments | living, processor s | preview, s | ms an MQL | on SQLite | SQLite / memory |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|")
    report(count // 10, max(count // 10 // A_DAY_GETS, 1), beside=True)
    goals.note("whatif", report(count, max(count // A_DAY_GETS, 1), beside=False))


def report(count: int, length: int, *, beside: bool) -> float:
    """Print a line of the table; return the milliseconds an MQL. `beside`: with the same on SQLite."""
    with scratch() as database:
        began = process_time()
        live(database, count, length)
        lived = process_time()
        past = what_happened(database, length)
        seen = process_time()
        with database.snapshot() as tx:
            wanted = teamfile.current(tx, "T1")
        assert wanted is not None
        started = process_time()
        simulated = replay(Memory(), past, wanted, lambda _: None)
        took = process_time() - started
    assert (simulated.figures, simulated.figures.received) == (past.happened, count)
    slow = on_sqlite(past, wanted) if beside else None
    ratio = f"{1000 * slow / count:.1f} | {slow / took:.1f}" if slow else "– | –"
    figures = f"{lived - began:.1f} | {seen - lived + took:.1f} | {1000 * took / count:.1f} | {ratio}"
    print(f"| {count:,} | {length} | {len(past.moments):,} | {figures} |", flush=True)
    return 1000 * took / count


def on_sqlite(past: Past, wanted: TeamFile) -> float:
    """Return the seconds of processor that the same replay takes on a database."""
    with scratch() as private, private.transaction() as tx:
        started = process_time()
        simulated = replay(tx, past, wanted, lambda _: None)
        took = process_time() - started
    assert simulated.figures == past.happened
    return took


def live(database: Database, count: int, length: int) -> None:
    """Let an office live for so many days, and two weeks more for what is still open then."""
    with database.transaction() as tx:
        living = Living(tx, office(Policy()), seed=1)
        living.receives(count, length)
        living.until(START + timedelta(days=length) + AFTERWARDS)


def what_happened(database: Database, length: int) -> Past:
    """Read the past as the command reads it."""
    end = START + timedelta(days=length) + AFTERWARDS
    with database.snapshot() as tx:
        workspace = workspaces.get(tx, "T1")
        assert workspace is not None
        return read(tx, workspace, days(0, length, end))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
