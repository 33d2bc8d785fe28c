"""Any past under any team file, with pools and covers, comes out as it was when it is replayed under that file."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.core import teamfile
from bot.core.whatif import read, replay
from storage import models, workspaces
from storage.database import Database
from storage.memory import Memory
from tests.core.whatif.covering import lived
from tests.core.whatif.kit import days
from tests.core.whatif.test_any_past import DAYS, lives
from tests.thorough import thoroughly


@pytest.mark.parametrize("seed", thoroughly(range(30), but=[1]))
@pytest.mark.parametrize("part", [(0, DAYS), pytest.param((3, 5), marks=pytest.mark.thorough)], ids=["whole", "part"])
def test_an_unchanged_team_file_replays_to_exactly_what_happened(
    database: Database, seed: int, part: tuple[int, int]
) -> None:
    # What people had from before these days, or after them, counts for their caps, and a replay does not know it.
    period = days(*part, lived(database, seed, capped=part == (0, DAYS)))
    inside = period.span.holds(models.mql.c.received_at)
    with database.snapshot() as tx:
        workspace, current = workspaces.get(tx, "T1"), teamfile.current(tx, "T1")
        assert workspace is not None
        assert current is not None
        past = read(tx, workspace, period)
        numbers = list(tx.execute(sa.select(models.mql.c.number).where(inside).order_by(models.mql.c.number)).scalars())
        happened = list(lives(tx, range(numbers[0], numbers[-1] + 1)))
    memory = Memory()
    simulated = replay(memory, past, current, lambda _: None)
    for life, again in zip(happened, lives(memory, range(numbers[0], numbers[-1] + 1)), strict=True):
        assert again == life
    figures = (simulated.figures, past.happened)
    if part != (0, DAYS):  # what is held for the morning may be sent for the sake of an MQL from outside of these days
        figures = (replace(figures[0], messages={}), replace(figures[1], messages={}))
    assert figures[0] == figures[1]
    assert simulated.undone == 0
