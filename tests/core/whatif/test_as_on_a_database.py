"""A replay in memory comes to what the same replay comes to on a real database: row for row, under any team file.

The database is the judge. It executes the statements that the replay executes on Python's values.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.whatif import Past, read, replay
from storage import models, workspaces
from storage.database import Database
from storage.memory import Memory
from tests.core.whatif.covering import lived
from tests.core.whatif.kit import days
from tests.core.whatif.team_files import team_file
from tests.core.whatif.test_any_past import DAYS
from tests.scratch import scratch
from tests.thorough import thoroughly

COMPARED = (
    *("mql", "clock", "event", "assignment", "turn", "member", "pool_standing", "feedback", "outbox", "absence"),
    *("identifier", "lost_reason", "next_touch", "policy_version", "routing_version", "undo"),
)
WANTED = 2
"""Team files under which each past is replayed; one in `make test`."""


def past_of(database: Database, seed: int) -> Past:
    """What an office has lived that covers for each other, or some days of it."""
    now = lived(database, seed)
    first, last = Random(seed).choice([(0, DAYS), (2, 5)])
    with database.snapshot() as tx:
        workspace = workspaces.get(tx, "T1")
        assert workspace is not None
        return read(tx, workspace, days(first, last, now))


def contents(tx: sa.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of each table."""
    tables = (getattr(models, name) for name in COMPARED)
    return {
        table.name: [tuple(row) for row in tx.execute(sa.select(table).order_by(*table.primary_key)).fetchall()]
        for table in tables
    }


@pytest.mark.parametrize(("seed", "many"), thoroughly([(seed, WANTED) for seed in range(30)], but=[(3, 1)]))
def test_a_replay_in_memory_is_the_replay_on_a_database(database: Database, seed: int, many: int) -> None:
    rng, past = Random(seed), past_of(database, seed)
    for _ in range(many):
        wanted, memory = team_file(rng), Memory()
        quick = replay(memory, past, wanted, lambda _: None)
        silent = replay(Memory(), replace(past, messages=False), wanted, lambda _: None)
        assert replace(quick, figures=replace(quick.figures, messages={})) == silent
        with scratch() as private, private.transaction() as tx:
            assert replay(tx, past, wanted, lambda _: None) == quick
            on_database, in_memory = contents(tx), contents(memory)
        for name, rows in on_database.items():
            assert in_memory[name] == rows, name
