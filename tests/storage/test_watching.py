"""Heartbeats, alerts, and what is asked of the outbox at every scrape."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.messages import kinds
from storage import alerts, arrivals, claims, heartbeats, models, mqls, undelivered, unreadables
from storage.database import Database
from storage.vocabulary import AlertKind, EventType, MessageKind, OutboxState, Source
from tests import queued

TEAM = "T0SAMPLE01"
NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
A_MINUTE = timedelta(minutes=1)


def test_the_newest_tick_of_any_process_counts(any_database: Database) -> None:
    with any_database.transaction() as tx:
        assert heartbeats.newest(tx, TEAM, NOW) is None
        for process, at in (("a:1", NOW), ("b:1", NOW + A_MINUTE), ("a:1", NOW + 2 * A_MINUTE)):
            heartbeats.beat(tx, TEAM, process, "0.1.0", NOW, at)
        heartbeats.beat(tx, "T0ANOTHER1", "c:1", "0.1.0", NOW, NOW + 9 * A_MINUTE)
        newest = heartbeats.newest(tx, TEAM, NOW + 3 * A_MINUTE)
        assert newest is not None
        assert (newest.process, newest.ticked_at) == ("a:1", NOW + 2 * A_MINUTE)
        earlier = heartbeats.newest(tx, TEAM, NOW + A_MINUTE)
        assert earlier is not None
        assert (earlier.process, earlier.ticked_at) == ("b:1", NOW + A_MINUTE)  # the other one is ahead
        heartbeats.forget(tx, TEAM, NOW + 2 * A_MINUTE)
        processes = tx.execute(sa.select(models.heartbeat.c.process).order_by(models.heartbeat.c.process)).scalars()
        assert list(processes) == ["a:1", "c:1"]


def test_an_alert_is_open_once_and_may_come_again_after_it_was_closed(any_database: Database) -> None:
    with any_database.transaction() as tx:
        first = alerts.add(tx, TEAM, AlertKind.OUTBOX_STUCK, "", NOW, {"count": 3}, ["U1"])
        assert first is not None
        assert alerts.add(tx, TEAM, AlertKind.OUTBOX_STUCK, "", NOW, {}, []) is None
        assert alerts.add(tx, TEAM, AlertKind.OWNER_DEACTIVATED, "U2", NOW, {}, []) is not None
        assert alerts.add(tx, "T0ANOTHER1", AlertKind.OUTBOX_STUCK, "", NOW, {}, []) is not None
        assert [alert.kind for alert in alerts.standing(tx, TEAM)] == ["outbox_stuck", "owner_deactivated"]
        assert alerts.close(tx, first, NOW + A_MINUTE)
        assert not alerts.close(tx, first, NOW + 2 * A_MINUTE)
        known = alerts.get(tx, TEAM, first.id)
        assert known is not None
        assert (known.data, known.told, known.closed_at) == ({"count": 3}, ["U1"], NOW + A_MINUTE)
        assert alerts.add(tx, TEAM, AlertKind.OUTBOX_STUCK, "", NOW, {}, []) is not None


def test_of_processes_that_open_the_same_alert_at_once_one_does(any_database: Database) -> None:
    barrier = Barrier(6)

    def open_it(_: int) -> bool:
        barrier.wait()
        with any_database.transaction() as tx:
            return alerts.add(tx, TEAM, AlertKind.TICKS_STOPPED, "", NOW, {}, []) is not None

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(open_it, range(6))) == [False] * 5 + [True]


def _fill(tx: sa.Connection) -> None:
    states = (("a", "pending", 3), ("b", "pending", 9), ("c", "dead", 60), ("d", "sent", 90), ("e", "dropped", 90))
    for key, state, minutes in states:
        due = NOW - minutes * A_MINUTE
        queued.add(tx, TEAM, key, MessageKind.CARD, "C1", due)
        sent_at = due if state == "sent" else None
        tx.execute(models.outbox.update().where(models.outbox.c.key == key).values(state=state, sent_at=sent_at))


def test_what_is_not_in_slack_is_counted_by_state_with_the_age_of_the_oldest(any_database: Database) -> None:
    with any_database.transaction() as tx:
        _fill(tx)
        assert undelivered.by_state(tx, TEAM) == {
            OutboxState.PENDING: (2, NOW - 9 * A_MINUTE),
            OutboxState.DEAD: (1, NOW - 60 * A_MINUTE),
        }
        assert undelivered.by_state(tx, "T0ANOTHER1") == {}


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda tx: undelivered.by_state(tx, TEAM), "COVERING INDEX ix_outbox_undelivered"),
        (lambda tx: undelivered.by_error(tx, TEAM), "INDEX ix_outbox_undelivered"),
        (lambda tx: undelivered.waiting(tx, TEAM, NOW, [MessageKind.ALERT]), "INDEX ix_outbox_unsent"),
        (lambda tx: undelivered.on_its_way(tx, TEAM, NOW, NOW), "INDEX ix_outbox_unsent"),
        (lambda tx: undelivered.unsent_of(tx, TEAM, [MessageKind.ALERT]), "INDEX ix_outbox_unsent"),
    ],
)
def test_what_is_asked_at_every_scrape_and_look_reads_no_message_that_was_sent(
    database: Database, ask: Callable[[sa.Connection], object], index: str
) -> None:
    with database.transaction() as tx:
        _fill(tx)
        asked: list[tuple[str, Any]] = []
        sa.event.listen(tx, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
        ask(tx)
        ((statement, values),) = asked
        plan = str(tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all())
    assert index in plan
    assert "SCAN outbox" not in plan


def test_a_message_that_is_tried_again_and_again_grows_older_all_the_same(any_database: Database) -> None:
    with any_database.transaction() as tx:
        queued.add(tx, TEAM, "k", MessageKind.CARD, "C1", NOW)
        for tries in range(1, 4):
            now = NOW + tries * 5 * A_MINUTE
            (row,) = claims.claim(tx, TEAM, now, now + A_MINUTE, 10)
            claims.settle(tx, row, OutboxState.PENDING, next_attempt_at=now + 5 * A_MINUTE, error="ratelimited")
        assert undelivered.waiting(tx, TEAM, NOW + 15 * A_MINUTE) == (1, NOW)
        assert undelivered.waiting(tx, TEAM, NOW + 15 * A_MINUTE, besides=[MessageKind.CARD]) == (0, None)


def test_what_is_refused_is_counted_by_error_and_reader_without_what_nobody_misses(any_database: Database) -> None:
    refused = (
        ("a", MessageKind.CARD, "C1", "is_archived"),
        ("b", MessageKind.NOTE, "C1", "is_archived"),
        ("c", MessageKind.ASSIGNMENT, "U1", "account_inactive"),
        ("d", MessageKind.EDIT, "C1", "message_not_found"),
        ("e", MessageKind.PRIVATE, "U1", "user_not_in_channel"),
    )
    with any_database.transaction() as tx:
        for key, kind, target, error in refused:
            queued.add(tx, TEAM, key, kind, target, NOW)
            mine = models.outbox.c.key == key
            tx.execute(models.outbox.update().where(mine).values(state=OutboxState.DEAD, error=error))
        assert undelivered.by_error(tx, TEAM, kinds.ONCE) == [("account_inactive", "U1", 1), ("is_archived", "C1", 2)]


def test_only_the_kinds_that_were_asked_for_are_claimed_past_older_ones_of_the_same_reader(
    any_database: Database,
) -> None:
    with any_database.transaction() as tx:
        queued.add(tx, TEAM, "a", MessageKind.ASSIGNMENT, "U1", NOW)
        queued.add(tx, TEAM, "b", MessageKind.ALERT, "U1", NOW)
        taken = claims.claim(tx, TEAM, NOW, NOW + A_MINUTE, 10, only=[MessageKind.ALERT])
        assert [row.key for row in taken] == ["b"]
        # One call at a time for each conversation, whoever makes it.
        assert claims.claim(tx, TEAM, NOW, NOW + A_MINUTE, 10) == []


def test_arrivals_are_told_by_the_way_they_came_and_nothing_that_was_entered_by_hand(any_database: Database) -> None:
    came = (
        (EventType.RECEIVED, Source.GENERIC, 9),
        (EventType.RECEIVED_AGAIN, Source.GENERIC, 3),
        (EventType.RECEIVED, Source.NOTIFICATION, 5),
        (EventType.RECEIVED, Source.MANUAL, 4),
        (EventType.RECEIVED, Source.GENERIC, 99),
        (EventType.ASSIGNED, "U1", 2),
    )
    with any_database.transaction() as tx:
        values = {"source": Source.GENERIC, "status": "unassigned", "attributes": {}, "received_at": NOW}
        subject = mqls.add(tx, TEAM, 1, **values)
        for kind, after, minutes in came:
            at = NOW - minutes * A_MINUTE
            mqls.log(tx, subject, kind, at, at, after=after)
        kept = {"reason": "empty", "content": {}, "state": "open", "came_at": NOW - 7 * A_MINUTE, "at": NOW}
        unreadables.add(tx, TEAM, channel="C1", ts="1.1", **kept)
        arrived = arrivals.since(tx, TEAM, NOW - 60 * A_MINUTE)
        quiet = arrivals.since(tx, TEAM, NOW - 60 * A_MINUTE, besides=[Source.NOTIFICATION])
    assert arrived == {
        Source.GENERIC: [NOW - 9 * A_MINUTE, NOW - 3 * A_MINUTE],
        Source.NOTIFICATION: [NOW - 7 * A_MINUTE, NOW - 5 * A_MINUTE],
    }
    assert list(quiet) == [Source.GENERIC]
