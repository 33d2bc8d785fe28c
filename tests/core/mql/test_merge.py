"""Two MQLs of one lead become one by hand, and two again: exactly as they were."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.base.results import ActionResult, Done, Refusal, Refused
from bot.core.messages import kinds
from bot.core.mql import erasure, feedback, identity, intake, merge, next_touch, pauses, response, withdrawal
from bot.core.mql.feedback import Answer
from bot.core.mql.lead import Lead
from bot.core.views import related
from storage import company_keys, members, models, mqls, reports, workspaces
from storage.database import Database
from storage.models import Mql
from storage.reports import Span
from storage.vocabulary import ClockState, Disposition, ErasedFor, EventType, MessageKind, Source, Status
from tests.workspace import NOW, WORKSPACE, receive

pytestmark = pytest.mark.rules
LATER = NOW + timedelta(hours=1)
WEEK = Span(NOW - timedelta(days=1), NOW + timedelta(days=6))


@pytest.fixture
def two(office: Database) -> Database:
    """#1 of an hour ago, and #2 of the same person at another address."""
    receive(office, "Acme", email="jane@acme.example", message="Send prices")
    with office.transaction() as tx:
        lead = Lead(company="Acme", email="jane@gmail.com", phone="03-1234-5678", message="Call me")
        intake.receive(tx, WORKSPACE, lead, Source.GENERIC, LATER)
        members.save(tx, WORKSPACE, "U4", name="U4", roles=["marketer"])
    return office


def get(office: Database, mql_id: int) -> Mql:
    with office.snapshot() as tx:
        mql = mqls.get(tx, WORKSPACE, mql_id)
    assert mql is not None
    return mql


def merged(office: Database, mql_id: int = 2, into: int = 1, by: str = "U3", now: datetime = LATER) -> ActionResult:
    with office.transaction() as tx:
        return merge.merge(tx, WORKSPACE, mql_id, into, by, now)


def undone(office: Database, mql_id: int = 2, by: str = "U3", now: datetime = LATER) -> ActionResult:
    with office.transaction() as tx:
        return merge.undo(tx, WORKSPACE, mql_id, by, now)


def facts(office: Database) -> dict[str, Any]:
    """Everything that a merge may change, but the log, the ledger and the messages."""
    tables = (models.mql, models.clock, models.member, models.identifier, models.next_touch)
    with office.snapshot() as tx:
        return {
            table.name: [tuple(row) for row in tx.execute(sa.select(table).order_by(table.c.id))] for table in tables
        }


def reason(outcome: ActionResult) -> Refusal | None:
    return outcome.reason if isinstance(outcome, Refused) else None


def test_one_goes_on_with_what_it_did_not_know_and_the_other_leaves_every_figure(two: Database) -> None:
    with two.snapshot() as tx:
        before = reports.came(tx, WORKSPACE, WEEK)
        balances = {member.user_id: member.balance for member in members.roster(tx, WORKSPACE)}
    assert isinstance(merged(two), Done)
    gone, stays = get(two, 2), get(two, 1)
    assert (gone.status, gone.merged_into_id) == (Status.WITHDRAWN, 1)
    assert (stays.status, stays.phone, stays.email) == (Status.ASSIGNED, "03-1234-5678", "jane@acme.example")
    with two.snapshot() as tx:
        assert reports.came(tx, WORKSPACE, WEEK) == before._replace(received=1, contactable=1)  # withdrawn: still none
        assert {clock.state for clock in mqls.clocks(tx, WORKSPACE, [2])} == {ClockState.CANCELLED}
        assert {clock.state for clock in mqls.clocks(tx, WORKSPACE, [1])} == {ClockState.RUNNING}
        assert [words.text for words in related.words(tx, stays)] == ["Call me", "Send prices"]
        logs = [[event.type for event in mqls.history(tx, WORKSPACE, mql_id)][-1] for mql_id in (2, 1)]
        assert logs == [EventType.MERGED, EventType.MERGED_IN]
        now = {member.user_id: member.balance for member in members.roster(tx, WORKSPACE)}
    assert now != balances  # the turn is given back
    assert sum(balance or 0 for balance in now.values()) == 0


def test_whoever_comes_by_what_the_other_was_known_by_joins_the_one_that_stays(two: Database) -> None:
    merged(two)
    with two.transaction() as tx:
        lead = Lead(company="Acme", email="jane@gmail.com")
        assert intake.receive(tx, WORKSPACE, lead, Source.GENERIC, LATER).number == 1
        assert [mql.number for mql in identity.named(tx, WORKSPACE, Source.GENERIC, None, "jane@gmail.com")] == [1]


def do_nothing(_: sa.Connection) -> None:
    """Leave the two as they came."""


def accept_both(tx: sa.Connection) -> None:
    for mql_id in (1, 2):
        response.accept(tx, WORKSPACE, mql_id, "U3", LATER)


def pause(tx: sa.Connection) -> None:
    pauses.pause(tx, WORKSPACE, 2, "U3", LATER + timedelta(days=1), "not yet", LATER)


def promise(tx: sa.Connection) -> None:
    response.accept(tx, WORKSPACE, 2, "U3", LATER)
    response.contacted(tx, WORKSPACE, 2, "U3", LATER)
    next_touch.promise(tx, WORKSPACE, 2, "U3", (LATER + timedelta(days=8)).date(), LATER)


@pytest.mark.parametrize("before", [do_nothing, accept_both, pause, promise])
def test_undoing_restores_everything_exactly(two: Database, before: Callable[[sa.Connection], None]) -> None:
    with two.transaction() as tx:
        before(tx)
    was = facts(two)
    assert isinstance(merged(two), Done)
    assert facts(two) != was
    assert isinstance(undone(two, now=LATER + timedelta(days=6)), Done)
    assert facts(two) == was
    with two.snapshot() as tx:
        assert [mqls.history(tx, WORKSPACE, mql_id)[-1].type for mql_id in (1, 2)] == [EventType.MERGE_UNDONE] * 2


def test_a_promise_whose_day_ended_meanwhile_was_nobodys_to_keep(two: Database) -> None:
    with two.transaction() as tx:
        promise(tx)
    merged(two)
    days = timedelta(days=merge.UNDO_WITHIN.days)
    with two.transaction() as tx:
        tx.execute(models.next_touch.update().values(due_at=LATER + days - timedelta(hours=1)))
    undone(two, now=LATER + days)
    with two.snapshot() as tx:
        assert tx.execute(sa.select(models.next_touch.c.dropped_at)).scalar_one() == LATER


def test_each_happens_once_however_often_it_is_asked_for(two: Database) -> None:
    assert isinstance(merged(two), Done)
    assert reason(merged(two)) == Refusal.MERGED_ALREADY
    assert isinstance(undone(two), Done)
    assert reason(undone(two)) == Refusal.NOT_MERGED
    with two.snapshot() as tx:
        turns = tx.execute(sa.select(models.turn.c.weight).where(models.turn.c.mql_id == 2)).scalars().all()
        rows = tx.execute(sa.select(models.outbox).where(models.outbox.c.kind == MessageKind.MERGED)).all()
    assert turns == [1, -1, 1]
    assert len({row.key for row in rows}) == len(rows) <= 4


def test_the_one_whose_deadline_is_earlier_stays(two: Database) -> None:
    was = facts(two)
    assert reason(merged(two, 1, 2)) == Refusal.MERGE_OTHER_WAY
    assert facts(two) == was
    with two.transaction() as tx:
        done = merge.either(tx, WORKSPACE, 1, 2, "U3", LATER)
    assert isinstance(done, Done)
    assert done.mql.number == 2


@pytest.mark.parametrize(("by", "allowed"), [("U1", False), ("U3", True), ("U4", True), ("U9", False)])
def test_leaders_and_marketers_may(two: Database, by: str, allowed: bool) -> None:
    assert isinstance(merged(two, by=by), Done) == allowed
    if not allowed:
        merged(two)
        assert reason(undone(two, by=by)) == Refusal.MERGE_NOT_ALLOWED


def test_what_is_over_is_neither_merged_nor_merged_into_but_an_opportunity_goes_on(two: Database) -> None:
    with two.transaction() as tx:
        accept_both(tx)
        feedback.give(tx, WORKSPACE, 1, "U3", Answer(disposition=Disposition.QUALIFIED), LATER)
    assert reason(merged(two, 1, 2)) == Refusal.MERGE_HAS_OUTCOME
    assert isinstance(merged(two), Done)
    undone(two)
    with two.transaction() as tx:
        lost = Answer(disposition=Disposition.DISQUALIFIED, lost_reason="no_need")
        feedback.give(tx, WORKSPACE, 1, "U3", lost, LATER)
    assert reason(merged(two)) == Refusal.MERGE_INTO_CLOSED
    assert reason(merged(two, 2, 2)) == Refusal.MERGE_WITH_ITSELF
    assert reason(merged(two, 2, 99)) == Refusal.NOT_FOUND


def test_a_merged_one_takes_no_other_act(two: Database) -> None:
    merged(two)
    with two.transaction() as tx:
        acts = [
            withdrawal.withdraw(tx, WORKSPACE, 2, "U3", None, LATER),
            response.accept(tx, WORKSPACE, 2, "U3", LATER),
            pauses.pause(tx, WORKSPACE, 2, "U3", LATER + timedelta(days=1), "not yet", LATER),
            feedback.give(tx, WORKSPACE, 2, "U3", Answer(disposition=Disposition.QUALIFIED), LATER),
        ]
    assert [reason(act) for act in acts] == [Refusal.MERGED] * 4


def test_it_is_undone_within_a_week_and_not_once_the_lead_is_back_or_erased(two: Database) -> None:
    merged(two)
    late = LATER + merge.UNDO_WITHIN + timedelta(seconds=1)
    assert reason(undone(two, now=late)) == Refusal.MERGED_LONG_AGO
    with two.transaction() as tx:
        mqls.update(tx, WORKSPACE, 1, status=Status.WITHDRAWN, disposed_at=LATER)
        lead = Lead(company="Acme", email="jane@gmail.com")
        assert intake.receive(tx, WORKSPACE, lead, Source.GENERIC, LATER).number == 3
    assert reason(undone(two)) == Refusal.LEAD_IS_BACK
    with two.transaction() as tx:
        erasure.erase(tx, WORKSPACE, 2, ErasedFor.REQUEST, LATER)
    assert reason(undone(two)) == Refusal.ERASED


def test_where_its_owner_has_left_meanwhile_it_is_given_to_somebody_else(two: Database) -> None:
    owner = get(two, 2).owner
    merged(two)
    with two.transaction() as tx:
        members.update(tx, WORKSPACE, str(owner), active=False)
    undone(two)
    assert get(two, 2).owner not in (owner, None)


def test_erasing_the_person_finds_both_and_every_key(two: Database) -> None:
    merged(two)
    with two.transaction() as tx:
        erased = erasure.erase_person(tx, WORKSPACE, erasure.Request(email="jane@gmail.com"), LATER)
    assert {done.mql.number for done in erased.mqls} == {1, 2}
    with two.snapshot() as tx:
        assert tx.execute(sa.select(models.identifier)).all() == []
        assert related.words(tx, get(two, 1)) == []
    assert [get(two, number).company_domain for number in (1, 2)] == [None, None]
    assert [get(two, number).company_key for number in (1, 2)] == ["acme", "acme"]


def test_both_owners_hear_of_it_once(two: Database) -> None:
    owners = {get(two, number).owner for number in (1, 2)}
    merged(two, by="U4")
    with two.snapshot() as tx:
        rows = tx.execute(sa.select(models.outbox).where(models.outbox.c.kind == kinds.MERGED.word)).all()
    assert {row.target for row in rows} == owners
    assert len(rows) == len(owners)


@pytest.mark.thorough
def test_any_of_ten_thousand_is_found_by_a_part_of_its_company_or_its_person(two: Database) -> None:
    with two.transaction() as tx:
        template = {**tx.execute(sa.select(models.mql)).first()._mapping}  # type: ignore[union-attr]
        named = {7: "株式会社青空商事", 9_999: "青空食品"}
        many = []
        for number in range(3, 10_001):
            company = named.get(number, f"Other {number}")
            key = company_keys.name(company)
            many.append({**template, "id": number, "number": number, "company": company, "company_key": key})
        many[5] |= {"person": "Mary Ann　Smith"}
        tx.execute(models.mql.insert(), many)
        mqls.update(tx, WORKSPACE, 20, status=Status.WITHDRAWN, disposed_at=LATER)
        subject = mqls.get(tx, WORKSPACE, 9_999)
        assert subject is not None

        def offered_numbers(sought: str) -> list[int]:
            return [party.number for party in merge.found(tx, subject, sought, 100)]

        assert offered_numbers("(株) 青空") == [7]
        assert offered_numbers("maryann smith") == [8]
        assert offered_numbers("OTHER 1234") == [1234]
        assert len(offered_numbers("other")) == 100
        assert offered_numbers("100%") == offered_numbers("_") == offered_numbers(" ") == []


@pytest.mark.parametrize(("days", "number"), [(90, 1), (1, 3)])
def test_after_how_long_a_merged_lead_is_a_new_one_says_the_team_file(two: Database, days: int, number: int) -> None:
    merged(two)
    later = LATER + timedelta(days=2)
    with two.transaction() as tx:
        response.accept(tx, WORKSPACE, 1, "U3", LATER)
        feedback.give(tx, WORKSPACE, 1, "U3", Answer(disposition=Disposition.QUALIFIED), LATER)
        workspaces.save(tx, WORKSPACE, LATER, anew_after_days=days)  # as config apply does with [mql] anew_after_days
        lead = Lead(company="Acme", email="jane@gmail.com")
        assert intake.receive(tx, WORKSPACE, lead, Source.GENERIC, later).number == number
