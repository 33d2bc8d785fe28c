"""How much one person hears in a day, and which kinds are muted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.messages import limits
from storage import claims, mqls, outbox, workspaces
from storage.database import Database
from storage.models import Outbox
from storage.models import outbox as table
from storage.vocabulary import EventType, MessageKind, OutboxState
from tests import queued
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE, configure

MOMENT, MINUTE = timedelta(microseconds=1), timedelta(minutes=1)
TODAY = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)  # in Tokyo the day of NOW has begun
WEDNESDAY_9 = datetime(2026, 11, 18, 0, 0, tzinfo=UTC)


@pytest.fixture
def engine(database: Database) -> Engine:
    configure(database)
    engine = Engine(database)
    engine.receives()
    with database.transaction() as tx:
        tx.execute(table.delete())
        workspaces.save(tx, WORKSPACE, NOW, daily_messages=2)
    return engine


def sent(engine: Engine, key: str, at: datetime, kind: MessageKind = MessageKind.CARD, target: str = "U1") -> None:
    with engine.database.transaction() as tx:
        queued.add(tx, WORKSPACE, key, kind, target, at)
        tx.execute(table.update().where(table.c.key == key).values(state=OutboxState.SENT, sent_at=at))


def taken(engine: Engine, kind: MessageKind = MessageKind.REMINDER, **columns: Any) -> Outbox:
    """A message to U1 that was just claimed."""
    with engine.database.transaction() as tx:
        queued.add(tx, WORKSPACE, "new", kind, "U1", NOW, mql_id=1)
        if columns:
            tx.execute(table.update().where(table.c.key == "new").values(**columns))
        (row,) = claims.claim(tx, WORKSPACE, NOW, NOW + MINUTE, 9)
    return row


def to_send(engine: Engine, row: Outbox) -> Outbox | None:
    with engine.database.transaction() as tx:
        return limits.to_send(tx, row, NOW)


def state(engine: Engine) -> tuple[str, datetime]:
    with engine.database.snapshot() as tx:
        row = outbox.by_key(tx, WORKSPACE, "new")
    assert row is not None
    return row.state, row.next_attempt_at


@pytest.mark.parametrize(
    ("times", "waits"),
    [
        ([], False),
        ([NOW], False),
        ([TODAY - MOMENT, NOW], False),
        ([TODAY, NOW], True),
        ([TODAY, NOW, NOW], True),
    ],
)
def test_a_reminder_waits_for_the_morning_once_its_reader_has_had_enough_today(
    engine: Engine, times: list[datetime], waits: bool
) -> None:
    for number, at in enumerate(times):
        sent(engine, f"sent {number}", at)
    row = taken(engine)
    assert to_send(engine, row) == (None if waits else row)
    assert state(engine) == ((OutboxState.PENDING, WEDNESDAY_9) if waits else (OutboxState.SENDING, NOW))


def test_what_does_not_count_as_a_message_of_ones_own(engine: Engine) -> None:
    for number, kind in enumerate((MessageKind.EDIT, MessageKind.PRIVATE, MessageKind.NOTE)):
        sent(engine, f"sent {number}", NOW, kind)
    sent(engine, "to somebody else", NOW, target="U2")
    sent(engine, "one", NOW)
    row = taken(engine)
    assert to_send(engine, row) == row


@pytest.mark.parametrize("columns", [{"attempts": 1}, {"maybe_sent": True}, {"kind": MessageKind.ESCALATION}])
def test_what_was_tried_before_or_is_no_reminder_waits_for_no_morning(engine: Engine, columns: dict[str, Any]) -> None:
    for number in range(3):
        sent(engine, f"sent {number}", NOW)
    row = taken(engine, **columns)
    assert to_send(engine, row) == row
    assert state(engine)[0] == OutboxState.SENDING


@pytest.mark.parametrize(("actor", "waits"), [(None, True), ("U3", False)])
def test_what_a_person_asked_for_waits_for_no_morning(engine: Engine, actor: str | None, waits: bool) -> None:
    for number in range(2):
        sent(engine, f"sent {number}", NOW)
    with engine.database.transaction() as tx:
        subject = mqls.get(tx, WORKSPACE, 1)
        assert subject is not None
        event_id = mqls.log(tx, subject, EventType.REMINDED, NOW, NOW, actor=actor)
    row = taken(engine, event_id=event_id)
    assert to_send(engine, row) == (None if waits else row)


@pytest.mark.parametrize(
    ("calendar", "opens"),
    [
        ({"kind": "business_hours", "hours": {"wednesday": ["10:30-18:00"]}}, WEDNESDAY_9 + 90 * MINUTE),
        (
            {"kind": "business_hours", "hours": {"thursday": ["10:30-18:00"]}},
            WEDNESDAY_9 + 90 * MINUTE + 24 * 60 * MINUTE,
        ),
        ({"kind": "business_days"}, WEDNESDAY_9),
        ({"kind": "business_days", "closures": ["2026-11-18"]}, WEDNESDAY_9 + 24 * 60 * MINUTE),
        ({"kind": "always"}, WEDNESDAY_9),
    ],
)
@pytest.mark.parametrize("quiet", [False, True])
def test_the_morning_begins_when_the_next_working_day_opens_after_the_quiet_hours(
    engine: Engine, calendar: dict[str, Any], opens: datetime, quiet: bool
) -> None:
    night: dict[str, Any] = {"quiet": {"start": "20:00", "end": "11:00"}} if quiet else {}
    engine.agrees(calendar=calendar, **night)
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        assert limits.morning(tx, workspace, NOW) == (opens.replace(hour=2, minute=0) if quiet else opens)


def test_reminders_are_muted_once_and_nothing_else_is(engine: Engine) -> None:
    def mute(kind: MessageKind, *, muted: bool) -> bool:
        with engine.database.transaction() as tx:
            return limits.set_muted(tx, WORKSPACE, kind, "U3", NOW, muted=muted)

    assert not mute(MessageKind.REMINDER, muted=False)
    assert mute(MessageKind.REMINDER, muted=True)
    assert not mute(MessageKind.REMINDER, muted=True)
    assert not mute(MessageKind.ASSIGNMENT, muted=True)
    row = taken(engine)
    assert to_send(engine, row) == row
    with engine.database.transaction() as tx:
        subject = mqls.get(tx, WORKSPACE, 1)
        assert subject is not None
        asked = mqls.log(tx, subject, EventType.REMINDED, NOW, NOW, actor="U3")
        assert limits.why_muted(tx, row) == limits.MUTED
        assert limits.why_muted(tx, row.model_copy(update={"event_id": asked})) is None
        assert limits.why_muted(tx, row.model_copy(update={"kind": MessageKind.FEEDBACK_REMINDER})) is None
        assert limits.why_muted(tx, row.model_copy(update={"kind": MessageKind.ASSIGNMENT})) is None
    assert mute(MessageKind.REMINDER, muted=False)
    with engine.database.transaction() as tx:
        assert limits.why_muted(tx, row) is None
