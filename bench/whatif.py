"""What a replay of the past costs (`mql-bot simulate`), by the MQLs that it lives through again.

python -m bench.whatif [count]

The past is an office of tests/core/whatif/living: leads at any time of the days, people who accept, call, decline, hand
on, pause, report or do nothing. It is replayed under its own policy, and must come out as it was, except for the few
MQLs whose turns a replay cannot know.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from time import process_time

from bot.core import teamfile
from bot.core.sla.policy import Policy
from bot.core.whatif import Past, read, replay
from storage import workspaces
from storage.database import Database
from tests.core.whatif.kit import days
from tests.core.whatif.living import START, Living, office
from tests.scratch import scratch

COUNT = 2_000
"""MQLs of a quarter."""
A_DAY_GETS = 22
AFTERWARDS = timedelta(days=14)


def main(count: int) -> None:
    print("| MQLs | days | moments | living, processor s | reading | replaying | replaying, ms an MQL |")
    print("|--:|--:|--:|--:|--:|--:|--:|")
    for part in (count // 10, count):
        report(part, max(part // A_DAY_GETS, 1))


def report(count: int, length: int) -> None:
    """Print a line of the table."""
    with scratch() as database:
        began = process_time()
        live(database, count, length)
        lived = process_time()
        past = what_happened(database, length)
        seen = process_time()
        with scratch() as private, database.snapshot() as tx:
            wanted = teamfile.current(tx, "T1")
            assert wanted is not None
            with private.transaction() as apart:
                simulated = replay(apart, past, wanted, lambda _: None)
        took = process_time() - seen
    assert simulated.figures.received == past.happened.received == count
    figures = f"{lived - began:.1f} | {seen - lived:.1f} | {took:.1f} | {1000 * took / count:.1f}"
    print(f"| {count:,} | {length} | {len(past.moments):,} | {figures} |", flush=True)


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
