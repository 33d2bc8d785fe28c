from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storage import claims, lanes, outbox, undelivered
from storage.database import Database
from storage.lanes import Budget
from storage.models import outbox as table
from storage.vocabulary import MessageKind, OutboxState
from tests import queued

TEAM = "T0SAMPLE01"
NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


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
            queued.add(tx, TEAM, key, MessageKind.CARD, "C1", NOW, parent_id=above.id if above else None)
            sent = NOW if state == "sent" else None
            values = {"state": state, "sent_at": sent, "attempts": 7, "maybe_sent": True, "error": "is_archived"}
            tx.execute(table.update().where(table.c.key == key).values(**values))
        assert undelivered.revivable(tx, "T0ANOTHER1") == undelivered.revive(tx, "T0ANOTHER1", NOW) == 0
        later = NOW + timedelta(hours=1)
        assert undelivered.revivable(tx, TEAM) == undelivered.revive(tx, TEAM, later) == 2
        found = tx.execute(table.select().order_by(table.c.id)).all()
        assert undelivered.revivable(tx, TEAM) == 0
    assert [row.state for row in found] == ["pending", "pending", "dropped", "sent", "dropped"]
    assert [row.attempts for row in found] == [0, 0, 7, 7, 7]
    assert all(row.maybe_sent for row in found)
    assert {row.next_attempt_at for row in found[:2]} == {later}


def test_what_should_have_been_tried_before_then_is_counted_from_the_oldest_on(any_database: Database) -> None:
    with any_database.transaction() as tx:
        for minutes in (1, 10, 20):
            queued.add(tx, TEAM, f"k{minutes}", MessageKind.CARD, "C1", NOW - timedelta(minutes=minutes))
        queued.add(tx, TEAM, "held", MessageKind.CARD, "C1", NOW - timedelta(hours=5), not_before=NOW)
        found = undelivered.waiting(tx, TEAM, NOW - timedelta(minutes=5))
        nothing = undelivered.waiting(tx, "T0ANOTHER1", NOW)
    assert found == (2, NOW - timedelta(minutes=20))
    assert nothing == (0, None)


def test_what_somebody_looks_at_goes_first_and_a_digest_last(any_database: Database) -> None:
    kinds = (
        MessageKind.DIGEST,
        MessageKind.REMINDER,
        MessageKind.ESCALATION,
        MessageKind.CARD,
        MessageKind.PRIVATE,
    )
    for target in ("U1", None):
        with any_database.transaction() as tx:
            tx.execute(table.delete())
            for number, kind in enumerate(kinds):
                queued.add(tx, TEAM, kind, kind, target or f"U{number}", NOW)
        told = []
        for _ in kinds:
            with any_database.transaction() as tx:
                (row,) = claims.claim(tx, TEAM, NOW, NOW + timedelta(minutes=1), 1)
                claims.settle(tx, row, OutboxState.SENT, sent_at=NOW)
                told.append(row.kind)
        assert told == list(reversed(kinds))


def test_what_a_dead_process_was_sending_comes_back_although_something_more_urgent_waits(
    any_database: Database,
) -> None:
    with any_database.transaction() as tx:
        queued.add(tx, TEAM, "half sent", MessageKind.REMINDER, "U1", NOW)
        assert len(claims.claim(tx, TEAM, NOW, NOW + timedelta(minutes=1), 5)) == 1
        queued.add(tx, TEAM, "urgent", MessageKind.PRIVATE, "U1", NOW)
        assert claims.claim(tx, TEAM, NOW, NOW + timedelta(minutes=1), 5) == []
    told = []
    for _ in range(2):
        with any_database.transaction() as tx:
            (row,) = claims.claim(tx, TEAM, NOW + AN_HOUR, NOW + 2 * AN_HOUR, 5)
            claims.settle(tx, row, OutboxState.SENT, sent_at=NOW)
            told.append((row.key, row.maybe_sent))
    assert told == [("half sent", True), ("urgent", False)]


def test_no_more_is_taken_than_the_budget_allows_and_an_edit_waits_for_no_post(any_database: Database) -> None:
    every = timedelta(seconds=10)
    budgets = claims.Budgets(edits=Budget("edits", 2, every), posts=Budget("posts", 3, every))
    with any_database.transaction() as tx:
        for number in range(5):
            queued.add(tx, TEAM, f"card{number}", MessageKind.CARD, f"C{number}", NOW)
            queued.add(tx, TEAM, f"sent{number}", MessageKind.CARD, f"C1{number}", NOW)
            card = outbox.by_key(tx, TEAM, f"sent{number}")
            assert card is not None
            tx.execute(table.update().where(table.c.id == card.id).values(state="sent", sent_at=NOW))
            queued.add(tx, TEAM, f"edit{number}", MessageKind.EDIT, f"C1{number}", NOW, parent_id=card.id)

    def take(after: timedelta) -> list[str]:
        with any_database.transaction() as tx:
            return [row.key for row in claims.claim(tx, TEAM, NOW + after, NOW + AN_HOUR, 50, budgets=budgets)]

    assert take(timedelta(0)) == ["edit0", "edit1", "card0", "card1", "card2"]
    assert take(timedelta(seconds=9)) == []
    assert take(timedelta(seconds=10)) == ["edit2", "card3"]
    assert take(timedelta(seconds=20)) == ["edit3", "card4"]


def test_a_message_knows_after_which_of_ours_it_will_stand_whatever_the_clocks_say(any_database: Database) -> None:
    with any_database.transaction() as tx:
        for key in ("first", "second", "third"):
            queued.add(tx, TEAM, key, MessageKind.CARD, "C1", NOW)
    for key, after, ts in (("first", "0", "1700000000.000100"), ("second", "1700000000.000100", None)):
        with any_database.transaction() as tx:
            (row,) = claims.claim(tx, TEAM, NOW + AN_HOUR, NOW + 2 * AN_HOUR, 1)
            assert (row.key, row.after_ts) == (key, after)
            state = OutboxState.SENT if ts else OutboxState.PENDING
            claims.settle(tx, row, state, sent_at=NOW if ts else None, maybe_sent=ts is None)
            lanes.pace(tx, TEAM, "C1", NOW, ts)
    # Another message gets there first; where the second would stand has not changed.
    with any_database.transaction() as tx:
        lanes.pace(tx, TEAM, "C1", NOW, "1700000009.000100")
        (row,) = claims.claim(tx, TEAM, NOW + AN_HOUR, NOW + 2 * AN_HOUR, 1)
        assert (row.key, row.after_ts) == ("second", "1700000000.000100")


def test_a_message_may_be_taken_a_moment_before_its_conversation_is_free_and_no_earlier(
    any_database: Database,
) -> None:
    moment, at = timedelta(milliseconds=100), NOW + timedelta(seconds=1)
    with any_database.transaction() as tx:
        queued.add(tx, TEAM, "next", MessageKind.CARD, "C1", NOW)
        queued.add(tx, TEAM, "first ever", MessageKind.CARD, "C2", at)
        lanes.pace(tx, TEAM, "C1", at, "1700000009.000100")
        lanes.pace(tx, "T0ANOTHER1", "C2", at)

    def take(now: datetime, ahead: timedelta) -> list[str]:
        with any_database.transaction() as tx:
            return [row.key for row in claims.claim(tx, TEAM, now, now + AN_HOUR, 5, ahead=ahead)]

    assert take(at - moment, timedelta(0)) == take(at - 2 * moment, moment) == []
    assert take(at - moment, moment) == ["next"]
    assert take(at, moment) == ["first ever"]
    with any_database.transaction() as tx:
        assert lanes.free_at(tx, TEAM, ["C1", "C2"]) == lanes.free_at(tx, TEAM, ["C1"]) == {"C1": at}
        assert lanes.free_at(tx, TEAM, []) == {}
