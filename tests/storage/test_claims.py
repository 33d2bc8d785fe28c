"""Which message is taken when: each moment exactly, and a moment before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from storage import claims, lanes, mqls, outbox
from storage.database import Database
from storage.models import Outbox
from storage.models import outbox as table
from storage.vocabulary import EventType, MessageKind, OutboxState
from tests import queued
from tests.workspace import WORKSPACE, configure, receive

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
MOMENT, SECOND, MINUTE = timedelta(microseconds=1), timedelta(seconds=1), timedelta(minutes=1)
REMINDERS = (MessageKind.REMINDER, MessageKind.FEEDBACK_REMINDER)


def _list(rows: Sequence[Outbox]) -> dict[str, Any]:
    """What several reminders become."""
    return {"kind": MessageKind.HELD, "mql_id": None, "event_id": None, "data": {"keys": [row.key for row in rows]}}


class Queue:
    """The outbox of a workspace."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, key: str, target: str = "U1", kind: MessageKind = MessageKind.CARD, **columns: Any) -> Outbox:
        """Queue a message, and give it these columns."""
        with self.database.transaction() as tx:
            assert queued.add(tx, WORKSPACE, key, kind, target, columns.pop("at", NOW))
            if columns:
                tx.execute(table.update().where(table.c.key == key).values(**columns))
        return self.row(key)

    def take(self, now: datetime = NOW, most: int = 9, lease: timedelta = MINUTE, **choice: Any) -> list[Outbox]:
        """Claim messages for a minute."""
        with self.database.transaction() as tx:
            return claims.claim(tx, WORKSPACE, now, now + lease, most, **choice)

    def keys(self, now: datetime = NOW, most: int = 9, **choice: Any) -> list[str]:
        """Claim messages, and return their keys."""
        return [row.key for row in self.take(now, most, **choice)]

    def settle(self, row: Outbox, state: OutboxState = OutboxState.SENT, **values: Any) -> bool:
        """Write down what became of a message: it is in Slack, where nothing else is said."""
        if state == OutboxState.SENT:
            values["sent_at"] = NOW
        with self.database.transaction() as tx:
            return claims.settle(tx, row, state, **values)

    def merge(self, row: Outbox, now: datetime = NOW) -> Outbox:
        """Let a message speak for the other reminders."""
        with self.database.transaction() as tx:
            return claims.merge(tx, row, REMINDERS, _list, now)

    def row(self, key: str) -> Outbox:
        """Return the message as it is stored."""
        with self.database.snapshot() as tx:
            message = outbox.by_key(tx, WORKSPACE, key)
        assert message is not None
        return message

    def states(self) -> dict[str, str]:
        """Return the state of each message."""
        with self.database.snapshot() as tx:
            return {key: state for key, state in tx.execute(sa.select(table.c.key, table.c.state))}


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(database)


def test_a_message_is_taken_from_the_moment_at_which_it_is_due(queue: Queue) -> None:
    queue.add("card")
    assert queue.keys(NOW - MOMENT) == []
    (row,) = queue.take(NOW)
    assert (row.state, row.attempts, row.maybe_sent, row.lease_until) == (OutboxState.SENDING, 1, False, NOW + MINUTE)
    assert queue.row("card") == row


def test_who_was_sending_it_holds_a_message_until_the_lease_ends_and_no_longer(queue: Queue) -> None:
    queue.add("card")
    (first,) = queue.take()
    assert queue.keys(NOW + MINUTE - MOMENT) == []
    (again,) = queue.take(NOW + MINUTE)
    assert (again.key, again.attempts, again.maybe_sent) == ("card", 2, True)
    assert not queue.settle(first)
    assert queue.settle(again)
    assert queue.states() == {"card": "sent"}


def test_a_lease_is_renewed_by_who_holds_it_and_by_nobody_else(queue: Queue, database: Database) -> None:
    queue.add("card")
    (first,) = queue.take()
    with database.transaction() as tx:
        assert claims.renew(tx, first, NOW + 2 * MINUTE)
    assert first.lease_until == NOW + 2 * MINUTE
    assert queue.keys(NOW + 2 * MINUTE - MOMENT) == []
    (again,) = queue.take(NOW + 2 * MINUTE)
    with database.transaction() as tx:
        assert not claims.renew(tx, first, NOW + 9 * MINUTE)
    assert first.lease_until == NOW + 2 * MINUTE
    assert queue.row("card").lease_until == again.lease_until == NOW + 3 * MINUTE


LATER: dict[str, Any] = {"next_attempt_at": NOW + MINUTE}
STUCK: dict[str, Any] = {**LATER, "attempts": 1}


def test_what_waits_after_an_attempt_steps_aside_like_what_was_held_back(queue: Queue) -> None:
    queue.add("held back", "U1", **LATER)
    queue.add("behind it", "U1")
    queue.add("tried", "U2", **STUCK)
    queue.add("in its way", "U2")
    assert queue.keys() == ["behind it", "in its way"]


@pytest.fixture
def either_queue(any_database: Database) -> Queue:
    return Queue(any_database)


def test_the_most_urgent_passes_what_is_stuck_and_then_the_oldest(either_queue: Queue) -> None:
    queue = either_queue
    queue.add("stuck", kind=MessageKind.CARD, **STUCK)
    queue.add("older", kind=MessageKind.CARD)
    queue.add("younger", kind=MessageKind.CARD)
    queue.add("pressed", kind=MessageKind.PRIVATE)
    for key in ("pressed", "older", "younger"):
        (row,) = queue.take()
        assert row.key == key
        queue.settle(row)
    assert queue.keys() == []
    assert queue.keys(NOW + MINUTE) == ["stuck"]


def test_a_message_passes_so_many_that_are_stuck_and_no_more(either_queue: Queue) -> None:
    queue = either_queue
    for number in range(claims.MOST_PASSED):
        queue.add(f"stuck {number}", **STUCK)
    queue.add("first")
    queue.add("second")
    (row,) = queue.take()
    assert row.key == "first"
    queue.settle(row, OutboxState.PENDING, **LATER)
    assert queue.keys() == []  # a Slack that is away is not asked for every message
    queue.add("pressed", kind=MessageKind.PRIVATE)
    assert queue.keys() == ["pressed"]  # only what is as urgent or more is in its way


def test_what_is_stuck_and_less_urgent_is_in_nobodys_way(either_queue: Queue) -> None:
    for number in range(claims.MOST_PASSED + 5):
        either_queue.add(f"stuck {number}", kind=MessageKind.DIGEST, **STUCK)
    either_queue.add("card", kind=MessageKind.CARD)
    assert either_queue.keys() == ["card"]


def test_a_reply_waits_until_its_parent_is_in_slack_or_never_will_be(either_queue: Queue) -> None:
    queue = either_queue
    parent = queue.add("stuck", kind=MessageKind.CARD, due_at=NOW - 9 * MINUTE, **STUCK)
    queue.add("reply", kind=MessageKind.NOTE, parent_id=parent.id)
    queue.add("other", kind=MessageKind.NOTE)
    (row,) = queue.take()
    assert row.key == "other"
    queue.settle(row)
    assert queue.keys() == []
    (row,) = queue.take(NOW + MINUTE)
    assert row.key == "stuck"
    queue.settle(row)
    assert queue.keys(NOW + MINUTE) == ["reply"]


@pytest.mark.parametrize(("late", "passes"), [(MINUTE - MOMENT, False), (MINUTE, True)])
def test_messages_about_one_mql_keep_their_order_for_a_minute_and_no_longer(
    any_database: Database, late: timedelta, passes: bool
) -> None:
    queue = Queue(any_database)
    configure(any_database)
    mqls_ids = [receive(any_database, external_id=str(number)) for number in (1, 2)]
    with any_database.transaction() as tx:
        tx.execute(table.delete())
    queue.add("stuck", kind=MessageKind.NOTE, mql_id=mqls_ids[0], due_at=NOW - late, **STUCK)
    queue.add("of the same", kind=MessageKind.NOTE, mql_id=mqls_ids[0])
    queue.add("of another", kind=MessageKind.NOTE, mql_id=mqls_ids[1])
    assert queue.keys() == ["of the same" if passes else "of another"]


def test_one_that_may_pass_is_found_behind_those_that_may_not(queue: Queue) -> None:
    parent = queue.add("stuck", kind=MessageKind.CARD, **STUCK)
    for number in range(claims.REACH - 2):
        queue.add(f"reply {number}", kind=MessageKind.NOTE, parent_id=parent.id)
    queue.add("other", kind=MessageKind.NOTE)
    assert queue.keys() == ["other"]


def test_one_call_at_a_time_goes_to_a_conversation_and_so_many_in_all(queue: Queue) -> None:
    for key, target in (("a", "U1"), ("b", "U1"), ("c", "U2"), ("d", "U3")):
        queue.add(key, target)
    (first,) = queue.take(most=1)
    assert first.key == "a"
    assert queue.keys(most=2) == ["c", "d"]
    assert queue.keys() == []
    assert queue.settle(first)
    assert queue.keys() == ["b"]


def test_a_budget_gives_no_more_than_is_asked_for_and_is_spent_by_what_was_taken(
    queue: Queue, database: Database
) -> None:
    posts = lanes.Budget("posts", 5, SECOND)
    budgets = claims.Budgets(edits=lanes.Budget("edits", 5, SECOND), posts=posts)
    for key, target in (("a", "U1"), ("b", "U2"), ("c", "U3")):
        queue.add(key, target)
    assert queue.keys(most=2, budgets=budgets) == ["a", "b"]
    with database.transaction() as tx:
        assert posts.left(lanes.spent_until(tx, WORKSPACE, posts), NOW) == 3


def test_an_edit_waits_until_its_original_is_in_slack_or_never_will_be(queue: Queue) -> None:
    originals: dict[str, dict[str, Any]] = {
        "pending": {"next_attempt_at": NOW + MINUTE},
        "sending": {"state": OutboxState.SENDING, "lease_until": NOW + MINUTE},
        "sent": {"state": OutboxState.SENT, "sent_at": NOW},
        "dead": {"state": OutboxState.DEAD},
        "dropped": {"state": OutboxState.DROPPED},
    }
    for state, columns in originals.items():
        original = queue.add(state, f"C-{state}", **columns)
        queue.add(f"edit of {state}", f"U-{state}", MessageKind.EDIT, parent_id=original.id)
    assert sorted(queue.keys()) == ["edit of dead", "edit of dropped", "edit of sent"]


def test_where_kinds_are_named_they_go_past_what_waits_longer_and_no_edit_goes(queue: Queue) -> None:
    original = queue.add("original", "C1", state=OutboxState.SENT, sent_at=NOW)
    queue.add("card", "U1")
    queue.add("edit", "U1", MessageKind.EDIT, parent_id=original.id)
    queue.add("alert", "U1", MessageKind.ALERT)
    queue.add("another", "U2", MessageKind.CARD)
    queue.add("left over", "U3", MessageKind.CARD, state=OutboxState.SENDING, lease_until=NOW)
    assert queue.keys(only=[MessageKind.ALERT]) == ["alert"]


def test_what_was_left_over_knows_that_it_may_be_in_slack_and_so_it_stays(queue: Queue) -> None:
    queue.add("card", state=OutboxState.SENDING, lease_until=NOW, maybe_sent=False)
    (row,) = queue.take()
    assert row.maybe_sent
    queue.settle(row, OutboxState.PENDING)
    (row,) = queue.take()
    assert row.maybe_sent


def test_nobody_takes_what_belongs_to_another_workspace(queue: Queue, database: Database) -> None:
    queue.add("card")
    with database.transaction() as tx:
        assert claims.claim(tx, "T0ANOTHER1", NOW, NOW + MINUTE, 9) == []
    (row,) = queue.take()
    with database.transaction() as tx:
        assert claims.claim(tx, "T0ANOTHER1", NOW + MINUTE, NOW + 2 * MINUTE, 9) == []
        assert not claims.settle(tx, row.model_copy(update={"workspace_id": "T0ANOTHER1"}), OutboxState.DEAD)


def test_a_conversation_is_free_at_the_moment_for_which_it_was_paced_unless_that_is_too_far_away(
    queue: Queue, database: Database
) -> None:
    far = NOW + lanes.LONGEST_PACE
    with database.transaction() as tx:
        for target, at in (("U1", NOW), ("U2", NOW + MOMENT), ("U3", far - MOMENT), ("U4", far)):
            lanes.pace(tx, WORKSPACE, target, at)
    for number in (1, 2, 3, 4):
        queue.add(f"to U{number}", f"U{number}")
    assert queue.keys() == ["to U1", "to U4"]
    assert queue.keys(NOW + MOMENT) == ["to U2"]


@pytest.mark.parametrize(("columns", "merges"), [({}, True), ({"attempts": 1}, False), ({"maybe_sent": True}, False)])
def test_only_what_was_never_tried_becomes_a_list(queue: Queue, columns: dict[str, Any], merges: bool) -> None:
    queue.add("first", kind=MessageKind.REMINDER, **columns)
    (taken,) = queue.take()
    queue.add("second", kind=MessageKind.REMINDER, data={"why": "late"})
    merged = queue.merge(taken)
    assert (merged.kind == MessageKind.HELD) is merges
    assert queue.states() == {"first": "sending", "second": "dropped" if merges else "pending"}
    assert queue.row("first") == merged


WAITING: dict[str, tuple[dict[str, Any], bool]] = {
    "due now": ({}, True),
    "of the other kind": ({"kind": MessageKind.FEEDBACK_REMINDER}, True),
    "due a moment later": ({"next_attempt_at": NOW + MOMENT}, False),
    "tried once": ({"attempts": 1}, False),
    "perhaps in Slack": ({"maybe_sent": True}, False),
    "of a kind that stays alone": ({"kind": MessageKind.ESCALATION}, False),
    "for somebody else": ({"target": "U2"}, False),
    "dropped": ({"state": OutboxState.DROPPED}, False),
}


@pytest.mark.parametrize("case", WAITING)
def test_it_speaks_for_those_that_wait_for_the_same_reader_and_were_never_tried(queue: Queue, case: str) -> None:
    columns, merges = WAITING[case]
    queue.add("first", kind=MessageKind.REMINDER)
    (taken,) = queue.take()
    queue.add("other", **{"kind": MessageKind.REMINDER, "data": {"why": "late"}, **columns})
    before = queue.row("other")
    merged = queue.merge(taken)
    if not merges:
        assert (merged, queue.row("other")) == (taken, before)
        return
    assert merged.data == {"keys": ["first", "other"]}
    assert (merged.kind, merged.mql_id, merged.event_id) == (MessageKind.HELD, None, None)
    dropped = queue.row("other")
    assert (dropped.state, dropped.error) == (OutboxState.DROPPED, f"told with message {taken.id}")


@pytest.mark.parametrize(("actor", "merges"), [(None, True), ("U3", False)])
def test_what_a_person_asked_for_stays_a_message_of_its_own(
    queue: Queue, database: Database, actor: str | None, merges: bool
) -> None:
    configure(database)
    mql_id = receive(database)
    with database.transaction() as tx:
        tx.execute(table.delete())
        subject = mqls.get(tx, WORKSPACE, mql_id)
        assert subject is not None
        event_id = mqls.log(tx, subject, EventType.REMINDED, NOW, NOW, actor=actor)
    queue.add("first", kind=MessageKind.REMINDER, mql_id=mql_id)
    (taken,) = queue.take()
    queue.add("other", kind=MessageKind.REMINDER, mql_id=mql_id, event_id=event_id)
    assert (queue.merge(taken).kind == MessageKind.HELD) is merges
    assert (queue.row("other").state == OutboxState.DROPPED) is merges


def test_a_message_that_somebody_else_took_meanwhile_speaks_for_nobody(queue: Queue) -> None:
    queue.add("first", kind=MessageKind.REMINDER)
    (taken,) = queue.take()
    for key in ("second", "third"):
        queue.add(key, kind=MessageKind.REMINDER)
    elsewhere = taken.model_copy(update={"id": taken.id + 100})
    assert queue.merge(elsewhere) == elsewhere
    assert queue.states() == {"first": "sending", "second": "pending", "third": "pending"}


def test_what_the_caller_is_still_sending_is_not_taken_again_when_the_clock_jumps_ahead(queue: Queue) -> None:
    sent = queue.add("a")
    queue.take()
    later = NOW + timedelta(hours=3)
    assert queue.keys(later, in_hand={sent.id}) == []
    assert queue.keys(later) == ["a"]
