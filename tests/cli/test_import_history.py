from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.base import wall_clock
from storage.database import Database
from tests import funnel
from tests.cli.kit import cli
from tests.scenarios.stage import Team


@pytest.fixture
def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    team = Team(database)
    monkeypatch.setattr(wall_clock, "utcnow", team.time.now)
    yield team
    team.close()


def test_a_funnel_goes_in(team: Team) -> None:
    import time
    funnel.write(Path("olist.csv"), funnel.funnel(8000))
    a = time.time()
    done = cli("import", "history", "olist.csv", "--yes")
    print(time.time() - a)
    print(done.output, done.exception)
    if done.exception: 
        import traceback; traceback.print_exception(*done.exc_info)
    a = time.time()
    print(cli("import", "history", "olist.csv", "--yes").output)
    print(time.time() - a)
    print(cli("import", "list").output)
    out = cli("report", "monthly", "--month", "2026-09")
    print(out.output)
    a = time.time()
    print(cli("import", "undo", "1", "--yes").output)
    print(time.time() - a)
    assert 0
