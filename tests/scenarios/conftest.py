from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot import logs
from storage.database import Database
from storage.vocabulary import Locale
from tests.scenarios.stage import Team


@pytest.fixture(params=[Locale.JA, Locale.EN])
def locale(request: pytest.FixtureRequest) -> Locale:
    """Both languages: for stories that must read right in each."""
    return Locale(request.param)


@pytest.fixture
def team(database: Database) -> Iterator[Team]:
    """A Japanese team with three reps, a manager, a head, a marketer and an admin."""
    team = Team(database)
    yield team
    team.close()


@pytest.fixture(autouse=True, scope="session")
def _plain_logs() -> None:
    """The log as in production, so that a failing test shows it."""
    logs.configure("WARNING", "console")
