"""When each condition begins and when it is over: at its very moment, and not a moment before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.health import alerts as alerting
from bot.core.health.conditions import RULES, Condition, ConditionContext
from storage import heartbeats, members, mqls, workspaces
from storage.database import Database
from storage.models import Alert
from storage.models import outbox as table
from storage.vocabulary import AlertKind, MessageKind, OutboxState
from tests import queued
from tests.workspace import NOW, WORKSPACE, configure, receive

MOMENT, MINUTE, HOUR, DAY = timedelta(microseconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Watch:
    """A workspace that somebody has been watching for a day."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def begins(self, kind: AlertKind, now: datetime = NOW, since: datetime = NOW - DAY) -> list[Condition]:
        with self.database.snapshot() as tx:
            workspace = workspaces.get(tx, WORKSPACE)
            assert workspace is not None
            return list(RULES[kind].begins(ConditionContext(tx, workspace, now, since)))

    def over(self, kind: AlertKind, now: datetime = NOW, subject: str = "", opened_at: datetime = NOW - HOUR) -> bool:
        ids: dict[str, Any] = {"id": 1, "workspace_id": WORKSPACE}
        alert = Alert(**ids, kind=kind, subject=subject, opened_at=opened_at, data={}, told=[])
        with self.database.snapshot() as tx:
            workspace = workspaces.get(tx, WORKSPACE)
            assert workspace is not None
            return RULES[kind].over(ConditionContext(tx, workspace, now, NOW - DAY), alert)

    def beats(self, at: datetime) -> None:
        with self.database.transaction() as tx:
            heartbeats.beat(tx, WORKSPACE, "host:1", "0.1.0", NOW, at)

    def queues(self, key: str, at: datetime, target: str = "U1", **columns: Any) -> None:
        with self.database.transaction() as tx:
            queued.add(tx, WORKSPACE, key, MessageKind.NOTE, target, at)
            if columns:
                tx.execute(table.update().where(table.c.key == key).values(**columns))

    def has(self, user: str, **columns: Any) -> None:
        with self.database.transaction() as tx:
            members.update(tx, WORKSPACE, user, **columns)


@pytest.fixture
def watch(database: Database) -> Watch:
    configure(database)
    return Watch(database)


def test_ticks_have_stopped_after_more_than_three_minutes_and_are_back_within_one(watch: Watch) -> None:
    kind, limit = AlertKind.TICKS_STOPPED, 3 * MINUTE
    watch.beats(NOW)
    assert watch.begins(kind, NOW + limit) == []
    assert watch.begins(kind, NOW + limit + MOMENT) == [Condition(kind, data={"since": NOW.isoformat()})]
    assert watch.over(kind, NOW + MINUTE - MOMENT)
    assert not watch.over(kind, NOW + MINUTE)


def test_ticks_that_nobody_has_missed_for_so_long_have_not_stopped(watch: Watch) -> None:
    kind, limit = AlertKind.TICKS_STOPPED, 3 * MINUTE
    assert watch.begins(kind, NOW, since=NOW - limit) == []
    assert watch.begins(kind, NOW, since=NOW - limit - MOMENT) == [Condition(kind, data={"since": None})]
    watch.beats(NOW - DAY)
    assert watch.begins(kind, NOW, since=NOW - limit) == []
    assert not watch.over(kind)


def test_no_tick_ever_is_not_over(watch: Watch) -> None:
    assert not watch.over(AlertKind.TICKS_STOPPED)


def test_a_message_is_stuck_after_more_than_a_quarter_of_an_hour_and_moves_when_none_waits_for_five(
    watch: Watch,
) -> None:
    kind, limit = AlertKind.OUTBOX_STUCK, 15 * MINUTE
    watch.queues("old", NOW)
    assert watch.begins(kind, NOW + limit) == []
    (condition,) = watch.begins(kind, NOW + limit + MOMENT)
    assert condition.data == {"count": 1, "since": NOW.isoformat()}
    assert watch.over(kind, NOW + 5 * MINUTE)
    assert not watch.over(kind, NOW + 5 * MINUTE + MOMENT)


def test_who_has_looked_for_a_quarter_of_an_hour_or_less_says_nothing_of_old_messages(watch: Watch) -> None:
    watch.queues("old", NOW - DAY)
    limit = 15 * MINUTE
    assert watch.begins(AlertKind.OUTBOX_STUCK, since=NOW - limit) == []
    assert len(watch.begins(AlertKind.OUTBOX_STUCK, since=NOW - limit - MOMENT)) == 1


def test_a_refusal_is_over_when_nothing_of_its_cause_is_left_or_on_its_way(watch: Watch) -> None:
    kind = AlertKind.MESSAGES_REFUSED
    watch.queues("refused", NOW - 2 * HOUR, "C1", state=OutboxState.DEAD, error="is_archived")
    assert [condition.subject for condition in watch.begins(kind)] == ["is_archived C1"]
    assert not watch.over(kind, subject="is_archived C1")
    assert watch.over(kind, subject="is_archived C2")
    watch.queues("again", NOW - HOUR, "C2")
    assert not watch.over(kind, subject="is_archived C2")
    assert watch.over(kind, subject="is_archived C2", opened_at=NOW - HOUR - MOMENT)


def test_an_owner_whose_account_is_closed_is_told_while_they_have_open_mqls(watch: Watch, database: Database) -> None:
    kind = AlertKind.OWNER_DEACTIVATED
    mql_id = receive(database)
    assert watch.begins(kind) == []
    watch.has("U2", deactivated=True)
    assert watch.begins(kind) == []
    watch.has("U1", deactivated=True)
    (condition,) = watch.begins(kind)
    assert (condition.subject, condition.data) == ("U1", {"user": "U1", "count": 1, "numbers": [1]})
    assert condition.heard == {"U3"}
    assert not watch.over(kind, subject="U1")
    watch.has("U1", deactivated=False)
    assert watch.over(kind, subject="U1")
    watch.has("U1", deactivated=True)
    with database.transaction() as tx:
        mqls.update(tx, WORKSPACE, mql_id, owner="U2")
    assert watch.over(kind, subject="U1")


def test_only_the_first_numbers_of_many_are_shown(watch: Watch, database: Database) -> None:
    for number in range(11):
        mql_id = receive(database, f"Acme {number}")
        with database.transaction() as tx:
            mqls.update(tx, WORKSPACE, mql_id, owner="U1")
    watch.has("U1", deactivated=True)
    (condition,) = watch.begins(AlertKind.OWNER_DEACTIVATED)
    assert (condition.data["count"], condition.data["numbers"]) == (11, list(range(1, 11)))


def test_nobody_is_available_when_the_first_is_back_after_more_than_four_open_hours(watch: Watch) -> None:
    kind = AlertKind.NOBODY_AVAILABLE
    watch.has("U2", away_until=NOW + 9 * HOUR)  # NOW is Tuesday, 10:00 in Tokyo
    assert watch.begins(kind) == []
    watch.has("U1", away_until=NOW + 4 * HOUR)
    assert watch.begins(kind) == []
    watch.has("U1", away_until=NOW + 4 * HOUR + MOMENT)
    (condition,) = watch.begins(kind)
    assert (condition.data, condition.heard) == ({"back": (NOW + 4 * HOUR + MOMENT).isoformat()}, frozenset())
    assert not watch.over(kind, NOW + 4 * HOUR)
    assert watch.over(kind, NOW + 4 * HOUR + MOMENT)


def test_a_team_without_reps_is_never_available(watch: Watch) -> None:
    kind = AlertKind.NOBODY_AVAILABLE
    watch.has("U1", active=False)
    watch.has("U2", deactivated=True)
    (condition,) = watch.begins(kind)
    assert condition.data == {"back": None}
    assert not watch.over(kind)


def test_without_a_policy_no_open_time_is_counted(database: Database) -> None:
    with database.transaction() as tx:
        words: dict[str, Any] = {"name": "Sample Inc.", "locale": "ja", "timezone": "Asia/Tokyo", "mql_channel": "C1"}
        workspaces.save(tx, WORKSPACE, NOW, **words, digest_weekday=0, digest_time="09:00")
        members.save(tx, WORKSPACE, "U1", name="U1", roles=["rep"], away_until=NOW + 9 * DAY)
    watch = Watch(database)
    assert watch.begins(AlertKind.NOBODY_AVAILABLE) == watch.begins(AlertKind.INTAKE_SILENT) == []


def test_that_it_is_over_is_told_below_what_told_of_it_and_to_nobody_else(watch: Watch, database: Database) -> None:
    def look(now: datetime) -> list[tuple[str, str]]:
        with database.transaction() as tx:
            workspace = workspaces.locked(tx, WORKSPACE)
            assert workspace is not None
            alerting.tell(ConditionContext(tx, workspace, now, NOW - DAY))
            return [(kind, target) for kind, target in tx.execute(sa.select(table.c.kind, table.c.target))]

    assert look(NOW) == [(MessageKind.ALERT, "U3")]
    with database.transaction() as tx:
        tx.execute(table.delete())  # what is old is forgotten
    watch.beats(NOW)
    assert look(NOW) == []
    watch.beats(NOW + HOUR)
    assert look(NOW + 2 * HOUR) == [(MessageKind.ALERT, "U3")]
    watch.beats(NOW + 2 * HOUR)
    assert (MessageKind.ALERT_OVER, "U3") in look(NOW + 2 * HOUR)
