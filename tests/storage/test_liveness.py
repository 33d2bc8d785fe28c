"""No transaction is begun on a connection that PostgreSQL has ended, and none is asked for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from storage import liveness
from storage.database import Database
from tests.postgres import DISCONNECT


@pytest.fixture
def url(new_postgres_url: Callable[[str], str]) -> str:
    """The address of a database of its own: one test ends everybody's connections."""
    return new_postgres_url("template1")


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url)
    yield opened
    opened.close()


def backend(database: Database) -> int:
    with database.transaction() as tx:
        return int(tx.execute(sa.text("SELECT pg_backend_pid()")).scalar_one())


@pytest.fixture
def asked(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The connections that are asked whether they live."""
    pings: list[Any] = []
    ping = database.engine.dialect.do_ping

    def note(connection: Any) -> bool:
        pings.append(connection)
        return ping(connection)

    monkeypatch.setattr(database.engine.dialect, "do_ping", note)
    return pings


def test_a_connection_that_was_used_just_now_is_not_asked(database: Database, asked: list[Any]) -> None:
    assert backend(database) == backend(database)
    assert not asked


def test_one_that_has_rested_is_asked(database: Database, asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    first = backend(database)
    monkeypatch.setattr(liveness, "RECENTLY", 0.0)
    assert backend(database) == first
    assert len(asked) == 1


def test_one_that_the_server_has_ended_is_replaced_before_anything_is_asked_of_it(database: Database, url: str) -> None:
    first = backend(database)
    other = Database(url)
    with other.transaction() as tx:
        tx.execute(sa.text(DISCONNECT))
    other.close()
    assert backend(database) != first
