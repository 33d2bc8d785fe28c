"""What was written while the machine's clock was three hours ahead, after it was set back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage import future, heartbeats
from storage.database import Database
from storage.models import outbox as table
from storage.vocabulary import MessageKind, OutboxState
from tests import queued
from tests.workspace import WORKSPACE, configure

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
AHEAD = NOW + timedelta(hours=3)
MINUTE, TOMORROW = timedelta(minutes=1), timedelta(days=1)


def test_what_waits_for_a_time_that_was_wrong_is_released_and_what_is_due_later_is_not(any_database: Database) -> None:
    configure(any_database)
    sending = {"state": OutboxState.SENDING, "lease_until": AHEAD + MINUTE, "attempts": 1}
    rows: dict[str, tuple[datetime, dict[str, Any]]] = {
        "made ahead": (AHEAD, {}),
        "tried again ahead": (NOW - MINUTE, {"attempts": 2, "next_attempt_at": AHEAD + 5 * MINUTE}),
        "being sent ahead": (NOW - MINUTE, sending),
        "held until tomorrow": (NOW - MINUTE, {"next_attempt_at": NOW + TOMORROW}),
        "tried again rightly": (NOW - MINUTE, {"attempts": 2, "next_attempt_at": NOW + 5 * MINUTE}),
        "being sent rightly": (NOW - MINUTE, sending | {"lease_until": NOW + MINUTE}),
    }
    with any_database.transaction() as tx:
        for number, (key, (made, values)) in enumerate(rows.items()):
            assert queued.add(tx, WORKSPACE, key, MessageKind.CARD, f"U{number}", made)
            if values:
                tx.execute(table.update().where(table.c.key == key).values(**values))
        heartbeats.beat(tx, WORKSPACE, "dead:1", "0.1.0", AHEAD, AHEAD)
        heartbeats.beat(tx, WORKSPACE, "alive:1", "0.1.0", NOW, NOW)
        assert future.furthest(tx, WORKSPACE, NOW) == timedelta(hours=3)
        assert future.release(tx, WORKSPACE, NOW) == 3
    with any_database.transaction() as tx:
        moments = {
            key: lease if state == OutboxState.SENDING else at
            for key, state, at, lease in tx.execute(
                sa.select(table.c.key, table.c.state, table.c.next_attempt_at, table.c.lease_until)
            )
        }
        assert moments == {
            "made ahead": NOW,
            "tried again ahead": NOW,
            "being sent ahead": NOW,
            "held until tomorrow": NOW + TOMORROW,
            "tried again rightly": NOW + 5 * MINUTE,
            "being sent rightly": NOW + MINUTE,
        }
        assert future.furthest(tx, WORKSPACE, NOW) is None
        assert future.release(tx, WORKSPACE, NOW) == 0
        newest = heartbeats.newest(tx, WORKSPACE, NOW)
        assert newest is not None
        assert newest.process == "alive:1"
