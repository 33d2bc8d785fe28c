from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.core.health import checks as health
from storage import heartbeats, migrate, models
from storage.database import Database
from storage.vocabulary import MessageKind
from tests import queued
from tests.workspace import NOW, WORKSPACE, configure, receive

A_MINUTE = timedelta(minutes=1)
REVISIONS = len(list((migrate.MIGRATIONS / "versions").glob("[0-9]*.py")))


def failing(database: Database, now: object = NOW) -> dict[str, object]:
    checks = health.examine(database, WORKSPACE, now)  # type: ignore[arg-type]
    return {check.name: check.value for check in checks if not check.ok}


def beat(office: Database) -> None:
    with office.transaction() as tx:
        heartbeats.beat(tx, WORKSPACE, "host:1", "0.1.0", NOW, NOW)


def test_a_bot_that_works_passes_every_check(office: Database) -> None:
    beat(office)
    checks = health.examine(office, WORKSPACE, NOW)
    assert [check.name for check in checks] == ["database", "migrations", "ticks", "due", "outbox"]
    assert all(check.ok for check in checks)


def test_ticks_that_stop_are_seen_after_a_minute_and_that_none_came_ever(office: Database) -> None:
    assert failing(office) == {"ticks": None}
    beat(office)
    assert failing(office, NOW + A_MINUTE) == {}
    assert failing(office, NOW + A_MINUTE + timedelta(seconds=1)) == {"ticks": 61}


def test_what_is_due_and_what_is_unsent_may_wait_for_five_minutes(office: Database) -> None:
    receive(office)
    later = NOW + timedelta(hours=12, minutes=5)
    with office.transaction() as tx:
        heartbeats.beat(tx, WORKSPACE, "host:1", "0.1.0", NOW, later)
        tx.execute(models.outbox.delete())
        queued.add(tx, WORKSPACE, "k", MessageKind.NOTE, "U1", later - 5 * A_MINUTE)
    assert failing(office, later) == {}
    assert failing(office, later + timedelta(seconds=1)) == {"due": 301, "outbox": 301}


@pytest.mark.parametrize(("revision", "value"), [("9999", "ahead"), (None, REVISIONS)])
def test_a_schema_of_another_version_is_said_and_nothing_is_asked_of_it(
    office: Database, revision: str | None, value: object
) -> None:
    with office.transaction() as tx:
        tx.execute(sa.text("DELETE FROM alembic_version"))
        if revision:
            tx.execute(sa.text("INSERT INTO alembic_version VALUES (:r)"), {"r": revision})
    assert failing(office) == {"migrations": value}
    assert len(health.examine(office, WORKSPACE, NOW)) == 2


def test_a_database_that_was_made_before_the_first_release_is_said(office: Database) -> None:
    with office.transaction() as tx:
        tx.execute(sa.text("DROP TABLE action_change"))
        tx.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    assert failing(office) == {"migrations": "before 0.1.0"}


def test_a_database_that_is_away_is_said(office: Database) -> None:
    away = Database("postgresql+psycopg://bot:opensesame@127.0.0.1:9/mql")
    assert failing(away) == {"database": "away"}


def test_what_a_check_found_is_told_in_seconds_and_never_less_than_none(database: Database) -> None:
    configure(database)
    with database.transaction() as tx:
        heartbeats.beat(tx, WORKSPACE, "host:1", "0.1.0", NOW, NOW + A_MINUTE)
    checks = {check.name: (check.ok, check.value, check.limit) for check in health.examine(database, WORKSPACE, NOW)}
    assert checks == {
        "database": (True, "reachable", None),
        "migrations": (True, 0, 0),
        "ticks": (True, 0.0, 60.0),  # by another machine, whose clock is ahead
        "due": (True, None, 300.0),
        "outbox": (True, None, 300.0),
    }
    with database.transaction() as tx:
        tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert health.examine(database, WORKSPACE, NOW)[1] == health.Check("migrations", ok=False, value="ahead", limit=0)
