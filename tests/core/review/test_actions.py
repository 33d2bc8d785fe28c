"""What becomes of an action: who reads what of it, who is told, and what is answered where there is none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.core.base.results import Refusal, Refused
from bot.core.review import action_changes, actions
from bot.core.review.action_changes import Wanted
from bot.core.review.actions import Action
from storage import actions as rows
from storage import members, workspaces
from storage.database import Database
from storage.models import ActionItem, Workspace, outbox
from storage.vocabulary import ActionStep, Locale, MessageKind
from tests.workspace import WORKSPACE, configure

MOMENT, DAY = timedelta(microseconds=1), timedelta(days=1)
TUESDAY = date(2026, 11, 17)
NOW = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)  # 15:00 in Tokyo
TOLD_AT = datetime(2026, 11, 17, 0, 0, tzinfo=UTC)  # the digest's time, 09:00 in Tokyo
NOBODY = 999


@pytest.fixture
def office(database: Database) -> Database:
    configure(database)
    with database.transaction() as tx:
        members.save(tx, WORKSPACE, "U1", name="Sato")
        members.save(tx, WORKSPACE, "U4", name="gone", roles=["rep"], active=False)
        members.save(tx, WORKSPACE, "U5", name="closed", roles=["rep"], deactivated=True)
    return database


def workspace_of(tx: sa.Connection) -> Workspace:
    known_action = workspaces.locked(tx, WORKSPACE)
    assert known_action is not None
    return known_action


def recorded(tx: sa.Connection, owner: str = "U1", by: str = "U3", due_on: date = TUESDAY, now: datetime = NOW) -> int:
    return actions.record(tx, workspace_of(tx), "Call them", owner, due_on, by, now)


def known_action(tx: sa.Connection, action_id: int) -> Action:
    known = actions.find(tx, workspace_of(tx), action_id, NOW)
    assert known is not None
    return known


def steps(tx: sa.Connection, action_id: int) -> list[ActionStep]:
    return [change.step for change in rows.history(tx, WORKSPACE, [action_id])]


def newest(tx: sa.Connection, action_id: int) -> int:
    return rows.history(tx, WORKSPACE, [action_id])[-1].id


def readers(tx: sa.Connection, kind: MessageKind) -> list[str]:
    return list(tx.execute(sa.select(outbox.c.target).where(outbox.c.kind == kind).order_by(outbox.c.id)).scalars())


def changed(tx: sa.Connection, action_id: int, wanted: Wanted, by: str = "U3", now: datetime = NOW) -> object:
    return action_changes.change(tx, workspace_of(tx), action_id, newest(tx, action_id), wanted, by, now)


def test_of_an_action_that_there_is_not_nothing_is_told_and_nothing_becomes(office: Database) -> None:
    with office.transaction() as tx:
        workspace, wanted = workspace_of(tx), Wanted("Call them", "U1", TUESDAY)
        assert actions.find(tx, workspace, NOBODY, NOW) is None
        assert action_changes.history(tx, WORKSPACE, NOBODY) is None
        assert action_changes.find_change(tx, WORKSPACE, NOBODY, 1) is None
        gone = Refused(Refusal.ACTION_GONE)
        assert action_changes.change(tx, workspace, NOBODY, 1, wanted, "U3", NOW) == gone
        assert action_changes.reopen(tx, workspace, NOBODY, "U3", NOW) == gone
        assert not actions.finish(tx, workspace, NOBODY, "U3", NOW)
        with pytest.raises(LookupError, match=f"{WORKSPACE} has no action {NOBODY}"):
            actions.step(tx, workspace.id, NOBODY, ActionStep.DONE, "U3", NOW)


def test_a_change_is_told_beside_what_was_before_and_the_record_itself_is_none(office: Database) -> None:
    with office.transaction() as tx:
        action_id = recorded(tx)
        first = newest(tx, action_id)
        assert action_changes.find_change(tx, WORKSPACE, action_id, first) is None
        entry = changed(tx, action_id, Wanted("Call them", "U2", TUESDAY), by="U1")
        assert entry == newest(tx, action_id)
        change = action_changes.find_change(tx, WORKSPACE, action_id, newest(tx, action_id))
        assert change is not None
        assert (change.before.id, change.before.owner, change.change.owner, change.by) == (first, "U1", "U2", "Sato")
        assert action_changes.find_change(tx, WORKSPACE, action_id, NOBODY) is None


def test_who_has_done_an_action_is_named_and_is_nobody_while_it_is_open(office: Database) -> None:
    with office.transaction() as tx:
        action_id = recorded(tx)
        assert known_action(tx, action_id).done_by is None
        assert actions.finish(tx, workspace_of(tx), action_id, "U1", NOW)
        assert not actions.finish(tx, workspace_of(tx), action_id, "U2", NOW)
        assert (known_action(tx, action_id).owner, known_action(tx, action_id).done_by) == ("Sato", "Sato")
        assert steps(tx, action_id) == [ActionStep.RECORDED, ActionStep.DONE]


def test_an_action_that_is_opened_again_has_nobody_who_has_done_it(office: Database) -> None:
    with office.transaction() as tx:
        action_id = recorded(tx)
        assert action_changes.reopen(tx, workspace_of(tx), action_id, "U2", NOW) == Refused(Refusal.ACTION_IS_OPEN)
        actions.finish(tx, workspace_of(tx), action_id, "U1", NOW)
        assert action_changes.reopen(tx, workspace_of(tx), action_id, "U2", NOW) == newest(tx, action_id)
        assert known_action(tx, action_id).done_by is None
        assert steps(tx, action_id) == [ActionStep.RECORDED, ActionStep.DONE, ActionStep.REOPENED]
        assert readers(tx, MessageKind.ACTION_CHANGED) == ["U1"]


def test_what_was_done_is_shown_for_two_weeks_the_last_five_the_newest_first(office: Database) -> None:
    with office.transaction() as tx:
        done = [recorded(tx) for _ in range(7)]
        ages = (14 * DAY + MOMENT, 14 * DAY, 4 * DAY, 3 * DAY, 2 * DAY, DAY, timedelta(0))

        def shown(now: datetime) -> list[int]:
            return [entry.item.id for entry in actions.lately_done(tx, workspace_of(tx), now)]

        for action_id, age in list(zip(done, ages, strict=True))[:4]:
            actions.finish(tx, workspace_of(tx), action_id, "U1", NOW - age)
        assert shown(NOW) == [done[3], done[2], done[1]]
        for action_id, age in list(zip(done, ages, strict=True))[4:]:
            actions.finish(tx, workspace_of(tx), action_id, "U1", NOW - age)
        assert shown(NOW) == [done[6], done[5], done[4], done[3], done[2]]


def test_other_words_leave_the_reminder_as_it_is_also_where_it_is_about_to_come(office: Database) -> None:
    with office.transaction() as tx:
        action_id = recorded(tx)
        assert changed(tx, action_id, Wanted("Write to them", "U1", TUESDAY))
        item = rows.get(tx, WORKSPACE, action_id)
        assert item is not None
        assert (item.what, item.remind_at) == ("Write to them", TOLD_AT)
        assert readers(tx, MessageKind.ACTION_CHANGED) == []


@pytest.mark.parametrize("owner", ["U4", "U5", "U9"])
def test_who_is_not_with_the_team_is_not_told_of_a_change(office: Database, owner: str) -> None:
    with office.transaction() as tx:
        action_id = recorded(tx, owner=owner)
        assert changed(tx, action_id, Wanted("Call them", owner, TUESDAY + DAY))
        assert readers(tx, MessageKind.ACTION_CHANGED) == []


def seen_by_a_worker(tx: sa.Connection, action_id: int) -> ActionItem:
    (seen,) = [item for item in rows.to_remind(tx, NOW) if item.id == action_id]
    return seen


@pytest.mark.parametrize("owner", ["U4", "U5", "U9"])
def test_where_the_owner_has_left_whoever_recorded_it_is_told_unless_they_have_left_too(
    office: Database, owner: str
) -> None:
    with office.transaction() as tx:
        actions.remind(tx, seen_by_a_worker(tx, recorded(tx, owner=owner)), NOW)
        assert readers(tx, MessageKind.ACTION_DUE) == ["U3"]
        actions.remind(tx, seen_by_a_worker(tx, recorded(tx, owner=owner, by=owner)), NOW)
        assert readers(tx, MessageKind.ACTION_DUE) == ["U3"]


def test_what_is_done_between_being_seen_and_being_told_is_not_told(office: Database) -> None:
    with office.transaction() as tx:
        action_id = recorded(tx)
        seen = seen_by_a_worker(tx, action_id)
        actions.finish(tx, workspace_of(tx), action_id, "U1", NOW)
        actions.remind(tx, seen, NOW)
        assert readers(tx, MessageKind.ACTION_DUE) == []


def test_where_nothing_is_agreed_nobody_sleeps(database: Database) -> None:
    with database.transaction() as tx:
        where = {"mql_channel": "C1", "digest_weekday": 0, "digest_time": "09:00"}
        workspaces.save(tx, WORKSPACE, NOW, **where, name="Sample Inc.", locale=Locale.EN, timezone="Asia/Tokyo")
        assert actions.awake(tx, workspace_of(tx), NOW) == NOW
