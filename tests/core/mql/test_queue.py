"""The queue by itself: its clock, who is told, and what happens at once; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.mql import queue, senders
from bot.core.mql.queue import Sender
from storage import deliveries, due_work, members, models, sources, unreadables, workspaces
from storage.database import Database
from storage.models import Unreadable
from storage.vocabulary import DeliveryState, MessageKind, Proof, SourceKind, UnreadableState
from tests.core.kit import Engine
from tests.core.overlap import overlapping
from tests.workspace import NOW, WORKSPACE

pytestmark = pytest.mark.rules

A_MINUTE = timedelta(minutes=1)
AN_HOUR = timedelta(hours=1)
HUBSPOT = Sender("B1", "HubSpot", "Task reminder 12")


@pytest.fixture
def engine(office: Database) -> Engine:
    engine = Engine(office)
    engine.agrees()
    engine.has("U4", "marketer")
    return engine


def keeps(engine: Engine, now: datetime = NOW, **values: Any) -> int:
    with engine.database.transaction() as tx:
        fields: dict[str, Any] = {"reason": "nobody", "values": {"Phone": "03"}, "came_at": now, "now": now}
        return queue.keep(tx, WORKSPACE, **fields | values)


def checks(engine: Engine, now: datetime) -> int:
    with engine.database.transaction() as tx:
        return queue.check(tx, WORKSPACE, now)


def entry(engine: Engine, entry_id: int) -> Unreadable:
    with engine.database.snapshot() as tx:
        kept = unreadables.get(tx, WORKSPACE, entry_id)
    assert kept is not None
    return kept


def messages(engine: Engine, kind: MessageKind) -> list[tuple[str, list[int]]]:
    """Whom messages of a kind go to, and which entries they name."""
    query = sa.select(models.outbox).where(models.outbox.c.kind == kind).order_by(models.outbox.c.id)
    with engine.database.snapshot() as tx:
        return [(row.target, row.data["entries"]) for row in tx.execute(query)]


@pytest.mark.sql
@pytest.mark.parametrize(
    "origin",
    [
        {"source_id": 1, "delivery_id": 1},
        {"channel": "C2", "ts": "1.2", "sender": HUBSPOT},
        {},
    ],
    ids=["delivery", "message", "neither"],
)
def test_an_entry_keeps_everything_that_was_read_and_when_it_came(engine: Engine, origin: dict[str, Any]) -> None:
    with engine.database.transaction() as tx:
        source = sources.add(tx, WORKSPACE, "web", SourceKind.MAPPING, Proof.ADDRESS, NOW)
        deliveries.add(tx, WORKSPACE, source, NOW, Proof.ADDRESS, DeliveryState.WAITING, {}, b"{}")
    values = {f"Label {n}": "x" * 6000 for n in range(120)} | {"nul\x00": "\x00"}
    kept = entry(engine, keeps(engine, values={"氏名": "山本"} | values, came_at=NOW - 5 * AN_HOUR, **origin))
    assert (kept.content["氏名"], len(kept.content), len(kept.content["Label 1"])) == ("山本", 100, 5000)
    assert (kept.came_at, kept.at, kept.due_at) == (NOW - 5 * AN_HOUR, NOW, NOW + 4 * AN_HOUR)
    assert (kept.source_id, kept.channel) == (origin.get("source_id"), origin.get("channel"))
    with engine.database.snapshot() as tx:
        notes = tx.execute(sa.select(models.outbox.c.target)).scalars().all()
    assert notes == (["C2"] if "channel" in origin else [])


def test_what_says_that_it_comes_later_comes_now(engine: Engine) -> None:
    assert entry(engine, keeps(engine, came_at=NOW + AN_HOUR)).came_at == NOW


@pytest.mark.sql
def test_marketing_is_told_of_what_comes_within_a_minute_together_and_then_the_managers(engine: Engine) -> None:
    first = keeps(engine)
    second = keeps(engine, NOW + timedelta(seconds=59))
    assert checks(engine, NOW + A_MINUTE - timedelta(seconds=1)) == 0
    assert checks(engine, NOW + A_MINUTE) == 2
    third = keeps(engine, NOW + A_MINUTE)
    assert checks(engine, NOW + 2 * A_MINUTE) == 1
    assert messages(engine, MessageKind.QUEUE_WAITING) == [("U4", [first, second]), ("U4", [third])]
    assert checks(engine, NOW + 4 * AN_HOUR - timedelta(seconds=1)) == 0
    assert checks(engine, NOW + 5 * AN_HOUR) == 3
    assert messages(engine, MessageKind.QUEUE_OVERDUE) == [("U3", [first, second, third])]
    assert checks(engine, NOW + 50 * AN_HOUR) == 0


@pytest.mark.sql
def test_the_team_file_says_how_long_marketing_has(engine: Engine) -> None:
    with engine.database.transaction() as tx:
        workspaces.save(tx, WORKSPACE, NOW, queue_hours=1)
    assert entry(engine, keeps(engine)).due_at == NOW + AN_HOUR


def test_the_hours_are_open_ones_of_the_calendar(engine: Engine) -> None:
    engine.agrees(calendar="business_days")
    saturday = NOW + timedelta(days=4)
    # From the beginning of Monday in Tokyo.
    assert entry(engine, keeps(engine, saturday)).due_at == datetime(2026, 11, 22, 19, tzinfo=UTC)


@pytest.mark.sql
@pytest.mark.parametrize(
    ("who", "readers"),
    [
        ({"away_until": NOW}, ["U4"]),
        ({"away_until": NOW + AN_HOUR}, ["U3"]),
        ({"deactivated": True}, ["U3"]),
        ({"active": False}, ["U3"]),
    ],
    ids=["here", "away", "deactivated", "left"],
)
def test_whoever_is_not_on_duty_is_not_told_and_somebody_always_is(
    engine: Engine, who: dict[str, Any], readers: list[str]
) -> None:
    with engine.database.transaction() as tx:
        members.update(tx, WORKSPACE, "U4", **who)
    keeps(engine)
    checks(engine, NOW + A_MINUTE)
    assert [reader for reader, _ in messages(engine, MessageKind.QUEUE_WAITING)] == readers


@pytest.mark.sql
def test_what_somebody_has_dealt_with_is_told_to_nobody(engine: Engine) -> None:
    first = keeps(engine)
    with engine.database.transaction() as tx:
        assert queue.close(tx, WORKSPACE, first, "U4", NOW)
        assert not queue.close(tx, WORKSPACE, first, "U4", NOW)
    assert checks(engine, NOW + 50 * AN_HOUR) == 0
    with engine.database.snapshot() as tx:
        assert due_work.next_after(tx, WORKSPACE, NOW) is None


def test_two_workers_tell_of_an_entry_once(engine: Engine) -> None:
    first = keeps(engine)
    done = overlapping(engine.database, lambda: checks(engine, NOW + A_MINUTE), lambda: checks(engine, NOW + A_MINUTE))
    assert done == (1, 0)
    assert messages(engine, MessageKind.QUEUE_WAITING) == [("U4", [first])]


def test_two_who_close_an_entry_at_once_close_it_once(engine: Engine) -> None:
    first, mql_id = keeps(engine), engine.receives()

    def close(by: str, mql: int | None) -> bool:
        with engine.database.transaction() as tx:
            return queue.close(tx, WORKSPACE, first, by, NOW, mql)

    assert overlapping(engine.database, lambda: close("U4", mql_id), lambda: close("U3", None)) == (True, False)
    assert (entry(engine, first).state, entry(engine, first).closed_by) == (UnreadableState.ENTERED, "U4")


def test_a_press_against_the_tick(engine: Engine) -> None:
    first = keeps(engine)

    def dismiss() -> bool:
        with engine.database.transaction() as tx:
            return queue.close(tx, WORKSPACE, first, "U4", NOW)

    assert overlapping(engine.database, dismiss, lambda: checks(engine, NOW + A_MINUTE)) == (True, 0)
    assert messages(engine, MessageKind.QUEUE_WAITING) == []


@pytest.mark.sql
def test_two_who_teach_the_same_sender_at_once_make_two_versions(engine: Engine) -> None:
    def teach(field: str) -> bool:
        with engine.database.transaction() as tx:
            return senders.teach(tx, WORKSPACE, "B1", {field: "company"}, "U4", NOW)

    assert overlapping(engine.database, lambda: teach("A"), lambda: teach("B")) == (True, True)
    assert not teach("A")
    with engine.database.snapshot() as tx:
        assert senders.taught(tx, WORKSPACE, "B1") == {"A": "company", "B": "company"}
        assert senders.taught(tx, WORKSPACE, "B2") == {}


@pytest.mark.sql
def test_a_rule_holds_for_its_sender_and_headlines_of_its_sort_until_it_is_removed(engine: Engine) -> None:
    first = keeps(engine, channel="C2", ts="1.1", sender=HUBSPOT)
    same = keeps(engine, channel="C2", ts="1.2", sender=Sender("B1", "HubSpot", "TASK reminder 13!"))
    other = keeps(engine, channel="C2", ts="1.3", sender=Sender("B1", "HubSpot", "Lead"))
    foreign = keeps(engine, channel="C2", ts="1.4", sender=Sender("B2", "HubSpot", "Task reminder 12"))
    with engine.database.transaction() as tx:
        assert senders.never(tx, entry(engine, first), "U4", NOW, whole_app=False)
        assert not senders.never(tx, entry(engine, same), "U4", NOW, whole_app=False)
    states = [entry(engine, each).state for each in (first, same, other, foreign)]
    assert states == ["dismissed", "dismissed", "open", "open"]
    with engine.database.transaction() as tx:
        rule = senders.rule_of(tx, WORKSPACE, "B1", "task reminder 99")
        assert rule is not None
        assert senders.rule_of(tx, WORKSPACE, "B2", "task reminder 99") is None
        assert senders.rule_of(tx, WORKSPACE, "B1", None) is None
        assert senders.never(tx, entry(engine, other), "U4", NOW, whole_app=True)
        assert senders.rule_of(tx, WORKSPACE, "B1", None) is not None


@pytest.mark.sql
def test_what_is_set_aside_is_counted_in_its_week_though_it_became_an_mql(engine: Engine) -> None:
    with engine.database.transaction() as tx:
        fields: dict[str, Any] = {"reason": "unsubscribed", "values": {}, "came_at": NOW, "now": NOW}
        first = queue.set_aside(tx, WORKSPACE, **fields, channel="C2", ts="1.1")
        queue.set_aside(tx, WORKSPACE, **fields, silent=True, channel="C2", ts="1.2")
    mql_id = engine.receives()
    with engine.database.transaction() as tx:
        assert queue.close(tx, WORKSPACE, first, "U4", NOW, mql_id)
        week = (NOW - AN_HOUR, NOW + AN_HOUR)
        assert unreadables.count_set_aside(tx, WORKSPACE, *week) == 2
        assert unreadables.count_set_aside(tx, WORKSPACE, NOW - AN_HOUR, NOW) == 0
        notes = tx.execute(sa.select(models.outbox.c.key).where(models.outbox.c.kind == MessageKind.UNREADABLE))
        assert [row.key for row in notes] == [f"unreadable:{first}"]
    assert checks(engine, NOW + 50 * AN_HOUR) == 0
