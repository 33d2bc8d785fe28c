"""The priority that a message is stored with: filled for what was queued before, and served by an index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from storage import claims, migrate, noise, outbox
from storage.database import Database
from storage.models import Outbox
from storage.models import outbox as table
from storage.vocabulary import MessageKind, OutboxState
from tests import queued, statements
from tests.storage import samples
from tests.storage.conftest import Kind

Make = Callable[[Kind], Database]
TEAM = "T0SAMPLE01"
NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
A_MINUTE = timedelta(minutes=1)

# The kinds of the first release, in the order in which they went out.
FIRST_RELEASE = {
    0: "edit private",
    1: "card assignment unassigned",
    2: "escalation unreachable offer owner_left alert alert_over disputed reopened",
    3: "reminder feedback_reminder feedback_overdue feedback_again dispute_decided outcome held note unreadable "
    "meeting action_due action_changed definition_proposed definition_agreed",
    4: "outcomes digest digest_people digest_trend own_week checkup monthly scoring",
}
RENAMED = {"outcome": "marketing_update", "outcomes": "marketing_updates"}
OLD_PRIORITIES = {kind: priority for priority, kinds in FIRST_RELEASE.items() for kind in kinds.split()}


def put(database: Database, kinds: list[str], state: str = "pending", target: str = "U1") -> None:
    """Put a message of each kind into an outbox of the first release."""
    columns = "workspace_id key kind target data state attempts maybe_sent due_at next_attempt_at created_at sent_at"
    names = columns.split()
    insert = f"INSERT INTO outbox ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"
    moments = dict.fromkeys(("due_at", "next_attempt_at", "created_at"), NOW) | {
        "sent_at": NOW if state == "sent" else None
    }
    types = [sa.bindparam(name, type_=sa.DateTime(timezone=True)) for name in moments]
    with database.transaction() as tx:
        for number, kind in enumerate(kinds):
            known = {"workspace_id": TEAM, "key": f"{state}:{number}:{kind}", "kind": kind, "target": target}
            values = {"data": "{}", "state": state, "attempts": 0, "maybe_sent": False, **moments}
            tx.execute(sa.text(insert).bindparams(*types), known | values)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_queued_before_gets_the_priority_of_its_kind_and_keeps_its_order(kind: Kind, empty: Make) -> None:
    database = empty(kind)
    samples.create("0001", database)
    # In one conversation, the least urgent first.
    waiting = sorted((old for old in OLD_PRIORITIES if old != "edit"), key=lambda old: -OLD_PRIORITIES[old])
    put(database, waiting)
    put(database, list(OLD_PRIORITIES), "sent", "C1")
    migrate.upgrade(database)
    with database.snapshot() as tx:
        filled = tx.execute(sa.select(table.c.key, table.c.kind, table.c.priority)).all()
    assert len(filled) == len(waiting) + len(OLD_PRIORITIES)
    for key, now_called, priority in filled:
        old = key.rpartition(":")[2]
        assert (now_called, priority) == (RENAMED.get(old, old), OLD_PRIORITIES[old])
    went = []
    for _ in waiting:
        with database.transaction() as tx:
            (row,) = claims.claim(tx, TEAM, NOW, NOW + A_MINUTE, 1)
            claims.settle(tx, row, OutboxState.SENT, sent_at=NOW)
            went.append(row.key.rpartition(":")[2])
    assert went == sorted(waiting, key=lambda old: OLD_PRIORITIES[old])


@pytest.mark.thorough
@pytest.mark.rules
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_muted_kind_is_muted_under_its_new_name(kind: Kind, empty: Make) -> None:
    database = empty(kind)
    samples.create("0001", database)
    insert = sa.text("INSERT INTO mute (workspace_id, kind, muted, by, at) VALUES (:team, :kind, true, 'U3', :at)")
    with database.transaction() as tx:
        for muted in ("reminder", "outcome", "outcomes"):
            values = {"team": TEAM, "kind": muted, "at": NOW}
            tx.execute(insert.bindparams(sa.bindparam("at", type_=sa.DateTime(timezone=True))), values)
    migrate.upgrade(database)
    with database.snapshot() as tx:
        assert set(noise.muted(tx, TEAM)) == {
            MessageKind.REMINDER,
            MessageKind.MARKETING_UPDATE,
            MessageKind.MARKETING_UPDATES,
        }


def test_the_claim_asks_the_row_and_no_table_of_kinds(any_database: Database) -> None:
    # Whatever the priorities are: once a kind that had none stopped all delivery of the workspace.
    priorities = {"soon": 1, "unheard of": 99, "at once": -5}
    with any_database.transaction() as tx:
        for key, priority in priorities.items():
            outbox.add(tx, outbox.message(TEAM, key, MessageKind.NOTE, priority, "C1", NOW))
    went = []
    for _ in priorities:
        with any_database.transaction() as tx:
            (row,) = claims.claim(tx, TEAM, NOW, NOW + A_MINUTE, 1)
            claims.settle(tx, row, OutboxState.SENT, sent_at=NOW)
            went.append(row.key)
    assert went == ["at once", "soon", "unheard of"]


def test_no_message_is_queued_without_a_priority(any_database: Database) -> None:
    message = queued.message(TEAM, "k", MessageKind.CARD, "C1", NOW)
    del message["priority"]
    with pytest.raises(sa.exc.IntegrityError, match="priority"), any_database.transaction() as tx:
        outbox.add_all(tx, [message])


def test_a_list_that_speaks_for_others_has_its_own_priority(any_database: Database) -> None:
    def combined(rows: object) -> dict[str, object]:
        return {"kind": MessageKind.HELD, "priority": 4, "data": {"items": []}}

    with any_database.transaction() as tx:
        for number in range(2):
            queued.add(tx, TEAM, f"k{number}", MessageKind.REMINDER, "U1", NOW)
        (taken,) = claims.claim(tx, TEAM, NOW, NOW + A_MINUTE, 8)
        merged = claims.merge(tx, taken, [MessageKind.REMINDER], combined, NOW)
        stored = outbox.get(tx, TEAM, taken.id)
    assert isinstance(stored, Outbox)
    assert (merged.priority, stored.priority, stored.kind) == (4, 4, MessageKind.HELD)


def test_the_next_message_of_each_conversation_is_found_in_the_order_of_an_index(database: Database) -> None:
    with database.transaction() as tx:
        for number in range(50):
            queued.add(tx, TEAM, f"k{number}", MessageKind.CARD, f"C{number % 5}", NOW)
    asked = statements.texts(database.engine)
    with database.transaction() as tx:
        assert len(claims.claim(tx, TEAM, NOW, NOW + A_MINUTE, 8)) == 5
    (post,) = [(text, values) for text, values in asked if "row_number()" in text]
    with database.snapshot() as tx:
        plan = [step.detail for step in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {post[0]}", post[1])]
    assert any("INDEX ix_outbox_unsent" in step for step in plan)
    assert [step for step in plan if "TEMP B-TREE" in step] == []
