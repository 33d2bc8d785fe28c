from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from storage import claims, lanes, outbox, undelivered
from storage.database import Database
from storage.lanes import Budget
from storage.models import Outbox
from storage.models import outbox as table
from storage.vocabulary import MessageKind, OutboxState
from tests import queued
from tests.workspace import configure, receive

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
        messages = tx.execute(table.select().order_by(table.c.id)).all()
        assert undelivered.revivable(tx, TEAM) == 0
    assert [row.state for row in messages] == ["pending", "pending", "dropped", "sent", "dropped"]
    assert [row.attempts for row in messages] == [0, 0, 7, 7, 7]
    assert all(row.maybe_sent for row in messages)
    assert {row.next_attempt_at for row in messages[:2]} == {later}


def test_what_should_have_been_tried_before_then_is_counted_from_the_oldest_on(any_database: Database) -> None:
    with any_database.transaction() as tx:
        for minutes in (1, 10, 20):
            queued.add(tx, TEAM, f"k{minutes}", MessageKind.CARD, "C1", NOW - timedelta(minutes=minutes))
        queued.add(tx, TEAM, "held", MessageKind.CARD, "C1", NOW - timedelta(hours=5), not_before=NOW)
        waiting = undelivered.waiting(tx, TEAM, NOW - timedelta(minutes=5))
        nothing = undelivered.waiting(tx, "T0ANOTHER1", NOW)
    assert waiting == (2, NOW - timedelta(minutes=20))
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
        claimed = []
        for _ in kinds:
            with any_database.transaction() as tx:
                (row,) = claims.claim(tx, TEAM, NOW, NOW + timedelta(minutes=1), 1)
                claims.settle(tx, row, OutboxState.SENT, sent_at=NOW)
                claimed.append(row.kind)
        assert claimed == list(reversed(kinds))


def test_what_a_dead_process_was_sending_comes_back_although_something_more_urgent_waits(
    any_database: Database,
) -> None:
    with any_database.transaction() as tx:
        queued.add(tx, TEAM, "half sent", MessageKind.REMINDER, "U1", NOW)
        assert len(claims.claim(tx, TEAM, NOW, NOW + timedelta(minutes=1), 5)) == 1
        queued.add(tx, TEAM, "urgent", MessageKind.PRIVATE, "U1", NOW)
        assert claims.claim(tx, TEAM, NOW, NOW + timedelta(minutes=1), 5) == []
    claimed = []
    for _ in range(2):
        with any_database.transaction() as tx:
            (row,) = claims.claim(tx, TEAM, NOW + AN_HOUR, NOW + 2 * AN_HOUR, 5)
            claims.settle(tx, row, OutboxState.SENT, sent_at=NOW)
            claimed.append((row.key, row.maybe_sent))
    assert claimed == [("half sent", True), ("urgent", False)]


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


def test_the_same_fact_is_told_once_and_not_before_its_time(database: Database) -> None:
    with database.transaction() as tx:
        assert queued.add(tx, TEAM, "card", MessageKind.CARD, "C1", NOW, data={"a": 1})
        assert not queued.add(tx, TEAM, "card", MessageKind.CARD, "C2", NOW)
        assert queued.add(tx, TEAM, "later", MessageKind.CARD, "C1", NOW, not_before=NOW + AN_HOUR)
        card, later = outbox.by_keys(tx, TEAM, ["card", "later"])
        assert outbox.get(tx, TEAM, card.id) == card
        assert outbox.get(tx, "T0ANOTHER1", card.id) is None
    assert (card.target, card.data, card.due_at, card.next_attempt_at) == ("C1", {"a": 1}, NOW, NOW)
    assert (later.created_at, later.due_at, later.next_attempt_at) == (NOW, NOW + AN_HOUR, NOW + AN_HOUR)
    assert (card.state, card.attempts, card.maybe_sent) == (OutboxState.PENDING, 0, False)


def stored(tx: sa.Connection, key: str, kind: MessageKind = MessageKind.CARD, **columns: Any) -> Outbox:
    """Queue a message, and give it these columns."""
    assert queued.add(tx, TEAM, key, kind, "C1", NOW)
    if columns:
        tx.execute(table.update().where(table.c.key == key).values(**columns))
    message = outbox.by_key(tx, TEAM, key)
    assert message is not None
    return message


@pytest.mark.parametrize("others", [[], ["also there", "waits"]])
def test_only_what_slack_has_has_a_place_there(database: Database, others: list[str]) -> None:
    with database.transaction() as tx:
        for key in ("there", "also there"):
            stored(tx, key, state=OutboxState.SENT, sent_at=NOW, channel="C1", ts=f"1.{len(key)}")
        stored(tx, "waits")
        places = outbox.sent_by_keys(tx, TEAM, ["there", *others])
        assert outbox.sent_by_keys(tx, TEAM, ["waits"]) == outbox.sent_by_keys(tx, "T0ANOTHER1", ["there"]) == {}
    assert places == {"there": ("C1", "1.5")} | ({"also there": ("C1", "1.10")} if others else {})


def test_a_message_is_changed_while_it_waits_to_be_sent_for_the_first_time(database: Database) -> None:
    def more(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "b": 2}

    with database.transaction() as tx:
        row = stored(tx, "list", MessageKind.HELD, data={"a": 1})
        assert outbox.change_waiting(tx, row, more)
        changed = outbox.by_key(tx, TEAM, "list")
        assert changed is not None
        assert changed.data == {"a": 1, "b": 2}
        for over in ({"attempts": 1}, {"attempts": 0, "state": OutboxState.DROPPED}):
            tx.execute(table.update().values(**over))
            assert not outbox.change_waiting(tx, row, lambda data: {})
        assert outbox.by_key(tx, TEAM, "list") == changed.model_copy(update={"state": OutboxState.DROPPED})


def test_what_is_rendered_anyway_is_what_waits_and_never_was_tried_or_has_an_edit_that_waits(
    database: Database,
) -> None:
    there: dict[str, Any] = {"state": OutboxState.SENT, "sent_at": NOW}
    held: dict[str, Any] = {"state": OutboxState.SENDING, "lease_until": NOW}
    edits: dict[str, dict[str, Any]] = {"waits": {}, "sent": there, "doubted": {"maybe_sent": True}, "held": held}
    with database.transaction() as tx:
        rows = {"waits": stored(tx, "waits"), "doubted": stored(tx, "doubted", maybe_sent=True)}
        rows["being sent"] = stored(tx, "being sent", **held)
        for state, columns in edits.items():
            key = f"its edit {state}"
            rows[key] = stored(tx, key, **there)
            stored(tx, f"edit {state}", MessageKind.EDIT, parent_id=rows[key].id, **columns)
        rows["its note waits"] = stored(tx, "its note waits", **there)
        stored(tx, "note", MessageKind.NOTE, parent_id=rows["its note waits"].id)
        anew = outbox.to_be_read_anew(tx, TEAM, [row.id for row in rows.values()])
        assert outbox.to_be_read_anew(tx, "T0ANOTHER1", [row.id for row in rows.values()]) == set()
        assert outbox.to_be_read_anew(tx, TEAM, [rows["doubted"].id]) == set()
    assert {key for key, row in rows.items() if row.id in anew} == {"waits", "its edit waits"}


def test_nothing_that_waits_is_taken_for_unsent_once_it_is_doubted(database: Database) -> None:
    with database.transaction() as tx:
        stored(tx, "pending")
        stored(tx, "sending", state=OutboxState.SENDING, lease_until=NOW)
        stored(tx, "sent", state=OutboxState.SENT, sent_at=NOW)
        outbox.doubt_unsent(tx)
        doubted = {row.key: row.maybe_sent for row in outbox.by_keys(tx, TEAM, ["pending", "sending", "sent"])}
    assert doubted == {"pending": True, "sending": True, "sent": False}


def test_the_lists_of_a_span_are_those_written_from_its_first_to_its_last_moment(database: Database) -> None:
    moment = timedelta(microseconds=1)
    times = (NOW - moment, NOW, NOW + AN_HOUR, NOW + AN_HOUR + moment)
    with database.transaction() as tx:
        for number, at in enumerate(times):
            stored(tx, f"list {number}", MessageKind.HELD, created_at=at)
        stored(tx, "dropped", MessageKind.HELD, state=OutboxState.DROPPED)
        stored(tx, "of one", MessageKind.REMINDER)
        assert [row.key for row in outbox.lists(tx, TEAM, NOW, NOW + AN_HOUR)] == ["list 1", "list 2"]
        assert outbox.lists(tx, "T0ANOTHER1", NOW, NOW + AN_HOUR) == []


def test_the_messages_about_an_mql_are_those_of_some_kinds_in_slack_or_on_their_way(database: Database) -> None:
    configure(database, TEAM)
    acme, globex, initech = (receive(database, name, TEAM) for name in ("Acme", "Globex", "Initech"))
    there: dict[str, Any] = {"state": OutboxState.SENT, "sent_at": NOW}
    held: dict[str, Any] = {"state": OutboxState.SENDING, "lease_until": NOW}
    kinds = [MessageKind.CARD, MessageKind.NOTE]
    with database.transaction() as tx:
        tx.execute(table.delete())
        sent = stored(tx, "sent", mql_id=acme, **there)
        doubted = stored(tx, "doubted", mql_id=acme, maybe_sent=True)
        waits = stored(tx, "waits", mql_id=acme)
        for key, columns in (("held", held), ("dropped", {"state": OutboxState.DROPPED}), ("dead", {"state": "dead"})):
            stored(tx, key, mql_id=acme, **columns)
        stored(tx, "reminder", MessageKind.REMINDER, mql_id=acme)
        stored(tx, "edit", MessageKind.EDIT, mql_id=acme, parent_id=sent.id)
        stored(tx, "late edit", MessageKind.EDIT, mql_id=acme, parent_id=doubted.id, maybe_sent=True)
        stored(tx, "of another", MessageKind.NOTE, mql_id=globex)
        stored(tx, "of a third", mql_id=initech)

        def keys(rows: list[Outbox]) -> list[str]:
            return [row.key for row in rows]

        assert keys(outbox.about(tx, TEAM, [acme], kinds)) == ["sent", "doubted", "waits", "held"]
        assert keys(outbox.about(tx, TEAM, [acme, globex], kinds)) == [
            *keys([sent, doubted, waits]),
            "held",
            "of another",
        ]
        single = outbox.to_refresh(tx, TEAM, [acme], kinds)
        ids = [row.id for row in outbox.about(tx, TEAM, [acme], kinds)]
        assert ([row.id for row in single.originals], single.read_anew) == (ids, {sent.id, waits.id})
        assert {mql_id: card.mql_id for mql_id, card in single.cards.items()} == {acme: acme}
        several = outbox.to_refresh(tx, TEAM, [acme, globex], kinds)
        ids = [row.id for row in outbox.about(tx, TEAM, [acme, globex], kinds)]
        assert [row.id for row in several.originals] == ids
        assert {sent.id, waits.id} < several.read_anew
        assert outbox.about(tx, "T0ANOTHER1", [acme], kinds) == []
        assert outbox.to_refresh(tx, "T0ANOTHER1", [acme], kinds) == outbox.Shown([], set(), {})
