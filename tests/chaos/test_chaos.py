"""A short run of `make chaos`."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.database import Database
from tests.chaos.chaos import Chaos, Plan


@pytest.mark.timeout(120)
def test_killed_again_and_again_the_bot_loses_and_doubles_nothing(database: Database, tmp_path: Path) -> None:
    plan = Plan(kills=4, response=2, lease=6, longest_hold=0.5, pause=0.2, patience=60)
    figures = Chaos(1, plan, database, tmp_path).run()
    assert figures["kills"] == 6
    assert figures["mqls"] > 0
    assert figures["checkpoints"] > 0
