"""One tick serves every workspace in a few statements: each gets what it would get by itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.mql import escalation, response
from bot.core.routing import assignment
from bot.core.sla import clocks
from storage import models, mqls
from storage.database import Database
from storage.vocabulary import ClockKind
from tests.isolation import neighbour
from tests.workspace import NOW, configure, receive

HOUR = timedelta(hours=1)


@pytest.fixture
def another(migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    """A database for one workspace alone."""
    database = Database(f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'alone.db')}")
    yield database
    database.close()


def live(database: Database, workspace_id: str) -> None:
    """Two leads, of which one is accepted and one paused; then nobody does anything."""
    for company in ("Acme", "Beta", "Gamma"):
        receive(database, company, workspace_id, email=f"{company}@example.com".lower())
    with database.transaction() as tx:
        accepted, paused, _ = (mqls.by_number(tx, workspace_id, number) for number in (1, 2, 3))
        assert accepted is not None
        assert paused is not None
        response.accept(tx, workspace_id, accepted.id, accepted.owner or "", NOW + HOUR)
        clocks.pause(tx, paused, clocks.running(tx, paused), NOW + HOUR, NOW + 20 * HOUR)


def ticks(database: Database) -> None:
    """Every twelve hours, for ten days."""
    for half_days in range(20):
        now = NOW + half_days * 12 * HOUR
        with database.transaction() as tx:
            _, aside = escalation.sweep(tx, now, 200)
        for clock in aside:
            with database.transaction() as tx:
                escalation.check(tx, clock, now)
        with database.snapshot() as tx:
            waiting = mqls.workspaces_waiting(tx)
        for workspace_id in waiting:
            with database.transaction() as tx:
                assignment.assign_waiting(tx, workspace_id, now)


def history_of(database: Database, workspace_id: str) -> dict[str, list[Any]]:
    """What happened, and who was told, without ids."""
    with database.snapshot() as tx:
        number = {row.id: row.number for row in tx.execute(sa.select(models.mql.c.id, models.mql.c.number))}
        events = models.event.select().where(models.event.c.workspace_id == workspace_id)
        messages = models.outbox.select().where(models.outbox.c.workspace_id == workspace_id)
        running = models.clock.select().where(models.clock.c.workspace_id == workspace_id)
        return {
            "events": sorted(str((number[e.mql_id], e.at, e.type, e.before, e.after)) for e in tx.execute(events)),
            "messages": sorted(
                str((number.get(m.mql_id), m.kind, m.target, m.created_at)) for m in tx.execute(messages)
            ),
            "clocks": sorted(
                str((number[c.mql_id], c.kind, c.state, c.step, c.due_at, c.next_check_at, c.breached_at))
                for c in tx.execute(running)
            ),
        }


@pytest.mark.thorough
def test_two_workspaces_with_deadlines_at_one_moment_get_what_each_gets_alone(
    any_database: Database, another: Database
) -> None:
    configure(another, "T1")
    live(another, "T1")
    ticks(another)
    alone = history_of(another, "T1")
    assert any("breached" in line for line in alone["events"])

    for workspace_id in ("T1", "T2"):
        configure(any_database, workspace_id)
        live(any_database, workspace_id)
    ticks(any_database)
    assert history_of(any_database, "T1") == history_of(any_database, "T2") == alone
    assert neighbour.strays(any_database) == []


def test_an_answer_in_one_workspace_stops_no_clock_in_the_other(any_database: Database) -> None:
    for workspace_id in ("T1", "T2"):
        configure(any_database, workspace_id)
        receive(any_database, "Acme", workspace_id, external_id="42")
    before = neighbour.rows_of(any_database, "T2")
    with any_database.transaction() as tx:
        mine = mqls.by_number(tx, "T1", 1)
        assert mine is not None
        response.contacted(tx, "T1", mine.id, mine.owner or "", NOW + HOUR)
        assert mqls.running_clock(tx, "T1", mine.id, ClockKind.RESPONSE) is None
    assert neighbour.rows_of(any_database, "T2") == before
