"""Which lists may name an MQL, and so are rendered anew when its person is erased: at the moments that decide it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.messages import kinds, notifications
from bot.core.messages.notifications import HeldBack
from storage import mqls
from storage.database import Database
from storage.models import outbox as table
from storage.vocabulary import EventType, MessageKind, OutboxState
from tests import queued
from tests.core.kit import Engine
from tests.statements import texts
from tests.workspace import NOW, WORKSPACE, configure

MOMENT, HOUR, DAY = timedelta(microseconds=1), timedelta(hours=1), timedelta(days=1)
LATE = NOW + 24 * HOUR
OVER = NOW + 30 * HOUR


@pytest.fixture
def engine(database: Database) -> Engine:
    """MQL 1 came in at NOW, was late and is over; MQL 2 is another."""
    configure(database)
    engine = Engine(database)
    engine.receives()
    engine.receives(company="Globex")
    with database.transaction() as tx:
        subject = mqls.get(tx, WORKSPACE, 1)
        assert subject is not None
        mqls.log(tx, subject, EventType.BREACHED, LATE, LATE)
        mqls.update(tx, WORKSPACE, 1, status="disqualified", disposed_at=OVER)
        tx.execute(table.delete())
    return engine


def named(engine: Engine, kind: MessageKind, at: datetime, data: dict[str, Any], **columns: Any) -> bool:
    """Whether a list that was written then is rendered anew."""
    with engine.database.transaction() as tx:
        queued.add(tx, WORKSPACE, "list", kind, "U1", at, data=data)
        sent = {"state": OutboxState.SENT, "sent_at": at} | columns
        tx.execute(table.update().values(**sent))
        subject = mqls.get(tx, WORKSPACE, 1)
        assert subject is not None
        count = notifications.rerender_messages(tx, subject, 1, OVER + 90 * DAY)
        edits = tx.execute(table.select().where(table.c.kind == MessageKind.EDIT)).all()
    assert len(edits) == count
    return count == 1


@pytest.mark.parametrize(("mql_id", "is_named"), [(1, True), (2, False)])
def test_a_held_list_names_what_stands_in_it(engine: Engine, mql_id: int, is_named: bool) -> None:
    items = [{"kind": "reminder", "mql": mql_id, "event": None, "data": {}}]
    assert named(engine, MessageKind.HELD, LATE, {"items": items}) is is_named


@pytest.mark.parametrize(
    ("first", "last", "is_named"),
    [
        (LATE, LATE + MOMENT, True),
        (LATE + MOMENT, OVER, False),
        (NOW + MOMENT, LATE, False),
        (NOW + MOMENT, LATE + MOMENT, True),
    ],
)
def test_a_list_of_outcomes_names_what_happened_from_its_first_moment_to_before_its_last(
    engine: Engine, first: datetime, last: datetime, is_named: bool
) -> None:
    data = {"from": first.isoformat(), "until": last.isoformat()}
    assert named(engine, MessageKind.MARKETING_UPDATES, OVER, data) is is_named


@pytest.mark.parametrize(("until", "is_named"), [(LATE, False), (LATE + MOMENT, True)])
def test_an_agenda_names_what_was_late_before_its_time(engine: Engine, until: datetime, is_named: bool) -> None:
    data = {"day": "2026-11-18", "starts_at": OVER.isoformat(), "since": NOW.isoformat(), "until": until.isoformat()}
    assert named(engine, MessageKind.MEETING, OVER, data) is is_named


@pytest.mark.parametrize(
    ("written", "columns", "is_named"),
    [
        (LATE - MOMENT, {}, False),
        (LATE, {}, True),
        (LATE - HOUR, {"sent_at": LATE}, True),
        (OVER + DAY, {}, True),
        (OVER + DAY + MOMENT, {}, False),
    ],
)
def test_a_digest_names_what_was_late_when_it_was_sent_until_a_day_after_it_was_over(
    engine: Engine, written: datetime, columns: dict[str, Any], is_named: bool
) -> None:
    assert named(engine, MessageKind.DIGEST, written, {}, **columns) is is_named


def test_many_messages_are_rendered_anew_one_every_three_seconds(engine: Engine) -> None:
    with engine.database.transaction() as tx:
        for number in range(3):
            queued.add(tx, WORKSPACE, f"{number}", MessageKind.NOTE, "C1", NOW, mql_id=1)
        tx.execute(table.update().values(state=OutboxState.SENT, sent_at=NOW))
        subject = mqls.get(tx, WORKSPACE, 1)
        assert subject is not None
        assert notifications.rerender_messages(tx, subject, 1, OVER) == 3
        edits = tx.execute(table.select().where(table.c.kind == MessageKind.EDIT).order_by(table.c.id)).all()
    assert [edit.next_attempt_at for edit in edits] == [OVER + place * timedelta(seconds=3) for place in range(3)]
    assert [edit.due_at for edit in edits] == [OVER] * 3


def test_what_is_held_for_one_person_becomes_one_message_until_that_is_on_its_way(engine: Engine) -> None:
    def hold(event_id: int, until: datetime = OVER) -> None:
        with engine.database.transaction() as tx:
            subject = mqls.get(tx, WORKSPACE, 1)
            assert subject is not None
            content = kinds.ESCALATION(to="manager")
            notifications.hold_all(tx, [HeldBack(content, "U1", subject, event_id, until)], NOW)

    with pytest.raises(ValueError, match="cannot be held"), engine.database.transaction() as tx:
        notifications.hold_all(tx, [HeldBack(kinds.CARD(), "U1", engine.mql(1), 1, OVER)], NOW)
    hold(1)
    hold(2)
    hold(3, OVER + DAY)
    with engine.database.transaction() as tx:
        first, second = tx.execute(table.select().order_by(table.c.id)).all()
        assert [item["event"] for item in first.data["items"]] == [2]  # what it said of the same MQL before is old
        assert (first.due_at, second.due_at) == (OVER, OVER + DAY)
        tx.execute(table.update().where(table.c.id == first.id).values(attempts=1))
    hold(4)
    with engine.database.transaction() as tx:
        last = tx.execute(table.select().order_by(table.c.id)).all()[-1]
    assert (last.kind, last.target, last.event_id, last.due_at) == (MessageKind.ESCALATION, "U1", 4, NOW)
    assert last.data == {"to": "manager"}


def test_what_is_held_at_once_is_written_once_however_much_it_is(engine: Engine) -> None:
    def hold(*events: int) -> int:
        with engine.database.transaction() as tx:
            about = [(event_id, mqls.get(tx, WORKSPACE, 1 + event_id % 2)) for event_id in events]
            held = [HeldBack(kinds.REMINDER(), "U1", of, event_id, OVER) for event_id, of in about if of]
            before = len(asked)
            notifications.hold_all(tx, held, NOW)
            return len(asked) - before

    asked = texts(engine.database.engine)
    assert hold(1) == 1
    assert hold(*range(2, 25)) == hold(*range(25, 125)) == 4  # it is there: it is read, held and changed
    with engine.database.transaction() as tx:
        (held,) = tx.execute(table.select()).all()
    assert [(item["mql"], item["event"]) for item in held.data["items"]] == [(2, 123), (1, 124)]


@pytest.mark.parametrize(
    ("written", "disputed", "is_named"),
    [
        (OVER + timedelta(weeks=9), False, True),
        (OVER + timedelta(weeks=9) + MOMENT, False, False),
        (OVER + timedelta(weeks=9) + MOMENT, True, True),
    ],
)
def test_an_agenda_looks_back_over_nine_weeks_at_most_and_over_a_dispute_without_end(
    engine: Engine, written: datetime, disputed: bool, is_named: bool
) -> None:
    if disputed:
        with engine.database.transaction() as tx:
            mqls.log(tx, engine.mql(1), EventType.DISPUTED, OVER, OVER)
    data = {"day": "2027-01-20", **dict.fromkeys(("starts_at", "since", "until"), written.isoformat())}
    assert named(engine, MessageKind.MEETING, written, data) is is_named


def test_a_note_stands_below_the_card_where_there_is_one(engine: Engine) -> None:
    with engine.database.transaction() as tx:
        queued.add(tx, WORKSPACE, notifications.card_key(2), MessageKind.CARD, "C1", NOW, mql_id=2)
        events = {mqls.log(tx, engine.mql(mql_id), EventType.REMINDED, NOW, NOW): mql_id for mql_id in (1, 2)}
        notifications.post_thread_notes(tx, WORKSPACE, events, NOW)
        notes = tx.execute(table.select().where(table.c.kind == MessageKind.NOTE)).all()
    assert [(note.mql_id, note.target) for note in notes] == [(2, "C1")]
