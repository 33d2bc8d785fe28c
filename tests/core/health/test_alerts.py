"""What the watch makes of the rows, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from bot.core.health import alerts as alerting
from bot.core.health.conditions import ConditionContext
from bot.core.mql import intake
from bot.core.mql.lead import Lead
from storage import alerts, heartbeats, members, models, workspaces
from storage.database import Database
from storage.models import Alert
from storage.vocabulary import AlertKind, MessageKind, OutboxState, Source
from tests import queued, statements
from tests.workspace import NOW, WORKSPACE, receive

pytestmark = pytest.mark.rules

A_MINUTE, AN_HOUR, A_DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def office(office: Database) -> Database:
    """With an admin, and a worker that ticks."""
    with office.transaction() as tx:
        members.save(tx, WORKSPACE, "U9", name="U9", roles=["admin"])
    beat(office, NOW)
    return office


def beat(office: Database, at: datetime) -> None:
    with office.transaction() as tx:
        heartbeats.beat(tx, WORKSPACE, "host:1", "0.1.0", NOW, at)


def look(office: Database, now: datetime, since: datetime = NOW - A_DAY) -> list[Alert]:
    """Look once, having watched since then; returns what stands afterwards."""
    with office.transaction() as tx:
        workspace = workspaces.locked(tx, WORKSPACE)
        assert workspace is not None
        context = ConditionContext(tx, workspace, now, since)
        if alerting.changed(context):
            alerting.tell(ConditionContext(tx, workspace, now, since))
        return alerts.standing(tx, WORKSPACE)


def kinds(standing: list[Alert]) -> list[AlertKind]:
    return [alert.kind for alert in standing]


def queued_alerts(office: Database) -> list[tuple[str, MessageKind]]:
    with office.snapshot() as tx:
        query = sa.select(models.outbox.c.target, models.outbox.c.kind).order_by(models.outbox.c.id)
        rows = tx.execute(query.where(models.outbox.c.kind.in_([MessageKind.ALERT, MessageKind.ALERT_OVER]))).all()
        return [(target, kind) for target, kind in rows]


@pytest.mark.sql
def test_two_processes_that_see_the_same_tell_it_once(office: Database) -> None:
    barrier = Barrier(4)

    def process(_: int) -> object:
        barrier.wait()
        return look(office, NOW + 4 * A_MINUTE)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(process, range(4)))
    assert queued_alerts(office) == [("U9", MessageKind.ALERT)]
    beat(office, NOW + 5 * A_MINUTE)
    barrier.reset()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: look(office, NOW + 5 * A_MINUTE), range(4)))
    assert queued_alerts(office) == [("U9", MessageKind.ALERT), ("U9", MessageKind.ALERT_OVER)]


@pytest.mark.parametrize(("minutes", "watched", "alarm"), [(3, 9, False), (4, 9, True), (4, 2, False), (90, 4, True)])
def test_a_tick_is_missed_only_by_who_has_looked_for_so_long(
    office: Database, minutes: int, watched: int, alarm: bool
) -> None:
    now = NOW + minutes * A_MINUTE
    assert (AlertKind.TICKS_STOPPED in kinds(look(office, now, now - watched * A_MINUTE))) is alarm


def _waits(office: Database, since: datetime, kind: MessageKind = MessageKind.NOTE) -> None:
    with office.transaction() as tx:
        queued.add(tx, WORKSPACE, f"{kind}:{since}", kind, "U1", since, data={"alert": 1})


@pytest.mark.sql
def test_an_old_message_is_told_and_it_is_over_only_once_none_is_nearly_as_old(office: Database) -> None:
    _waits(office, NOW)
    for minutes, expected in ((14, []), (16, [AlertKind.OUTBOX_STUCK])):
        beat(office, NOW + minutes * A_MINUTE)
        assert kinds(look(office, NOW + minutes * A_MINUTE)) == expected
    with office.transaction() as tx:
        tx.execute(models.outbox.update().values(due_at=NOW + 9 * A_MINUTE))
    assert kinds(look(office, NOW + 16 * A_MINUTE)) == [AlertKind.OUTBOX_STUCK]  # 7 minutes old: no news either way
    with office.transaction() as tx:
        tx.execute(models.outbox.update().values(due_at=NOW + 12 * A_MINUTE))
    assert look(office, NOW + 16 * A_MINUTE) == []


def test_a_message_that_waits_for_the_morning_is_not_old(office: Database) -> None:
    with office.transaction() as tx:
        queued.add(tx, WORKSPACE, "k", MessageKind.HELD, "U1", NOW, not_before=NOW + 9 * AN_HOUR, data={"items": []})
    beat(office, NOW + 8 * AN_HOUR)
    assert look(office, NOW + 8 * AN_HOUR) == []


def test_an_alert_that_does_not_get_out_is_no_reason_for_another(office: Database) -> None:
    _waits(office, NOW, MessageKind.ALERT)
    beat(office, NOW + AN_HOUR)
    assert look(office, NOW + AN_HOUR) == []


@pytest.mark.sql
def test_refusals_are_told_by_cause_and_channel_and_those_of_people_together(office: Database) -> None:
    with office.transaction() as tx:
        for i, (target, error) in enumerate(
            [("C1", "is_archived"), ("C1", "is_archived"), ("C2", "is_archived"), ("U1", "boom"), ("U2", "boom")]
        ):
            queued.add(tx, WORKSPACE, f"k{i}", MessageKind.NOTE, target, NOW)
            mine = models.outbox.c.key == f"k{i}"
            tx.execute(models.outbox.update().where(mine).values(state=OutboxState.DEAD, error=error))
    standing = look(office, NOW)
    assert [(alert.subject, alert.data["count"]) for alert in standing] == [
        ("boom", 2),
        ("is_archived C1", 2),
        ("is_archived C2", 1),
    ]


def test_without_an_admin_the_heads_or_else_the_managers_are_told(office: Database) -> None:
    with office.transaction() as tx:
        members.update(tx, WORKSPACE, "U9", active=False)
    look(office, NOW + 4 * A_MINUTE)
    assert queued_alerts(office) == [("U3", MessageKind.ALERT)]


def test_reps_who_are_all_away_overnight_or_for_an_afternoon_are_no_news(office: Database) -> None:
    with office.transaction() as tx:
        for rep, hours in (("U1", 4), ("U2", 30)):  # it is Tuesday, 10:00
            members.update(tx, WORKSPACE, rep, away_until=NOW + hours * AN_HOUR)
    assert look(office, NOW) == []
    with office.transaction() as tx:
        members.update(tx, WORKSPACE, "U1", away_until=NOW + 5 * AN_HOUR)
    assert kinds(look(office, NOW)) == [AlertKind.NOBODY_AVAILABLE]
    beat(office, NOW + 4 * AN_HOUR)
    assert kinds(look(office, NOW + 4 * AN_HOUR)) == [AlertKind.NOBODY_AVAILABLE]
    beat(office, NOW + 5 * AN_HOUR)
    assert look(office, NOW + 5 * AN_HOUR) == []


def test_a_roster_without_any_rep_is_told_and_not_to_who_hears_of_each_mql(office: Database) -> None:
    with office.transaction() as tx:
        members.update(tx, WORKSPACE, "U3", roles=["manager", "admin"])
        for rep in ("U1", "U2"):
            members.update(tx, WORKSPACE, rep, active=False)
    receive(office)  # the manager is told that nobody takes it
    (alert,) = look(office, NOW)
    assert (alert.kind, alert.data, alert.told) == (AlertKind.NOBODY_AVAILABLE, {"back": None}, ["U9"])


@pytest.mark.sql
def test_a_way_in_that_falls_silent_is_told_and_over_with_the_next_lead(office: Database) -> None:
    def come(tx: sa.Connection, at: datetime, source: Source) -> None:
        intake.receive(tx, WORKSPACE, Lead(company=f"{source} {at}"), source, at)

    with office.transaction() as tx:
        for day in range(-35, 1):
            come(tx, NOW + day * A_DAY, Source.GENERIC)
            if day % 7 == 0:
                come(tx, NOW + day * A_DAY, Source.NOTIFICATION)  # too seldom to judge
        tx.execute(models.outbox.delete().where(models.outbox.c.kind == MessageKind.EDIT))
        tx.execute(models.outbox.update().values(state=OutboxState.SENT, sent_at=NOW))
    later = NOW + 2 * A_DAY + AN_HOUR  # Thursday; a weekday between leads was the longest gap
    beat(office, later)
    with office.transaction() as tx:
        come(tx, later, Source.MANUAL)  # by hand: says nothing of the webhook
    silent = [alert for alert in look(office, later) if alert.kind == AlertKind.INTAKE_SILENT]
    assert [(alert.subject, alert.data["lasted"], alert.data["longest"]) for alert in silent] == [
        ("generic", 49 * 3600, 24 * 3600)
    ]
    with office.transaction() as tx:
        come(tx, later + AN_HOUR, Source.GENERIC)
    beat(office, later + AN_HOUR)
    assert AlertKind.INTAKE_SILENT not in kinds(look(office, later + AN_HOUR))


def test_nothing_is_written_while_nothing_changes(office: Database) -> None:
    look(office, NOW + A_MINUTE)
    with office.transaction() as tx:
        asked = statements.texts(tx.engine)
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        assert not alerting.changed(ConditionContext(tx, workspace, NOW + A_MINUTE, NOW))
    assert asked
    assert {text.split()[0] for text, _ in asked} - {"SAVEPOINT", "RELEASE"} == {"SELECT"}
