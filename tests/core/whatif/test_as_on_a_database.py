"""A replay in memory comes to what the same replay comes to on a real database: row for row, under any team file.

The database is the judge. It executes the statements that the replay executes on Python's values.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.whatif import Past, read, replay
from storage import models, workspaces
from storage.database import Database
from storage.memory import Memory
from tests.core.whatif.kit import days
from tests.core.whatif.living import REPS, START
from tests.core.whatif.team_files import team_file
from tests.core.whatif.test_any_past import AFTERWARDS, DAYS, LEADS, AnyLiving
from tests.scratch import scratch
from tests.thorough import thoroughly

COMPARED = ("mql", "clock", "event", "assignment", "turn", "member", "pool_standing", "feedback", "outbox", "absence")
COMPARED += ("identifier", "lost_reason", "next_touch", "policy_version", "routing_version", "undo")
WANTED = 3
"""Team files under which each past is replayed."""


def past_of(database: Database, rng: Random, seed: int) -> Past:
    """An office has lived under a random team file, with absences, and all that people do."""
    with database.transaction() as tx:
        living = AnyLiving(tx, team_file(rng), seed=seed)
        living.receives(LEADS, DAYS)
        for user in REPS:
            gone = timedelta(hours=rng.randrange(24 * DAYS))
            living.goes_away(user, gone, START + gone + timedelta(hours=rng.choice([5, 40, 130])))
        living.until(START + timedelta(days=DAYS + AFTERWARDS))
    first, last = rng.choice([(0, DAYS), (2, 5)])
    with database.snapshot() as tx:
        workspace = workspaces.get(tx, "T1")
        assert workspace is not None
        return read(tx, workspace, days(first, last, living.now))


def contents(tx: sa.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of each table."""
    tables = (getattr(models, name) for name in COMPARED)
    return {
        table.name: [tuple(row) for row in tx.execute(sa.select(table).order_by(*table.primary_key)).fetchall()]
        for table in tables
    }


@pytest.mark.parametrize("seed", thoroughly(range(30), but=[3]))
def test_a_replay_in_memory_is_the_replay_on_a_database(database: Database, seed: int) -> None:
    rng = Random(seed)
    past = past_of(database, rng, seed)
    for _ in range(WANTED):
        wanted, memory = team_file(rng), Memory()
        quick = replay(memory, past, wanted, lambda _: None)
        with scratch() as private, private.transaction() as tx:
            assert replay(tx, past, wanted, lambda _: None) == quick
            on_database, in_memory = contents(tx), contents(memory)
        for name, rows in on_database.items():
            assert in_memory[name] == rows, name
