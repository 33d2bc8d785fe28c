"""When a meeting has begun, when an action is overdue and when its owner is told: at the very moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.review import action_changes, actions, meeting
from bot.core.review.action_changes import Wanted
from storage import actions as rows
from storage import workspaces
from storage.database import Database
from storage.models import ActionItem, Workspace, outbox
from storage.vocabulary import MessageKind
from tests.core.kit import Engine
from tests.workspace import WORKSPACE, configure

MOMENT, DAY = timedelta(microseconds=1), timedelta(days=1)
TUESDAY = date(2026, 11, 17)
BEGINS = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)  # 15:00 in Tokyo
MIDNIGHT = datetime(2026, 11, 17, 15, 0, tzinfo=UTC)  # Tuesday is over in Tokyo


@pytest.fixture
def engine(database: Database) -> Engine:
    configure(database)
    engine = Engine(database)
    engine.agrees(calendar={"kind": "business_days", "closures": ["2026-11-24"]})
    with database.transaction() as tx:
        workspaces.save(tx, WORKSPACE, BEGINS, meeting_weekday=1, meeting_time="15:00", meeting_channel="C2")
    return engine


def workspace_of(tx: sa.Connection) -> Workspace:
    workspace = workspaces.locked(tx, WORKSPACE)
    assert workspace is not None
    return workspace


def test_a_meeting_begins_at_its_time_on_its_weekday_unless_that_day_is_closed(engine: Engine) -> None:
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        assert meeting.begins_later(tx, workspace, TUESDAY, BEGINS - MOMENT)
        assert not meeting.begins_later(tx, workspace, TUESDAY, BEGINS)
        assert not meeting.begins_later(tx, workspace, TUESDAY + DAY, BEGINS)
        assert not meeting.begins_later(tx, workspace, TUESDAY + 7 * DAY, BEGINS)
        assert meeting.begins_later(tx, workspace, TUESDAY + 14 * DAY, BEGINS)


def test_a_meeting_is_held_once_it_has_begun_and_only_once(engine: Engine) -> None:
    def hold(day: date, now: datetime) -> bool:
        with engine.database.transaction() as tx:
            return meeting.hold(tx, workspace_of(tx), day, "U3", now)

    assert not hold(TUESDAY, BEGINS - MOMENT)
    assert hold(TUESDAY, BEGINS)
    assert not hold(TUESDAY, BEGINS)
    assert not hold(TUESDAY + DAY, MIDNIGHT - MOMENT)
    assert hold(TUESDAY + DAY, MIDNIGHT)  # a meeting that nobody planned


def test_the_next_meeting_is_told_until_its_agenda_is_due(engine: Engine) -> None:
    def next_at(now: datetime) -> datetime | None:
        with engine.database.snapshot() as tx:
            workspace = workspaces.get(tx, WORKSPACE)
            assert workspace is not None
            return meeting.standing(tx, workspace, now).next_at

    due = BEGINS - timedelta(hours=1)
    assert next_at(due - MOMENT) == BEGINS
    assert next_at(due) == BEGINS + 14 * DAY  # the 24th is closed


def recorded(engine: Engine, due_on: date, now: datetime = BEGINS) -> int:
    with engine.database.transaction() as tx:
        return actions.record(tx, workspace_of(tx), "Call them", "U1", due_on, "U3", now)


def item(engine: Engine, action_id: int) -> ActionItem:
    with engine.database.snapshot() as tx:
        action = rows.get(tx, WORKSPACE, action_id)
    assert action is not None
    return action


def test_an_action_is_overdue_when_its_day_is_over_and_while_it_is_open(engine: Engine) -> None:
    action_id = recorded(engine, TUESDAY)

    def overdue(now: datetime) -> bool:
        with engine.database.snapshot() as tx:
            workspace = workspaces.get(tx, WORKSPACE)
            assert workspace is not None
            action = actions.find(tx, workspace, action_id, now)
        assert action is not None
        return action.overdue

    assert not overdue(MIDNIGHT - MOMENT)
    assert overdue(MIDNIGHT)
    with engine.database.transaction() as tx:
        rows.finish(tx, WORKSPACE, action_id, "U1", MIDNIGHT)
    assert not overdue(MIDNIGHT)


def test_an_action_was_put_off_as_often_as_its_day_moved_to_a_later_one(engine: Engine) -> None:
    action_id = recorded(engine, TUESDAY)
    with engine.database.transaction() as tx:
        workspace, seen = workspace_of(tx), None
        for day in (1, 1, 0, 2, 2):
            newest = rows.history(tx, WORKSPACE, [action_id])[-1].id
            wanted = Wanted(f"Call them {day}", "U1", TUESDAY + day * DAY)
            seen = action_changes.change(tx, workspace, action_id, newest, wanted, "U3", BEGINS)
        action = actions.find(tx, workspace, action_id, BEGINS)
    assert action is not None
    assert action.put_off == 2
    assert seen is None  # what is so already is no change


def test_an_owner_is_told_on_the_day_unless_its_time_is_over_when_it_is_agreed(engine: Engine) -> None:
    told_at = datetime(2026, 11, 17, 0, 0, tzinfo=UTC)  # the digest's time, 09:00 in Tokyo
    assert item(engine, recorded(engine, TUESDAY)).remind_at == told_at
    for now, remind_at in ((told_at - MOMENT, told_at), (told_at, None)):
        action_id = recorded(engine, TUESDAY + DAY, told_at - DAY)
        with engine.database.transaction() as tx:
            newest = rows.history(tx, WORKSPACE, [action_id])[-1].id
            wanted = Wanted("Call them", "U1", TUESDAY)
            assert action_changes.change(tx, workspace_of(tx), action_id, newest, wanted, "U3", now)
        assert item(engine, action_id).remind_at == remind_at


def test_a_changed_action_is_told_to_its_old_and_new_owner_but_not_to_who_changed_it(engine: Engine) -> None:
    readers: dict[str, Any] = {}
    for by in ("U1", "U2", "U3"):
        action_id = recorded(engine, TUESDAY + DAY)
        with engine.database.transaction() as tx:
            newest = rows.history(tx, WORKSPACE, [action_id])[-1].id
            wanted = Wanted("Call them", "U2", TUESDAY + DAY)
            action_changes.change(tx, workspace_of(tx), action_id, newest, wanted, by, BEGINS)
            mine = sa.and_(
                outbox.c.kind == MessageKind.ACTION_CHANGED, outbox.c.data["action"].as_integer() == action_id
            )
            readers[by] = set(tx.execute(sa.select(outbox.c.target).where(mine)).scalars())
    assert readers == {"U1": {"U2"}, "U2": {"U1"}, "U3": {"U1", "U2"}}
