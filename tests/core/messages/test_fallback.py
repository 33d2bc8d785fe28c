"""Who is told in the place of a reader whom Slack does not reach."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.core.messages import fallback
from bot.core.messages.kinds import KINDS
from storage import members, outbox, workspaces
from storage.database import Database
from storage.models import Outbox
from storage.models import outbox as table
from storage.vocabulary import MessageKind, OutboxState
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE, configure


@pytest.fixture
def engine(database: Database) -> Engine:
    """U1, whose MQL it is, and U2 are reps; U3 manages, U5 is the head, U6 an admin."""
    configure(database)
    engine = Engine(database)
    engine.has("U5", "head")
    engine.has("U6", "admin")
    return engine


def refuse(engine: Engine, row: Outbox, error: str = "is_archived") -> list[tuple[MessageKind, str, dict[str, Any]]]:
    """Let Slack refuse a message, and return what is queued instead."""
    with engine.database.transaction() as tx:
        tx.execute(table.delete())
        fallback.tell(tx, row, error, NOW)
        rows = tx.execute(table.select().order_by(table.c.id)).all()
    assert {(queued.mql_id, queued.event_id) for queued in rows} <= {(row.mql_id, row.event_id), (None, None)}
    return [(queued.kind, queued.target, queued.data) for queued in rows]


def refused(kind: MessageKind, target: str, mql_id: int | None = None, **data: Any) -> Outbox:
    ids: dict[str, Any] = {"id": 1, "workspace_id": WORKSPACE, "key": "key", "mql_id": mql_id}
    times: dict[str, Any] = {"due_at": NOW, "next_attempt_at": NOW, "created_at": NOW}
    priority = KINDS[kind].priority
    return Outbox(**ids, **times, kind=kind, priority=priority, target=target, state=OutboxState.DEAD, data=data)


# What a message of these kinds has to carry.
DATA: dict[str, dict[str, Any]] = {
    "feedback_again": {"why": "meeting"},
    "owner_left": {"left": "U1"},
    "unreadable": {"unreadable": 1, "thread_ts": "1.1"},
    "marketing_updates": {"from": NOW.isoformat(), "until": NOW.isoformat()},
    "digest": {"period": "2026-W46"},
    "own_week": {"period": "2026-W46"},
    "private": {"reply": "gone"},
    "queue_waiting": {"entries": [1]},
    "queue_overdue": {"entries": [1]},
    "meeting": {"day": "2026-11-17", **dict.fromkeys(("starts_at", "since", "until"), NOW.isoformat())},
}
TO_OWNER = ("assignment", "reopened", "reminder", "feedback_reminder", "feedback_again")
TO_LEADER = ("unassigned", "owner_left", "feedback_overdue", "disputed", "escalation")
TO_CHANNEL = ("card", "note", "unreadable", "marketing_update", "marketing_updates", "meeting")
TO_NOBODY = ("offer", "digest", "private", "own_week", "edit", "queue_waiting", "queue_overdue")


@pytest.mark.parametrize("kind", TO_OWNER)
def test_for_an_owner_their_managers_hear_that_slack_does_not_reach_them(engine: Engine, kind: str) -> None:
    row = refused(MessageKind(kind), "U1", engine.receives(), **DATA.get(kind, {}))
    data = {"whom": "U1", "error": "is_archived", "tried": ["U1"]}
    assert refuse(engine, row) == [(MessageKind.UNREACHABLE, "U3", data)]


@pytest.mark.parametrize("kind", TO_LEADER)
def test_for_a_leader_the_next_leader_gets_the_same_message(engine: Engine, kind: str) -> None:
    row = refused(MessageKind(kind), "U3", engine.receives(), **DATA.get(kind, {}))
    role = {"to": "manager"} if kind == "escalation" else {}
    assert refuse(engine, row) == [(MessageKind(kind), "U5", {"tried": ["U3"], **role, **DATA.get(kind, {})})]


@pytest.mark.parametrize("kind", TO_CHANNEL)
def test_for_a_channel_the_managers_hear_once_a_day(engine: Engine, kind: str) -> None:
    row = refused(MessageKind(kind), "C1", engine.receives() if kind == "card" else None, **DATA.get(kind, {}))
    data = {"whom": "C1", "error": "is_archived", "tried": ["C1"]}
    assert refuse(engine, row) == [(MessageKind.UNREACHABLE, "U3", data)]


@pytest.mark.parametrize("kind", TO_NOBODY)
def test_what_only_one_reader_would_miss_goes_to_nobody_else(engine: Engine, kind: str) -> None:
    assert refuse(engine, refused(MessageKind(kind), "U2", engine.receives(), **DATA.get(kind, {}))) == []


def test_the_levels_are_tried_one_after_the_other_and_nobody_twice(engine: Engine) -> None:
    mql_id = engine.receives()
    row, tried = refused(MessageKind.REMINDER, "U1", mql_id), ["U1"]
    for reader in ("U3", "U5", "U6"):
        ((kind, target, data),) = refuse(engine, row)
        assert (kind, target, data["whom"], data["tried"]) == (
            MessageKind.UNREACHABLE,
            reader,
            row.data.get("whom", "U1"),
            tried,
        )
        row, tried = refused(MessageKind.UNREACHABLE, target, mql_id, **data), [*tried, target]
    assert refuse(engine, row) == []


def test_of_a_channel_that_is_closed_each_reader_hears_once_a_day_of_the_workspace(engine: Engine) -> None:
    midnight = NOW.replace(hour=15)  # in Tokyo
    first, second = (refused(MessageKind.CARD, "C1", engine.receives(company=name)) for name in ("Acme", "Globex"))
    with engine.database.transaction() as tx:
        tx.execute(table.delete())
        for row, now in ((first, NOW), (second, midnight - timedelta(microseconds=1)), (second, midnight)):
            fallback.tell(tx, row, "is_archived", now)
        rows = tx.execute(table.select().order_by(table.c.id)).all()
    assert [(row.kind, row.target, row.created_at) for row in rows] == [
        (MessageKind.UNREACHABLE, "U3", NOW),
        (MessageKind.UNREACHABLE, "U3", midnight),
    ]


def test_a_manager_who_does_not_hear_of_a_channel_is_followed_by_the_head(engine: Engine) -> None:
    row = refused(MessageKind.UNREACHABLE, "U3", whom="C1", error="is_archived", tried=["C1"])
    data = {"whom": "C1", "error": "is_archived", "tried": ["C1", "U3"]}
    assert refuse(engine, row, "cannot_dm_bot") == [(MessageKind.UNREACHABLE, "U5", data)]


@pytest.mark.parametrize(
    ("error", "read"), [("user_not_found", True), ("account_inactive", True), ("is_archived", False)]
)
def test_who_has_no_account_is_looked_up_again(engine: Engine, error: str, read: bool) -> None:
    with engine.database.transaction() as tx:
        members.update(tx, WORKSPACE, "U1", refreshed_at=NOW)
    refuse(engine, refused(MessageKind.REMINDER, "U1", engine.receives()), error)
    with engine.database.snapshot() as tx:
        member = members.get(tx, WORKSPACE, "U1")
    assert member is not None
    assert (member.refreshed_at is None) is read


def test_for_a_list_somebody_hears_of_each_thing_in_it(engine: Engine) -> None:
    first, second = engine.receives(), engine.receives(company="Globex")
    items: list[dict[str, Any]] = [
        {"kind": "reminder", "mql": mql_id, "event": None, "data": {}} for mql_id in (first, second)
    ]
    with engine.database.transaction() as tx:
        tx.execute(table.delete())
        fallback.tell(tx, refused(MessageKind.HELD, "U1", items=items), "is_archived", NOW)
        rows = [(row.target, row.mql_id) for row in tx.execute(table.select().order_by(table.c.id))]
        assert outbox.by_key(tx, WORKSPACE, "key") is None
        assert workspaces.get(tx, WORKSPACE) is not None
    assert rows == [("U3", first), ("U3", second)]
