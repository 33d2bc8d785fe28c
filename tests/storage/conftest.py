from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest

from storage.database import Database

Kind = Literal["sqlite", "postgresql"]


@pytest.fixture
def empty(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[Kind], Database]]:
    """Makes databases in which there is nothing."""
    made: list[Database] = []

    def make(kind: Kind) -> Database:
        if kind == "sqlite":
            address = f"sqlite:///{tmp_path / f'empty-{len(made)}.db'}"
        else:
            address = request.getfixturevalue("new_postgres_url")("template1")
        made.append(Database(address))
        return made[-1]

    yield make
    for database in made:
        database.close()


@pytest.fixture
def history(told_file: Path) -> Iterator[Database]:
    """A database as it is after some weeks. Not to be written to: others read it too."""
    database = Database(f"sqlite:///{told_file}")
    yield database
    database.close()
