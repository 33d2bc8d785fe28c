"""What the steps of an escalation do, and to whom. On both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.base.results import Done, Refusal, Refused
from bot.core.messages import relevance
from bot.core.mql import escalation, pauses, response
from bot.core.routing import absences
from bot.core.sla import clocks
from storage import claims, models, mqls
from storage.database import Database
from storage.models import Outbox
from storage.vocabulary import ClockKind, ClockStanding, ClockState, EventType, MessageKind, OutboxState, Status
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE

pytestmark = pytest.mark.rules

HOUR = timedelta(hours=1)


@pytest.fixture
def engine(office: Database) -> Engine:
    """U1 and U2 are reps, U3 a manager; U4 is a third rep, U5 the head."""
    engine = Engine(office)
    engine.has("U4", "rep")
    engine.has("U5", "head")
    return engine


def at(hours: float) -> datetime:
    return NOW + hours * HOUR


def step(after_hours: float, to: str = "manager", **fields: Any) -> dict[str, Any]:
    return {"after_hours": after_hours, "to": to, **fields}


def owners(engine: Engine, mql_id: int) -> list[str | None]:
    return [event.after for event in engine.log(mql_id, EventType.ASSIGNED)]


# Giving it to somebody else


def test_a_reassigning_step_gives_the_mql_to_the_next_rep_and_tells_whom_it_names(engine: Engine) -> None:
    engine.agrees(escalations=(step(24, do="reassign"),))
    mql_id = engine.receives()
    assert engine.mql(mql_id).owner == "U1"
    engine.sweeps(at(24))
    assert owners(engine, mql_id) == ["U1", "U2"]
    assert engine.told(mql_id, MessageKind.ESCALATION) == ["U3"]
    assert engine.told(mql_id, MessageKind.ASSIGNMENT) == ["U1", "U2"]
    moved = engine.log(mql_id, EventType.ASSIGNED)[-1]
    assert (moved.actor, moved.before, moved.reason, moved.at) == (None, "U1", "escalated", at(24))


def test_whoever_let_it_lapse_does_not_get_it_again_and_with_nobody_left_it_stays(engine: Engine) -> None:
    engine.agrees(escalations=(step(24, do="reassign", repeat_hours=1, repeat_times=5),))
    mql_id = engine.receives()
    for hours in range(24, 31):
        engine.sweeps(at(hours))
    assert owners(engine, mql_id) == ["U1", "U2", "U4"]
    mql = engine.mql(mql_id)
    assert (mql.owner, mql.status) == ("U4", Status.ASSIGNED)
    assert len(engine.log(mql_id, EventType.ESCALATED)) == 6
    with engine.database.snapshot() as tx:
        decided = mqls.last_decision(tx, WORKSPACE, mql_id)
    assert decided is not None
    assert {member.user: member.verdict for member in decided.considered} == {
        "U1": "had_it",
        "U2": "had_it",
        "U4": "chosen",
    }


def test_a_rep_who_is_away_or_has_declined_is_passed_over(engine: Engine) -> None:
    engine.agrees(escalations=(step(24, do="reassign"),))
    mql_id = engine.receives()
    engine.does(response.decline, mql_id, "U1", "busy", now=at(1))
    assert engine.mql(mql_id).owner == "U2"
    with engine.database.transaction() as tx:
        absences.announce(tx, WORKSPACE, "U4", at(2), at(30))
    engine.sweeps(at(24))
    assert engine.mql(mql_id).owner == "U2"


def test_an_mql_that_nobody_has_yet_is_given_to_whoever_is_there_by_then(engine: Engine) -> None:
    engine.agrees(escalations=(step(24, do="reassign"),))
    with engine.database.transaction() as tx:
        for user in ("U1", "U2", "U4"):
            absences.announce(tx, WORKSPACE, user, NOW - HOUR, at(23))
    mql_id = engine.receives()
    assert engine.mql(mql_id).status == Status.UNASSIGNED
    engine.sweeps(at(24))
    assert engine.mql(mql_id).owner == "U1"


def test_a_step_that_hands_over_makes_the_very_person_the_owner(engine: Engine) -> None:
    engine.agrees(escalations=(step(24, do="hand_over"), step(30, "U5", do="hand_over")))
    mql_id = engine.receives()
    engine.sweeps(at(24))
    assert engine.mql(mql_id).owner == "U3"
    assert engine.told(mql_id, MessageKind.ASSIGNMENT) == ["U1", "U3"]
    engine.sweeps(at(30))
    assert owners(engine, mql_id) == ["U1", "U3", "U5"]


def test_a_step_that_hands_over_to_somebody_who_has_left_hands_over_to_the_manager(engine: Engine) -> None:
    engine.agrees(escalations=(step(24, "U5", do="hand_over"),))
    mql_id = engine.receives()
    engine.has("U5", "head", active=False)
    engine.sweeps(at(24))
    assert engine.mql(mql_id).owner == "U3"


def test_a_step_that_hands_over_to_the_owner_changes_nothing(engine: Engine) -> None:
    engine.agrees(escalations=(step(24, do="hand_over"),))
    mql_id = engine.receives()
    engine.does(response.reassign, mql_id, "U3", "U3", None, now=at(1))
    engine.sweeps(at(24))
    assert owners(engine, mql_id) == ["U1", "U3"]


def test_after_a_long_silence_only_the_last_step_that_moves_it_does(engine: Engine) -> None:
    engine.agrees(
        escalations=(step(24, do="reassign", repeat_hours=2, repeat_times=2), step(40, "head", do="hand_over"))
    )
    mql_id = engine.receives()
    engine.sweeps(at(50))
    assert owners(engine, mql_id) == ["U1", "U5"]
    assert [event.at for event in engine.log(mql_id, EventType.ESCALATED)] == [at(24), at(26), at(28), at(40)]
    assert engine.told(mql_id, MessageKind.ASSIGNMENT) == ["U1", "U5"]


# The peers


def test_peers_are_offered_what_nobody_has_answered_and_one_takes_it(engine: Engine) -> None:
    engine.agrees(escalations=(step(24, "peers"),))
    mql_id = engine.receives()
    assert engine.does(response.take_over, mql_id, "U2", now=at(1)) == Refused(Refusal.NOT_ALLOWED, number=1)
    engine.sweeps(at(24))
    assert engine.told(mql_id, MessageKind.OFFER) == ["U2", "U4"]
    assert engine.mql(mql_id).offered
    _sent(engine)
    assert isinstance(engine.does(response.take_over, mql_id, "U4", now=at(25)), Done)
    mql = engine.mql(mql_id)
    assert (mql.owner, mql.status, mql.offered) == ("U4", Status.ACCEPTED, False)
    edited = {row.parent_id for row in engine.messages(mql_id, MessageKind.EDIT) if row.state == OutboxState.PENDING}
    assert {row.id for row in engine.messages(mql_id, MessageKind.OFFER)} < edited
    late = engine.does(response.take_over, mql_id, "U2", now=at(26))
    assert late == Refused(Refusal.ALREADY_ACCEPTED, "U4", 1)


def test_a_marketer_may_not_take_what_is_offered_to_the_reps(engine: Engine) -> None:
    engine.has("U7", "marketer")
    engine.agrees(escalations=(step(24, "peers"),))
    mql_id = engine.receives()
    engine.sweeps(at(24))
    refused = engine.does(response.take_over, mql_id, "U7", now=at(25))
    assert isinstance(refused, Refused)
    assert refused.reason == Refusal.NOT_ALLOWED


def test_an_offer_is_over_once_the_mql_has_another_owner(engine: Engine) -> None:
    engine.agrees(escalations=(step(24, "peers"), step(30, do="hand_over")))
    mql_id = engine.receives()
    engine.sweeps(at(24))
    engine.sweeps(at(30))
    assert (engine.mql(mql_id).owner, engine.mql(mql_id).offered) == ("U3", False)
    assert isinstance(engine.does(response.take_over, mql_id, "U2", now=at(31)), Refused)


@pytest.mark.parametrize("act", ["accept", "leave", "dispose", "pause"])
def test_an_offer_that_was_not_sent_yet_is_not_sent_once_its_reason_is_gone(engine: Engine, act: str) -> None:
    engine.agrees(escalations=(step(24, "peers"),))
    mql_id = engine.receives()
    engine.sweeps(at(24))
    assert _still(engine, mql_id) == {"U2", "U4"}
    if act == "accept":
        engine.does(response.accept, mql_id, "U1", now=at(25))
    elif act == "pause":
        engine.does(pauses.pause, mql_id, "U1", at(48), "asked for a date", now=at(25))
    elif act == "leave":
        engine.has("U2", "rep", active=False)
    else:
        engine.does(response.contacted, mql_id, "U1", now=at(25))
    assert _still(engine, mql_id) == ({"U4"} if act == "leave" else set())


def _still(engine: Engine, mql_id: int) -> set[str]:
    offers = engine.messages(mql_id, MessageKind.OFFER)
    with engine.database.snapshot() as tx:
        return {row.target for row in offers if relevance.reason_gone(tx, row) is None}


def _sent(engine: Engine) -> None:
    """Everything that was queued has reached Slack."""
    now = at(24)
    while True:
        now += HOUR / 60
        with engine.database.transaction() as tx:
            taken = claims.claim(tx, WORKSPACE, now, now + HOUR, 50)
            for row in taken:
                claims.settle(tx, row, OutboxState.SENT, sent_at=now, channel="C1", ts=f"1.{row.id}")
        if not taken:
            return


# Repeats, groups, channels, people


def test_a_step_repeats_as_often_as_it_says(engine: Engine) -> None:
    engine.agrees(escalations=(step(24, repeat_hours=2.5, repeat_times=3),))
    mql_id = engine.receives()
    for hours in range(24, 60):
        engine.sweeps(at(hours))
    assert [event.at for event in engine.log(mql_id, EventType.ESCALATED)] == [at(24), at(26.5), at(29), at(31.5)]
    assert engine.told(mql_id, MessageKind.ESCALATION) == ["U3"] * 4
    assert engine.clock(mql_id).next_check_at is None


def test_after_a_long_silence_one_message_tells_everyone_concerned_and_the_log_knows_all(engine: Engine) -> None:
    engine.agrees(
        reminders=(0.5,),
        escalations=(
            step(24, "peers"),
            step(25, "manager", repeat_hours=1, repeat_times=3),
            step(30, "S0LEADS001"),
            step(31, "C0SALES001"),
            step(48, "head", in_thread=True),
        ),
    )
    mql_id = engine.receives()
    engine.sweeps(at(100))
    escalated = engine.log(mql_id, EventType.ESCALATED)
    assert [(event.at, event.data["to"]) for event in escalated] == [
        (at(24), "peers"),
        *((at(25 + nth), "manager") for nth in range(4)),
        (at(30), "S0LEADS001"),
        (at(31), "C0SALES001"),
        (at(48), "head"),
    ]
    assert engine.told(mql_id, MessageKind.REMINDER) == []
    assert engine.told(mql_id, MessageKind.OFFER) == ["U2", "U4"]
    assert engine.told(mql_id, MessageKind.ESCALATION) == ["C0SALES001", "U3", "U5"]
    event_ids = {row.event_id for row in engine.messages(mql_id, MessageKind.ESCALATION, MessageKind.OFFER)}
    assert event_ids == {escalated[-1].id}
    by_id = {event.id: event.data.get("to") for event in escalated}
    noted = [by_id[row.event_id or 0] for row in engine.messages(mql_id, MessageKind.NOTE) if row.event_id in by_id]
    assert sorted(noted, key=str) == ["S0LEADS001", "head"]


def test_a_card_says_that_it_is_late_also_where_a_reminder_was_due_with_it_and_a_reminder_alone_changes_nothing(
    engine: Engine,
) -> None:
    engine.agrees(reminders=(0.5, 0.75), escalations=())
    mql_id = engine.receives()
    _sent(engine)
    engine.sweeps(at(12))
    assert engine.messages(mql_id, MessageKind.EDIT) == []
    engine.sweeps(at(24))
    assert engine.messages(mql_id, MessageKind.EDIT) != []


def test_a_clock_whose_mql_is_not_there_fires_nothing(engine: Engine) -> None:
    engine.agrees()
    mql_id = engine.receives()
    engine.does(pauses.pause, mql_id, "U3", at(5), "later", now=NOW)
    astray = engine.clock(mql_id).model_copy(update={"mql_id": 999})
    with engine.database.transaction() as tx:
        assert escalation.check(tx, astray, at(6)) == 0


def test_what_its_owner_accepted_and_has_not_contacted_is_taken_over_as_it_is(engine: Engine) -> None:
    engine.agrees(response="contacted", escalations=(step(24, "peers"),))
    mql_id = engine.receives()
    engine.does(response.accept, mql_id, "U1", now=NOW)
    engine.sweeps(at(24))
    assert isinstance(engine.does(response.take_over, mql_id, "U2", now=at(25)), Done)
    assert engine.mql(mql_id).owner == "U2"
    assert [event.actor for event in engine.log(mql_id, EventType.ACCEPTED)] == ["U1"]


def test_after_a_long_silence_without_a_breach_only_the_last_reminder_is_sent(engine: Engine) -> None:
    engine.agrees(reminders=("30m", 0.5, "20h"))
    mql_id = engine.receives()
    engine.sweeps(at(23))
    reminded = engine.log(mql_id, EventType.REMINDED)
    assert [event.at for event in reminded] == [at(0.5), at(12), at(20)]
    (row,) = engine.messages(mql_id, MessageKind.REMINDER)
    assert (row.target, row.event_id) == ("U1", reminded[-1].id)


def test_swept_once_or_at_every_checkpoint_the_log_says_the_same(engine: Engine) -> None:
    steps = (step(24, repeat_hours=1.5, repeat_times=2), step(26, "head"))
    engine.agrees(reminders=("30m", 0.5), escalations=steps)
    often, once = engine.receives(company="Often"), engine.receives(company="Once")
    with engine.database.transaction() as tx:
        (held,) = [due_clock for due_clock in mqls.due_clocks(tx, at(99), 10) if due_clock.mql_id == once]
        mqls.postpone_check(tx, held.id, at(60))
    for quarters in range(160):
        engine.sweeps(at(quarters / 4))
    engine.sweeps(at(60))
    kinds = (EventType.REMINDED, EventType.BREACHED, EventType.ESCALATED)
    logs = [[(event.type, event.at, event.data) for event in engine.log(mql_id, *kinds)] for mql_id in (often, once)]
    assert logs[0] == logs[1]
    assert len(logs[0]) == 7


def test_somebody_who_is_manager_and_peer_hears_once(engine: Engine) -> None:
    engine.has("U3", "manager", "rep")
    engine.agrees(escalations=(step(24, "peers"), step(24, "manager")))
    mql_id = engine.receives()
    engine.sweeps(at(24))
    assert engine.told(mql_id, MessageKind.ESCALATION) == ["U3"]
    assert engine.told(mql_id, MessageKind.OFFER) == ["U2", "U4"]


# The whole time again


def test_a_restart_gives_the_new_owner_the_whole_time_and_keeps_the_breach_on_record(engine: Engine) -> None:
    engine.agrees(on_reassign="restart", reminders=(0.5,), escalations=(step(24, do="reassign"),))
    mql_id = engine.receives()
    for hours in (12, 24):
        engine.sweeps(at(hours))
    clock = engine.clock(mql_id)
    assert (clock.due_at, clock.round, clock.step, clock.breached_at) == (at(48), 1, 0, at(24))
    assert clock.standing(at(25)) == ClockStanding.RUNNING
    engine.sweeps(at(36))
    assert [event.before for event in engine.log(mql_id, EventType.REMINDED)] == ["U1", "U2"]
    engine.does(response.accept, mql_id, "U2", now=at(37))
    clock = engine.clock(mql_id)
    assert (clock.state, clock.breached_at, clock.stopped_at) == (ClockState.MET_LATE, at(24), at(37))


def test_a_new_owner_who_lets_it_lapse_too_is_a_second_breach_in_the_log_and_the_first_on_the_clock(
    engine: Engine,
) -> None:
    engine.agrees(on_reassign="restart", escalations=(step(24, do="reassign"),))
    mql_id = engine.receives()
    engine.sweeps(at(24))
    engine.sweeps(at(48))
    breaches = engine.log(mql_id, EventType.BREACHED)
    assert [(event.at, event.before, event.data["round"]) for event in breaches] == [
        (at(24), "U1", 0),
        (at(48), "U2", 1),
    ]
    assert engine.clock(mql_id).breached_at == at(24)
    assert owners(engine, mql_id) == ["U1", "U2", "U4"]


def test_a_reassignment_in_time_restarts_without_a_breach(engine: Engine) -> None:
    engine.agrees(on_reassign="restart", escalations=())
    mql_id = engine.receives()
    engine.does(response.reassign, mql_id, "U3", "U4", None, now=at(20))
    engine.sweeps(at(30))
    engine.does(response.accept, mql_id, "U4", now=at(43))
    clock = engine.clock(mql_id)
    assert (clock.state, clock.breached_at, clock.due_at) == (ClockState.MET, None, at(44))


@pytest.mark.parametrize("act", ["reassign", "accept", "decline"])
def test_a_breach_that_no_sweep_has_seen_is_written_down_by_the_act_that_restarts_the_clock(
    engine: Engine, act: str
) -> None:
    engine.agrees(on_reassign="restart", escalations=())
    mql_id = engine.receives()
    if act == "reassign":
        engine.does(response.reassign, mql_id, "U3", "U4", None, now=at(25))
    elif act == "accept":
        engine.does(response.accept, mql_id, "U3", now=at(25))
    else:
        engine.does(response.decline, mql_id, "U1", "busy", now=at(25))
    (breach,) = engine.log(mql_id, EventType.BREACHED)
    assert (breach.at, breach.recorded_at, breach.before) == (at(24), at(25), "U1")
    engine.sweeps(at(26))
    engine.does(response.contacted, mql_id, engine.mql(mql_id).owner, now=at(27))
    clock = engine.clock(mql_id)
    assert (clock.state, clock.breached_at) == (ClockState.MET_LATE, at(24))
    assert len(engine.log(mql_id, EventType.BREACHED)) == 1


def test_the_breach_of_a_second_round_that_no_sweep_has_seen_is_written_down_by_the_late_answer(
    engine: Engine,
) -> None:
    engine.agrees(on_reassign="restart", escalations=(step(24, do="reassign"),))
    mql_id = engine.receives()
    engine.sweeps(at(24))
    engine.does(response.accept, mql_id, "U2", now=at(49))
    breaches = engine.log(mql_id, EventType.BREACHED)
    assert [(event.at, event.before) for event in breaches] == [(at(24), "U1"), (at(48), "U2")]


def test_where_the_policy_says_so_the_clock_goes_on_with_the_new_owner(engine: Engine) -> None:
    engine.agrees(on_reassign="continue", escalations=(step(24, do="reassign"),))
    mql_id = engine.receives()
    engine.sweeps(at(24))
    assert engine.mql(mql_id).owner == "U2"
    assert (engine.clock(mql_id).due_at, engine.clock(mql_id).round) == (at(24), 0)


def test_a_first_owner_is_no_restart(engine: Engine) -> None:
    engine.agrees(on_reassign="restart", escalations=())
    with engine.database.transaction() as tx:
        for user in ("U1", "U2", "U4"):
            absences.announce(tx, WORKSPACE, user, NOW - HOUR, at(5))
    mql_id = engine.receives()
    engine.does(response.reassign, mql_id, "U3", "U4", None, now=at(4))
    assert (engine.clock(mql_id).due_at, engine.clock(mql_id).round) == (at(24), 0)


# Grace


def test_an_answer_within_the_grace_is_in_time(engine: Engine) -> None:
    engine.agrees(grace_minutes=30, escalations=(step(24),))
    mql_id, other = engine.receives(), engine.receives(company="Beta")
    engine.sweeps(at(24.25))
    assert engine.log(mql_id, EventType.BREACHED, EventType.ESCALATED) == []
    assert engine.clock(mql_id).standing(at(24.25)) == ClockStanding.DUE_SOON
    engine.does(response.accept, mql_id, "U1", now=at(24.49))
    assert (engine.clock(mql_id).state, engine.clock(mql_id).breached_at) == (ClockState.MET, None)
    engine.sweeps(at(24.5))
    (breach,) = engine.log(other, EventType.BREACHED)
    (escalated,) = engine.log(other, EventType.ESCALATED)
    assert (breach.at, escalated.at, escalated.data["hours"]) == (at(24.5), at(24.5), 24)
    assert engine.clock(other).standing(at(24.5)) == ClockStanding.BREACHED
    engine.does(response.accept, other, "U2", now=at(24.6))
    assert engine.clock(other).state == ClockState.MET_LATE


def test_the_moment_at_which_the_grace_ends_is_late(engine: Engine) -> None:
    engine.agrees(grace_minutes=30, escalations=())
    mql_id, other = engine.receives(), engine.receives(company="Beta")
    engine.does(response.accept, mql_id, "U1", now=at(24.5) - timedelta(microseconds=1))
    engine.does(response.accept, other, "U2", now=at(24.5))
    assert engine.clock(mql_id).state == ClockState.MET
    assert engine.clock(other).state == ClockState.MET_LATE
    assert [event.at for event in engine.log(other, EventType.BREACHED)] == [at(24.5)]


# Pauses


def test_a_pause_in_the_grace_keeps_the_rest_of_it(engine: Engine) -> None:
    engine.agrees(grace_minutes=30, escalations=())
    mql_id = engine.receives()
    engine.does(pauses.pause, mql_id, "U1", at(40), "later", now=at(24.25))
    engine.does(pauses.resume, mql_id, "U1", now=at(30))
    clock = engine.clock(mql_id)
    assert (clock.due_at, clock.breach_at) == (at(24), at(30.25))
    engine.does(response.accept, mql_id, "U1", now=at(30.2))
    assert engine.clock(mql_id).state == ClockState.MET


def test_a_pause_that_began_before_the_sweep_saw_the_breach_does_not_move_it(engine: Engine) -> None:
    engine.agrees(reminders=(0.5,), escalations=(step(24),))
    mql_id = engine.receives()
    engine.does(pauses.pause, mql_id, "U3", at(40), "later", now=at(25))
    engine.sweeps(at(26))
    # The pause writes down the breach that no sweep had seen; whom to tell of it waits for its end. A reminder that
    # nobody got before the breach is none any more.
    assert [event.at for event in engine.log(mql_id, EventType.REMINDED, EventType.BREACHED)] == [at(24)]
    engine.sweeps(at(41))
    events = [(e.type, e.at) for e in engine.log(mql_id, EventType.REMINDED, EventType.BREACHED, EventType.ESCALATED)]
    assert sorted(events) == [(EventType.BREACHED, at(24)), (EventType.ESCALATED, at(40))]
    assert engine.clock(mql_id).breached_at == at(24)


def test_a_contact_before_the_pause_is_judged_by_its_own_moment(engine: Engine) -> None:
    engine.agrees(response="contacted", escalations=())
    mql_id = engine.receives()
    engine.does(pauses.pause, mql_id, "U3", at(60), "later", now=at(30))
    with engine.database.transaction() as tx:
        subject = mqls.locked(tx, WORKSPACE, mql_id)
        assert subject is not None
        clocks.stop(tx, subject, ClockKind.RESPONSE, at(10), at(40))
    assert (engine.clock(mql_id).state, engine.clock(mql_id).breached_at) == (ClockState.MET, None)


def test_so_long_may_a_rep_pause_it_as_its_own_tier_and_version_say(engine: Engine) -> None:
    engine.agrees(pause_days=5, tiers=({"name": "hot", "when": {"min_score": 80}, "pause_days": 1},))
    hot, plain = engine.receives(score=90), engine.receives(company="Beta")
    engine.agrees(pause_days=9)

    def days(mql_id: int, by: str) -> int | None:
        with engine.database.snapshot() as tx:
            last = pauses.last_day(tx, WORKSPACE, mql_id, by, NOW)
        return (last - NOW.date()).days if last else None

    assert (days(hot, "U1"), days(plain, "U1"), days(hot, "U3")) == (1, 5, None)


def test_with_opening_hours_a_rep_may_pause_for_so_many_working_days(engine: Engine) -> None:
    holidays = {"kind": "business_hours", "holidays": "JP"}
    friday, last = NOW + timedelta(days=3), list[date | None]()
    for calendar in (holidays, holidays | {"day_hours": 24}):
        engine.agrees(pause_days=3, calendar=calendar)
        mql_id = engine.receives(at=friday, company=f"Company {len(last)}")
        owner = engine.mql(mql_id).owner
        with engine.database.snapshot() as tx:
            last.append(pauses.last_day(tx, WORKSPACE, mql_id, owner or "", friday))
    assert last == [date(2026, 11, 26), date(2026, 11, 23)]  # Monday the 23rd is a holiday


# Cancelled


def test_a_cancelled_clock_is_neither_met_nor_late_and_wakes_no_more(engine: Engine) -> None:
    engine.agrees(escalations=(step(24), step(48)))
    mql_id, other = engine.receives(), engine.receives(company="Beta")
    engine.sweeps(at(24))
    with engine.database.transaction() as tx:
        for cancelled in (mql_id, other):
            subject = mqls.locked(tx, WORKSPACE, cancelled)
            assert subject is not None
            clocks.cancel(tx, subject, at(25))
    clock = engine.clock(mql_id)
    assert (clock.state, clock.stopped_at, clock.next_check_at) == (ClockState.CANCELLED, at(25), None)
    assert clock.breached_at == at(24)
    assert clock.standing(at(60)) == ClockStanding.CANCELLED
    assert engine.sweeps(at(60)) == 0


# Quiet hours


def test_quiet_hours_hold_messages_to_people_and_nothing_else(engine: Engine) -> None:
    """10:00 in Tokyo; 14 hours later it is midnight there."""
    engine.agrees(
        response_hours=14,
        quiet={"start": "22:00", "end": "08:00"},
        escalations=(
            step(14, "manager", in_thread=True),
            step(14, "peers"),
            step(14, "C0SALES001"),
            step(14, "S0LEADS001"),
        ),
    )
    mql_id = engine.receives()
    engine.sweeps(at(14))
    assert [event.at for event in engine.log(mql_id, EventType.BREACHED)] == [at(14)]
    assert engine.told(mql_id, MessageKind.ESCALATION) == ["C0SALES001"]
    assert engine.told(mql_id, MessageKind.OFFER) == []
    held = _held(engine)
    assert {row.target for row in held} == {"U2", "U3", "U4"}
    assert {row.next_attempt_at for row in held} == {at(22)}
    notes = {row.event_id for row in engine.messages(mql_id, MessageKind.NOTE)}
    assert {event.data["to"] for event in engine.log(mql_id, EventType.ESCALATED) if event.id in notes} == {
        "S0LEADS001"
    }
    assert engine.mql(mql_id).offered


def test_an_offer_of_the_night_that_was_taken_by_the_morning_is_not_told(engine: Engine) -> None:
    engine.agrees(response_hours=14, quiet={"start": "22:00", "end": "08:00"}, escalations=(step(14, "peers"),))
    mql_id = engine.receives()
    engine.sweeps(at(14))
    engine.does(response.accept, mql_id, "U1", now=at(15))
    with engine.database.snapshot() as tx:
        assert [relevance.still_true(tx, row) for row in _held(engine)] == [[], []]


def _held(engine: Engine) -> list[Outbox]:
    held = sa.select(models.outbox).where(models.outbox.c.kind == MessageKind.HELD).order_by(models.outbox.c.id)
    with engine.database.snapshot() as tx:
        rows = tx.execute(held)
        return [Outbox.model_construct(**row._mapping) for row in rows]
