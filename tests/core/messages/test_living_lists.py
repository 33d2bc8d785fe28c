"""A list of several MQLs: settled once before it is sent, edited once for each change, whoever is at it meanwhile."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.core.messages import limits, lists
from bot.core.mql import bulk, response
from storage import claims, members, outbox
from storage.database import Database
from storage.models import Outbox, listing
from storage.models import outbox as table
from storage.vocabulary import EventType, MessageKind, OutboxState, Status
from tests.core.kit import Engine
from tests.patience import LONGEST
from tests.workspace import NOW, WORKSPACE

pytestmark = pytest.mark.rules

MINUTE, LATE = timedelta(minutes=1), NOW + timedelta(hours=24)


@pytest.fixture
def engine(office: Database) -> Engine:
    """Six MQLs of two reps that breach together; nothing else waits to be sent."""
    engine = Engine(office)
    engine.agrees()
    for number in range(6):
        engine.receives(company=f"C{number}")
    with office.transaction() as tx:
        tx.execute(table.update().values(state=OutboxState.SENT, sent_at=NOW, channel="D1", ts="1.1"))
    engine.sweeps(LATE)
    return engine


def taken(engine: Engine) -> Outbox:
    """The manager's message, claimed and joined with the others that wait for them."""
    with engine.database.transaction() as tx:
        rows = claims.claim(tx, WORKSPACE, LATE, LATE + MINUTE, 99, [MessageKind.ESCALATION])
        (row,) = [row for row in rows if row.target == "U3"]
        joined = limits.to_send(tx, row, LATE)
    assert joined is not None
    return joined


def settled(engine: Engine, row: Outbox) -> Outbox:
    with engine.database.transaction() as tx:
        return lists.settle(tx, row, LATE)


def sent(engine: Engine, row: Outbox) -> None:
    with engine.database.transaction() as tx:
        assert claims.settle(tx, row, OutboxState.SENT, sent_at=LATE, channel="D3", ts="2.1")


def edits(engine: Engine, row: Outbox) -> list[Outbox]:
    with engine.database.snapshot() as tx:
        query = sa.select(table).where(table.c.parent_id == row.id, table.c.kind == MessageKind.EDIT)
        return [Outbox.model_construct(**edit._mapping) for edit in tx.execute(query)]


def listed(engine: Engine, row: Outbox) -> set[int]:
    with engine.database.snapshot() as tx:
        return set(tx.execute(sa.select(listing.c.mql_id).where(listing.c.outbox_id == row.id)).scalars())


@pytest.mark.sql
def test_six_that_breach_together_are_one_message_and_six_events(engine: Engine) -> None:
    row = settled(engine, taken(engine))
    assert (row.kind, len(row.data["items"]), listed(engine, row)) == (MessageKind.HELD, 6, {1, 2, 3, 4, 5, 6})
    assert row.priority == 2, "it goes as early as each would have gone"
    assert all(len(engine.log(mql_id, EventType.ESCALATED)) == 1 for mql_id in range(1, 7))
    with engine.database.snapshot() as tx:
        waiting = sa.select(sa.func.count()).where(table.c.target == "U3", table.c.state == OutboxState.PENDING)
        assert tx.execute(waiting).scalar_one() == 0


@pytest.mark.sql
def test_what_is_answered_before_it_is_sent_is_left_out_and_the_last_one_is_a_message_of_its_own(
    engine: Engine,
) -> None:
    row = taken(engine)
    engine.does(response.accept, 1, "U3", now=LATE)
    row = settled(engine, row)
    assert listed(engine, row) == {2, 3, 4, 5, 6}
    for mql_id in range(2, 6):
        engine.does(response.accept, mql_id, "U3", now=LATE)
    row = settled(engine, row)  # it was not taken the first time
    assert (row.kind, row.mql_id, listed(engine, row)) == (MessageKind.ESCALATION, 6, set())
    sent(engine, row)
    engine.does(response.accept, 6, "U3", now=LATE + MINUTE)
    assert 6 in {edit.mql_id for edit in edits(engine, row)}


def test_a_list_of_which_nothing_is_true_says_nothing(engine: Engine) -> None:
    row = taken(engine)
    for mql_id in range(1, 7):
        engine.does(response.accept, mql_id, "U3", now=LATE)
    assert settled(engine, row).data == {"items": [], "by_day": True}


@pytest.mark.sql
def test_a_process_that_dies_after_settling_leaves_the_list_as_it_may_stand_in_slack(engine: Engine) -> None:
    row = settled(engine, taken(engine))
    engine.does(response.accept, 1, "U3", now=LATE)
    with engine.database.transaction() as tx:
        (again,) = claims.claim(tx, WORKSPACE, LATE + 2 * MINUTE, LATE + 3 * MINUTE, 99, [MessageKind.HELD])
        assert (again.id, again.key, again.maybe_sent) == (row.id, row.key, True)
        assert limits.to_send(tx, again, LATE) == again
    assert len(settled(engine, again).data["items"]) == 6
    assert len(edits(engine, row)) == 1, "the edit strikes it through, whether this one is found or posted"
    assert settled(engine, row) is row, "whoever had it before writes nothing any more"


def test_many_changes_before_the_next_edit_are_one_and_one_on_its_way_is_followed_by_another(engine: Engine) -> None:
    row = settled(engine, taken(engine))
    sent(engine, row)
    for mql_id in (1, 2, 3):
        engine.does(response.accept, mql_id, "U3", now=LATE)
    assert len(edits(engine, row)) == 1
    with engine.database.transaction() as tx:
        claims.claim(tx, WORKSPACE, LATE, LATE + MINUTE, 99)
    engine.does(response.accept, 4, "U3", now=LATE)
    assert [edit.state for edit in edits(engine, row)] == [OutboxState.SENDING, OutboxState.PENDING]


@pytest.mark.sql
def test_reassigning_several_tells_the_new_owner_once_and_leaves_out_what_is_theirs(engine: Engine) -> None:
    with engine.database.transaction() as tx:
        came_to = bulk.reassign(tx, WORKSPACE, range(1, 8), "U3", "U2", "help", LATE)
    assert len(came_to.done) + len(came_to.refused) == 7
    assert {engine.mql(mql_id).owner for mql_id in range(1, 7)} == {"U2"}
    with engine.database.transaction() as tx:
        rows = outbox.of_events(tx, WORKSPACE, [done.event_id for done in came_to.done])
        held = sa.select(table.c.data).where(table.c.kind == MessageKind.HELD, table.c.target == "U2")
        (data,) = tx.execute(held).scalars().all()
    assert {row.kind for row in rows} == {MessageKind.NOTE}
    assert len(data["items"]) == len(came_to.done) > 1


def test_several_are_shared_out_by_turn_to_who_has_not_had_them(engine: Engine) -> None:
    before = {mql_id: engine.mql(mql_id).owner for mql_id in range(1, 7)}
    with engine.database.transaction() as tx:
        members.save(tx, WORKSPACE, "U4", name="U4", roles=["rep"])
        came_to = bulk.reassign(tx, WORKSPACE, range(1, 7), "U3", None, None, LATE)
    assert [done.mql.id for done in came_to.done] == [1, 2, 3, 4, 5, 6]
    owners = {mql_id: engine.mql(mql_id).owner for mql_id in range(1, 7)}
    assert all(owners[mql_id] != before[mql_id] for mql_id in owners)
    assert set(owners.values()) == {"U1", "U2", "U4"}
    assert {event.actor for mql_id in owners for event in engine.log(mql_id, EventType.ASSIGNED)[-1:]} == {"U3"}


@pytest.mark.sql
def test_whoever_may_not_reassign_changes_nothing(engine: Engine) -> None:
    with engine.database.transaction() as tx:
        came_to = bulk.reassign(tx, WORKSPACE, range(1, 7), "U9", "U2", None, LATE)
        assert bulk.remind(tx, WORKSPACE, range(1, 7), "U1", LATE).done == ()
    assert came_to.done == ()


@pytest.mark.sql
def test_two_who_act_on_several_at_once_and_one_who_answers_do_not_wait_for_each_other(engine: Engine) -> None:
    row = settled(engine, taken(engine))
    sent(engine, row)
    finished: list[object] = []

    def run(act: object, *given: object) -> None:
        for _ in range(5):
            with engine.database.transaction() as tx:
                act(tx, WORKSPACE, *given)  # type: ignore[operator]
        finished.append(act)

    acts = [
        threading.Thread(target=run, args=(bulk.reassign, [6, 5, 4, 3, 2, 1], "U3", "U2", None, LATE)),
        threading.Thread(target=run, args=(bulk.reassign, [1, 2, 3, 4, 5, 6], "U3", "U1", None, LATE)),
        threading.Thread(target=run, args=(response.accept, 4, "U3", LATE)),
        threading.Thread(target=run, args=(bulk.remind, range(1, 7), "U3", LATE)),
    ]
    for act in acts:
        act.start()
    for act in acts:
        act.join(LONGEST)
    assert len(finished) == len(acts), "none of them was given up by the database"
    assert engine.mql(4).status == Status.ACCEPTED
    assert len({edit.key for edit in edits(engine, row)}) == len(edits(engine, row)) >= 1


def test_who_answers_while_the_list_is_settled_is_seen_by_it_or_edits_it(engine: Engine) -> None:
    row = taken(engine)
    began = threading.Event()

    def answer() -> None:
        with engine.database.transaction() as tx:
            response.accept(tx, WORKSPACE, 1, "U3", LATE)
            began.set()

    presser = threading.Thread(target=answer)
    with engine.database.transaction() as tx:
        settled_row = lists.settle(tx, row, LATE)
        presser.start()
        assert not began.wait(0.2), "it waits until the list has said whom it names"
    presser.join(LONGEST)
    assert 1 in listed(engine, settled_row)
    assert len(edits(engine, settled_row)) == 1
