from __future__ import annotations

import pytest

from storage.database import Database
from tests.workspace import configure


@pytest.fixture
def office(any_database: Database) -> Database:
    """A configured workspace, on SQLite and on PostgreSQL."""
    configure(any_database)
    return any_database
