"""A random quarter of a workspace, recounted by docs/metrics.md: no figure of any week or month is another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.simulation.place import Templates, on_postgresql
from tests.simulation.recount import Recount, recount
from tests.simulation.simulation import Simulation

QUARTER = 91
# 30 lives on PostgreSQL, 25 in offices with hours and timezones of their own. No clock is set back in any: the log of
# such a time has no order that a recount could follow.
SEEDS = (22, 25, 30)


def recounted(seed: int, days: int, place: Templates) -> Recount:
    """What the quarter of a seed comes to."""
    with place.fresh(seed) as database:
        simulation = Simulation(seed, days, database, steady=True)
        simulation.run()
        with database.snapshot() as tx:
            world, known = simulation.world, list(simulation.stories.values())
            return recount(tx, world.id, known, simulation.started_at, world.time.now())


@pytest.mark.parametrize(
    ("seed", "days"),
    [(SEEDS[0], 7), *(pytest.param(seed, QUARTER, marks=pytest.mark.thorough) for seed in SEEDS)],
)
def test_a_quarter_counted_again_from_the_log_is_the_same(
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
    migrated_file: Path,
    seed: int,
    days: int,
) -> None:
    server = request.getfixturevalue("postgres_server") if on_postgresql(seed) else None
    counted = recounted(seed, days, Templates(migrated_file, server))
    record_property("compared", counted.compared)
    assert counted.disagreements == []
    assert counted.compared > 25 * days
