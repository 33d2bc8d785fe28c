from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storage import outbox, undelivered
from storage.database import Database
from storage.models import outbox as table
from storage.vocabulary import MessageKind

TEAM = "T0SAMPLE01"
NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


def test_the_refused_and_what_belongs_to_them_are_queued_again_and_nothing_else(any_database: Database) -> None:
    rows = (
        ("a", "dead", None),
        ("b", "dropped", "a"),
        ("c", "dropped", None),
        ("d", "sent", None),
        ("e", "dropped", "d"),
    )
    with any_database.transaction() as tx:
        for key, state, parent in rows:
            above = outbox.by_key(tx, TEAM, parent) if parent else None
            outbox.add(tx, TEAM, key, MessageKind.CARD, "C1", NOW, parent_id=above.id if above else None)
            sent = NOW if state == "sent" else None
            values = {"state": state, "sent_at": sent, "attempts": 7, "maybe_sent": True, "error": "is_archived"}
            tx.execute(table.update().where(table.c.key == key).values(**values))
        assert outbox.revivable(tx, "T0ANOTHER1") == outbox.revive(tx, "T0ANOTHER1", NOW) == 0
        later = NOW + timedelta(hours=1)
        assert outbox.revivable(tx, TEAM) == outbox.revive(tx, TEAM, later) == 2
        found = tx.execute(table.select().order_by(table.c.id)).all()
        assert outbox.revivable(tx, TEAM) == 0
    assert [row.state for row in found] == ["pending", "pending", "dropped", "sent", "dropped"]
    assert [row.attempts for row in found] == [0, 0, 7, 7, 7]
    assert all(row.maybe_sent for row in found)
    assert {row.next_attempt_at for row in found[:2]} == {later}


def test_what_should_have_been_tried_before_then_is_counted_from_the_oldest_on(any_database: Database) -> None:
    with any_database.transaction() as tx:
        for minutes in (1, 10, 20):
            outbox.add(tx, TEAM, f"k{minutes}", MessageKind.CARD, "C1", NOW - timedelta(minutes=minutes))
        outbox.add(tx, TEAM, "held", MessageKind.CARD, "C1", NOW - timedelta(hours=5), not_before=NOW)
        found = undelivered.waiting(tx, TEAM, NOW - timedelta(minutes=5))
        nothing = undelivered.waiting(tx, "T0ANOTHER1", NOW)
    assert found == (2, NOW - timedelta(minutes=20))
    assert nothing == (0, None)
