"""Two at once, told deterministically: the loser learns it and changes nothing. On both databases."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import sqlalchemy as sa

from bot.core.base.results import ActionResult, Done, Refusal, Refused
from bot.core.mql import escalation, intake, merge, pauses, response
from bot.core.mql.lead import Lead
from bot.core.views import related
from storage import claims, lanes, members, models, mqls
from storage.database import Database
from storage.vocabulary import ClockKind, ClockState, EventType, MessageKind, OutboxState, Source, Status
from tests.workspace import NOW, WORKSPACE, receive


def _together(*acts: object) -> list[object]:
    """Run these at the same moment, each in a thread of its own."""
    barrier = Barrier(len(acts))

    def run(act: object) -> object:
        barrier.wait()
        return act()  # type: ignore[operator]

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def _accept(office: Database, mql_id: int, by: str) -> ActionResult:
    with office.transaction() as tx:
        return response.accept(tx, WORKSPACE, mql_id, by, NOW + timedelta(hours=1))


def test_of_two_who_accept_at_once_one_wins_and_the_other_hears_who(office: Database) -> None:
    mql_id = receive(office)
    outcomes = _together(lambda: _accept(office, mql_id, "U1"), lambda: _accept(office, mql_id, "U3"))
    (won,) = [outcome for outcome in outcomes if isinstance(outcome, Done)]
    (lost,) = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    with office.snapshot() as tx:
        mql = mqls.get(tx, WORKSPACE, mql_id)
    assert mql is not None
    assert (lost.reason, lost.by) == (Refusal.ALREADY_ACCEPTED, mql.owner)
    assert won.mql.id == mql_id


def test_an_acceptance_before_the_sweep_leaves_nothing_to_escalate(office: Database) -> None:
    mql_id = receive(office)
    later = NOW + timedelta(hours=24)
    with office.snapshot() as tx:
        (due,) = mqls.due_clocks(tx, later, 10)
    _accept(office, mql_id, "U1")
    with office.transaction() as tx:
        assert escalation.check(tx, due, later) == 0
    assert EventType.ESCALATED not in _events(office, mql_id)


def test_a_sweep_before_the_acceptance_keeps_its_escalation_and_the_clock_stops_late(office: Database) -> None:
    mql_id = receive(office)
    later = NOW + timedelta(hours=24)
    with office.transaction() as tx:
        (due,) = mqls.due_clocks(tx, later, 10)
        assert escalation.check(tx, due, later) == 4
    with office.transaction() as tx:
        assert isinstance(response.accept(tx, WORKSPACE, mql_id, "U1", later + timedelta(seconds=1)), Done)
        (clock,) = [c for c in mqls.clocks(tx, WORKSPACE, [mql_id]) if c.kind == ClockKind.RESPONSE]
    assert (clock.state, clock.next_check_at) == (ClockState.MET_LATE, None)


def test_two_workers_on_one_clock_fire_it_once(office: Database) -> None:
    mql_id = receive(office)
    later = NOW + timedelta(hours=50)
    with office.snapshot() as tx:
        (due,) = mqls.due_clocks(tx, later, 10)

    def check() -> int:
        with office.transaction() as tx:
            return escalation.check(tx, due, later)

    assert sorted(_together(*[check] * 6)) == [0, 0, 0, 0, 0, 5]  # type: ignore[type-var]
    assert Counter(_events(office, mql_id))[EventType.ESCALATED] == 2


def test_the_same_lead_twice_at_once_makes_one_mql(office: Database) -> None:
    def come() -> intake.Received:
        lead = Lead(company="Acme", email="jane@example.com", external_id="42")
        with office.transaction() as tx:
            return intake.receive(tx, WORKSPACE, lead, Source.GENERIC, NOW)

    received = _together(*[come] * 8)
    assert Counter(arrival.repeated for arrival in received) == {True: 7, False: 1}  # type: ignore[attr-defined]


def _merge(office: Database, mql_id: int, into: int) -> ActionResult:
    with office.transaction() as tx:
        return merge.merge(tx, WORKSPACE, mql_id, into, "U3", NOW)


def test_of_two_who_merge_both_ways_at_once_one_wins_and_one_mql_goes_on(office: Database) -> None:
    first, second = receive(office, "Acme"), receive(office, "Beta")
    outcomes = _together(lambda: _merge(office, first, second), lambda: _merge(office, second, first))
    assert sum(isinstance(outcome, Done) for outcome in outcomes) == 1
    with office.snapshot() as tx:
        both = [mqls.get(tx, WORKSPACE, mql_id) for mql_id in (first, second)]
        turns = tx.execute(sa.select(sa.func.sum(models.turn.c.weight))).scalar_one()
    assert Counter(mql.status for mql in both if mql) == {Status.ASSIGNED: 1, Status.WITHDRAWN: 1}
    assert turns == 1  # one of two is given back, once


def test_a_merge_that_is_asked_for_many_times_at_once_happens_once(office: Database) -> None:
    first, second = receive(office, "Acme"), receive(office, "Beta")
    outcomes = _together(*[lambda: _merge(office, second, first)] * 4)
    assert Counter(type(outcome) for outcome in outcomes) == {Done: 1, Refused: 3}
    assert _events(office, second).count(EventType.MERGED) == 1
    assert _events(office, first).count(EventType.MERGED_IN) == 1


def test_a_lead_that_comes_while_its_mql_is_merged_joins_one_that_goes_on(office: Database) -> None:
    first, second = receive(office, "Acme", email="jane@a.example"), receive(office, "Acme", email="jane@b.example")

    def comes() -> intake.Received:
        with office.transaction() as tx:
            lead = Lead(company="Acme", email="jane@b.example", message="again")
            return intake.receive(tx, WORKSPACE, lead, Source.GENERIC, NOW)

    received, _ = _together(comes, lambda: _merge(office, second, first))
    assert isinstance(received, intake.Received)
    assert received.repeated
    with office.snapshot() as tx:
        subject = mqls.get(tx, WORKSPACE, first)
        assert subject is not None
        assert [words.text for words in related.words(tx, subject)] == ["again"]


def test_leads_that_come_at_once_share_the_turns_and_leave_no_gap_in_the_numbers(office: Database) -> None:
    ids = _together(*[lambda name=name: receive(office, name) for name in "abcdefgh"])
    with office.snapshot() as tx:
        stored = [mqls.get(tx, WORKSPACE, mql_id) for mql_id in ids]  # type: ignore[arg-type]
    assert sorted(mql.number for mql in stored if mql) == list(range(1, 9))
    assert Counter(mql.owner for mql in stored if mql) == {"U1": 4, "U2": 4}


def test_many_senders_claim_each_message_once_and_one_at_a_time_per_conversation(office: Database) -> None:
    for name in "abcdef":
        receive(office, name)

    def claim() -> list[models.Outbox]:
        with office.transaction() as tx:
            return claims.claim(tx, WORKSPACE, NOW, NOW + timedelta(minutes=1), 50)

    taken = [row for rows in _together(*[claim] * 6) for row in rows]  # type: ignore[attr-defined]
    assert Counter(row.target for row in taken) == {"C1": 1, "U1": 1, "U2": 1}


def test_a_change_while_its_message_is_being_rendered_queues_an_edit(office: Database) -> None:
    mql_id = receive(office)
    with office.transaction() as tx:
        taken = claims.claim(tx, WORKSPACE, NOW, NOW + timedelta(minutes=1), 50)
    assert {row.kind for row in taken} == {MessageKind.CARD, MessageKind.ASSIGNMENT}
    _accept(office, mql_id, "U1")
    with office.snapshot() as tx:
        waiting = tx.execute(sa.select(models.outbox.c.kind).where(models.outbox.c.state == "pending")).scalars()
        assert Counter(waiting)[MessageKind.EDIT] == 2


def test_a_change_before_its_message_is_rendered_needs_no_edit(office: Database) -> None:
    mql_id = receive(office)
    _accept(office, mql_id, "U1")
    with office.snapshot() as tx:
        kinds = tx.execute(sa.select(models.outbox.c.kind)).scalars()
        assert MessageKind.EDIT not in set(kinds)


def test_a_decline_beside_an_acceptance_leaves_one_of_them(office: Database) -> None:
    mql_id = receive(office)

    def decline() -> ActionResult:
        with office.transaction() as tx:
            return response.decline(tx, WORKSPACE, mql_id, "U1", "busy", NOW)

    outcomes = _together(lambda: _accept(office, mql_id, "U1"), decline)
    assert Counter(type(outcome) for outcome in outcomes) == {Done: 1, Refused: 1}
    with office.snapshot() as tx:
        mql = mqls.get(tx, WORKSPACE, mql_id)
    assert mql is not None
    assert (mql.status, mql.owner) in [(Status.ACCEPTED, "U1"), (Status.ASSIGNED, "U2")]


def _events(office: Database, mql_id: int) -> list[EventType]:
    with office.snapshot() as tx:
        return [event.type for event in mqls.history(tx, WORKSPACE, mql_id)]


def _log(office: Database, mql_id: int) -> list[models.Event]:
    with office.snapshot() as tx:
        return mqls.history(tx, WORKSPACE, mql_id)


def test_a_clock_that_was_set_back_does_not_silence_a_conversation(office: Database) -> None:
    receive(office)
    with office.transaction() as tx:
        lanes.pace(tx, WORKSPACE, "C1", NOW + timedelta(hours=2))
        lanes.pace(tx, WORKSPACE, "U1", NOW + timedelta(seconds=1))
        taken = claims.claim(tx, WORKSPACE, NOW, NOW + timedelta(minutes=1), 50)
    assert [row.target for row in taken] == ["C1"]


def test_an_edit_goes_before_the_new_messages_that_wait(office: Database) -> None:
    mql_id = receive(office)
    with office.transaction() as tx:
        (card, *_) = claims.claim(tx, WORKSPACE, NOW, NOW + timedelta(minutes=1), 50)
        claims.settle(tx, card, OutboxState.SENT, sent_at=NOW, channel="C1", ts="1.1")
    for name in "abcdef":
        receive(office, name)
    _accept(office, mql_id, "U1")
    with office.transaction() as tx:
        taken = claims.claim(tx, WORKSPACE, NOW + timedelta(hours=2), NOW + timedelta(hours=3), 50)
    (to_channel,) = [row for row in taken if row.target == "C1"]
    assert (to_channel.kind, to_channel.parent_id) == (MessageKind.EDIT, card.id)


def test_an_edit_waits_for_the_message_that_it_changes(office: Database) -> None:
    mql_id = receive(office)
    with office.transaction() as tx:
        taken = claims.claim(tx, WORKSPACE, NOW, NOW + timedelta(minutes=1), 50)
    _accept(office, mql_id, "U1")
    later = NOW + timedelta(seconds=30)
    with office.transaction() as tx:
        assert claims.claim(tx, WORKSPACE, later, later + timedelta(minutes=1), 50) == []
        for row in taken:
            claims.settle(tx, row, OutboxState.PENDING, next_attempt_at=NOW)
        again = claims.claim(tx, WORKSPACE, later, later + timedelta(minutes=1), 50)
    assert {row.id for row in again} == {row.id for row in taken}


def test_many_senders_never_hold_two_messages_of_one_conversation(office: Database) -> None:
    mql_id = receive(office)
    with office.transaction() as tx:
        for row in claims.claim(tx, WORKSPACE, NOW, NOW + timedelta(minutes=1), 50):
            claims.settle(tx, row, OutboxState.SENT, sent_at=NOW, channel="C1", ts=f"1.{row.id}")
    for name in "abc":
        receive(office, name)
    _accept(office, mql_id, "U1")

    def claim() -> list[models.Outbox]:
        with office.transaction() as tx:
            return claims.claim(tx, WORKSPACE, NOW + timedelta(hours=2), NOW + timedelta(hours=3), 50)

    taken = [row for claimed in _together(*[claim] * 8) for row in claimed]  # type: ignore[attr-defined]
    assert Counter(row.target for row in taken) == {"C1": 1, "U1": 1, "U2": 1}


def test_of_two_leaders_who_consent_at_once_one_begins_the_pause_and_the_other_hears_who(office: Database) -> None:
    mql_id, later = receive(office), NOW + timedelta(hours=1)
    with office.transaction() as tx:
        members.save(tx, WORKSPACE, "U4", name="Kim", roles=["manager"])
        asked = pauses.pause(tx, WORKSPACE, mql_id, "U1", (NOW + timedelta(days=60)).date(), "they are away", NOW)
    assert isinstance(asked, pauses.Asked)
    request = next(event.id for event in _log(office, mql_id) if event.type == EventType.PAUSE_ASKED)

    def consent(by: str) -> ActionResult:
        with office.transaction() as tx:
            return pauses.consent(tx, WORKSPACE, request, by, later)

    outcomes = _together(lambda: consent("U3"), lambda: consent("U4"))
    (lost,) = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert len([outcome for outcome in outcomes if isinstance(outcome, Done)]) == 1
    (paused,) = [event for event in _log(office, mql_id) if event.type == EventType.PAUSED]
    with office.snapshot() as tx:
        winner = members.get(tx, WORKSPACE, paused.actor or "")
        (clock,) = mqls.clocks(tx, WORKSPACE, [mql_id])
    assert winner is not None
    assert (lost.reason, lost.by) == (Refusal.CONSENT_DECIDED_ALREADY, winner.name)
    assert (clock.state, clock.paused_at) == (ClockState.PAUSED, later)
