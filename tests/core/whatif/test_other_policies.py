"""Stories of one or a few MQLs, lived under one policy and replayed under another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core import teamfile
from bot.core.mql import activity, feedback, pauses, response
from bot.core.mql.activity import Activity
from bot.core.mql.feedback import Answer
from bot.core.sla.policy import EscalationStep, Policy, QuietHours
from bot.core.teamfile import TeamFile
from bot.core.whatif import Figures, Level, Simulated, read, replay
from bot.core.whatif.recorded_history import Arrival, Deed
from storage import models, workspaces
from storage.database import Database
from storage.vocabulary import Disposition, Evidence
from tests.core.whatif.kit import FIRST, days, replayed
from tests.core.whatif.living import HEAD, REPS, START, Living, office
from tests.scratch import scratch

QUALIFIED = Answer(disposition=Disposition.QUALIFIED)


def agreed(**policy: Any) -> Policy:
    """A day for the response, at any hour, then the manager, and no haste with the outcome; or what is said instead."""
    terms = {"calendar": "always", "escalations": (EscalationStep(after_hours=24, to="manager"),), "reminders": ()}
    patient = {"feedback_days": 80, "feedback_reminders": (), "feedback_escalation_days": 80}
    return Policy.model_validate(terms | patient | policy)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def compared(
    database: Database, story: Callable[[Living], object], wanted: TeamFile | Policy, before: Policy | None = None
) -> tuple[Figures, Simulated]:
    """What happened in ten days, and what would have under `wanted`."""
    with database.transaction() as tx:
        living = Living(tx, office(before or agreed()), seed=1)
        story(living)
        living.until(START + timedelta(days=10))
    other = office(wanted) if isinstance(wanted, Policy) else wanted
    past, simulated = replayed(database, days(0, 9, living.now), other)
    return past.happened, simulated


def answered_after_thirty_hours(living: Living) -> None:
    living.gets()
    living.does(hours(30), response.accept, 1, "U01")
    living.does(hours(31), feedback.give, 1, "U01", QUALIFIED)


def test_with_more_time_an_answer_is_not_late_and_nobody_is_told(database: Database) -> None:
    steps = (EscalationStep(after_hours=48, to="head"),)
    happened, simulated = compared(database, answered_after_thirty_hours, agreed(response_hours=48, escalations=steps))
    assert (set(happened.late), set(simulated.figures.late)) == ({1}, set())
    assert (happened.escalations[Level.MANAGER], simulated.figures.escalations[Level.MANAGER]) == (1, 0)
    assert {user: sent.total for user, sent in happened.messages.items()} == {"U01": 1, "U11": 1}
    assert {user: sent.total for user, sent in simulated.figures.messages.items()} == {"U01": 1}


def test_with_less_time_it_is_late_sooner_and_more_is_told(database: Database) -> None:
    steps = (
        EscalationStep(after_hours=4, to="manager", repeat_hours=4, repeat_times=2),
        EscalationStep(after_hours=8, to="peers"),
        EscalationStep(after_hours=20, to=HEAD),
        EscalationStep(after_hours=36, to="head"),
    )
    before = agreed(response_hours=72, escalations=(EscalationStep(after_hours=72, to="head"),))
    wanted = agreed(response_hours=4, escalations=steps, reminders=(0.5,))
    happened, simulated = compared(database, answered_after_thirty_hours, wanted, before)
    assert (set(happened.late), set(simulated.figures.late)) == (set(), {1})
    assert simulated.figures.escalations == {
        Level.MANAGER: 3,
        Level.HEAD: 0,
        Level.PEERS: 1,
        Level.OTHERS: 1,
    }
    totals = {user: sent.total for user, sent in simulated.figures.messages.items()}
    assert totals == {"U01": 2, "U11": 3, "U02": 1, "U03": 1, "U04": 1, HEAD: 1}


def test_who_has_it_by_then_does_what_its_owner_did(database: Database) -> None:
    steps = (EscalationStep(after_hours=24, to="manager", do="reassign"),)
    happened, simulated = compared(database, answered_after_thirty_hours, agreed(escalations=steps))
    assert (happened.reassigned, simulated.figures.reassigned) == (0, 1)
    assert simulated.figures.reassigned_by_step == 1
    assert simulated.figures.late == happened.late == {1}
    assert simulated.figures.median == happened.median == hours(30)
    assert simulated.figures.overdue == frozenset()
    assert simulated.undone == 0


def test_the_median_on_the_calendar_is_that_of_the_policy(database: Database) -> None:
    """From Monday 09:00 on 30 hours are 15 of nine opening hours a day."""
    happened, simulated = compared(
        database, answered_after_thirty_hours, agreed(calendar="business_hours", response_hours=24)
    )
    assert (happened.median_open, simulated.figures.median_open) == (hours(30), hours(15))
    assert (set(happened.late), set(simulated.figures.late)) == ({1}, set())


def test_a_deadline_of_the_feedback_counts_too(database: Database) -> None:
    def story(living: Living) -> None:
        living.gets()
        living.does(hours(1), response.accept, 1, "U01")
        living.does(hours(80), feedback.give, 1, "U01", QUALIFIED)

    wanted = agreed(feedback_days=2, feedback_reminders=(0.5,), feedback_escalation_days=3)
    happened, simulated = compared(database, story, wanted)
    assert (set(happened.overdue), set(simulated.figures.overdue)) == (set(), {1})
    assert (happened.overdue_told, simulated.figures.overdue_told) == (0, 1)


def test_acceptance_is_no_answer_where_only_contact_counts(database: Database) -> None:
    def story(living: Living) -> None:
        living.gets()
        living.does(hours(1), response.accept, 1, "U01")
        living.does(hours(25), response.contacted, 1, "U01")

    happened, simulated = compared(database, story, agreed(response="contacted"))
    assert (happened.median, simulated.figures.median) == (hours(1), hours(25))
    assert (set(happened.late), set(simulated.figures.late)) == (set(), {1})


def test_what_the_crm_told_late_counts_from_its_true_time_and_quiets_nobody_before(database: Database) -> None:
    def story(living: Living) -> None:
        living.gets()
        call = Activity(Evidence.CALL, START + hours(20), number=1)
        living.plan(hours(30), lambda tx, now: activity.record(tx, "T1", call, None, now))

    wanted = agreed(response="contacted", reminders=(0.5,))
    happened, simulated = compared(database, story, wanted, agreed(response_hours=16))
    assert (set(happened.late), set(simulated.figures.late)) == ({1}, set())
    assert simulated.figures.median == hours(20)
    totals = {user: sent.total for user, sent in simulated.figures.messages.items()}
    assert (totals, simulated.undone) == ({"U01": 2, "U11": 1}, 0)


@pytest.mark.parametrize(
    "rules",
    [
        {"min_score": 80},
        {"channels": ["Webinar"]},
        {"forms": ["contact"]},
        {"campaigns": ["autumn"]},
        {"attributes": {"industry": ["Manufacturing"]}},
    ],
    ids=lambda rules: next(iter(rules)),
)
def test_a_tier_knows_an_mql_by_what_is_stored(database: Database, rules: dict[str, Any]) -> None:
    def story(living: Living) -> None:
        attributes = {"industry": "manufacturing"}
        living.gets(score=90, channel="webinar", campaign="autumn", form="contact", attributes=attributes)
        living.gets(at=hours(1), score=10)
        living.does(hours(3), response.accept, 1, "U01")
        living.does(hours(4), response.accept, 2, "U02")

    hot = {"name": "hot", "when": rules, "response_hours": 1}
    tiers = Policy.model_validate(agreed().model_dump(mode="json") | {"tiers": [hot]}, strict=False)
    happened, simulated = compared(database, story, tiers)
    assert (set(happened.late), set(simulated.figures.late)) == (set(), {1})


def test_reminders_of_a_quiet_night_become_one_message_and_those_of_what_is_answered_none(database: Database) -> None:
    def story(living: Living) -> None:
        # 17:00, 17:30 and 18:00 in Tokyo, all of one rep: half of the time is over in the night.
        for after in (8, 8.5, 9):
            living.gets(at=hours(after))
        living.does(hours(22), response.accept, 2, "U01")
        living.does(hours(22), response.accept, 3, "U01")

    alone = office(agreed(reminders=(0.5,), escalations=(), quiet=None), absent=frozenset({"U02", "U03", "U04"}))
    with database.transaction() as tx:
        living = Living(tx, alone, seed=1)
        story(living)
        living.until(START + timedelta(days=3))
    quiet = alone.policy.model_copy(update={"quiet": QuietHours(start="20:00", end="08:00")})
    past, simulated = replayed(database, days(0, 9, living.now), replace(alone, policy=quiet))
    assert past.happened.messages["U01"].by_day == {FIRST: 3, FIRST + timedelta(days=1): 3}
    assert simulated.figures.messages["U01"].by_day == {FIRST: 3, FIRST + timedelta(days=1): 1}


def test_what_was_answered_before_the_morning_is_not_told(database: Database) -> None:
    def story(living: Living) -> None:
        living.gets(at=hours(8))
        living.does(hours(22), response.accept, 1, "U01")

    wanted = agreed(reminders=(0.5,), quiet={"start": "20:00", "end": "08:00"})
    happened, simulated = compared(database, story, wanted, agreed(reminders=(0.5,), quiet=None))
    assert (happened.told, simulated.figures.told) == (2, 1)


def test_a_pause_lasts_as_long_as_it_did_or_as_the_policy_allows(database: Database) -> None:
    def story(living: Living) -> None:
        living.gets()
        living.does(hours(1), pauses.pause, 1, "U01", START + timedelta(days=4), "the customer asked")
        living.does(hours(60), response.accept, 1, "U01")

    happened, simulated = compared(database, story, agreed(response_hours=12))
    assert happened.late == simulated.figures.late == frozenset()
    again, shortened = compared(database, lambda _: None, agreed(response_hours=12, pause_days=1))
    assert again.late == frozenset()
    assert shortened.figures.late == {1}


def test_absences_are_as_they_were(database: Database) -> None:
    def story(living: Living) -> None:
        living.goes_away("U01", hours(1), START + hours(49))
        for day in range(4):
            living.gets(at=hours(24 * day + 2))

    happened, simulated = compared(database, story, agreed(response_hours=100, escalations=()))
    assert {user: sent.total for user, sent in happened.messages.items()}.keys() >= {"U01", "U02", "U03", "U04"}
    first = {user: min(sent.by_day) for user, sent in simulated.figures.messages.items() if user.startswith("U0")}
    assert first == {user: min(sent.by_day) for user, sent in happened.messages.items() if user.startswith("U0")}
    # The day after they were back: for somebody who is not owed anything, U04 had waited longer.
    assert first["U01"] == FIRST + timedelta(days=3)


def test_what_waited_for_somebody_to_come_back_is_given_out_then(database: Database) -> None:
    def story(living: Living) -> None:
        for user in ("U01", "U02", "U03", "U04"):
            living.goes_away(user, hours(1), START + hours(30))
        living.gets(at=hours(2))
        living.does(hours(31), response.accept, 1, "U01")

    happened, simulated = compared(database, story, agreed())
    assert simulated.figures == happened
    assert happened.messages["U01"].by_day == {FIRST + timedelta(days=1): 1}


def test_a_roster_with_fewer_people_does_the_same_work(database: Database) -> None:
    def story(living: Living) -> None:
        for number in range(1, 5):
            living.gets(at=hours(number))
        for number in range(1, 5):
            living.does(hours(10 + number), response.accept, number, f"U0{number}")
        living.does(hours(20), response.reassign, 4, "U12", "U03", "fits better")

    smaller = office(agreed(), absent=frozenset({"U03", "U04"}))
    happened, simulated = compared(database, story, smaller)
    assert simulated.figures.messages.keys() & {"U03", "U04"} == set()
    assert simulated.figures.messages["U01"].total == 2
    assert (happened.median, simulated.figures.median) == (hours(10), hours(10))
    assert (happened.reassigned, simulated.figures.reassigned) == (1, 0)
    assert simulated.undone == 1


def test_what_a_leader_did_the_leader_does_and_where_there_is_none_whoever_has_it(database: Database) -> None:
    def story(living: Living) -> None:
        living.gets()
        living.does(hours(2), response.accept, 1, "U12")
        living.does(hours(3), response.contacted, 1, "U12")

    happened, simulated = compared(database, story, agreed())
    assert (happened.reassigned, simulated.figures.reassigned) == (1, 1)
    _, without = compared(database, lambda _: None, office(agreed(), absent=frozenset({"U12"})))
    assert (without.figures.reassigned, without.figures.median, without.undone) == (0, hours(2), 0)


def test_an_outcome_of_what_nobody_has_accepted_here_is_an_acceptance_first(database: Database) -> None:
    """Whoever could accept it then is not on this roster, and nobody else had it yet."""

    def story(living: Living) -> None:
        for user in REPS:
            living.goes_away(user, hours(0), START + hours(3))
        living.gets(at=hours(1))
        living.does(hours(2), response.accept, 1, "U12")
        living.does(hours(5), feedback.give, 1, "U12", QUALIFIED)

    happened, simulated = compared(database, story, office(agreed(), absent=frozenset({"U12"})))
    assert (happened.median, simulated.figures.median, simulated.undone) == (hours(1), hours(4), 1)


def test_a_leader_who_had_it_does_nothing_with_it_where_another_has_it_by_then(database: Database) -> None:
    def story(living: Living) -> None:
        living.gets()
        living.does(hours(1), response.reassign, 1, "U11", "U11", None)
        living.does(hours(30), response.accept, 1, "U11")

    next_rep = (EscalationStep(after_hours=24, to="head", do="reassign"),)
    happened, simulated = compared(database, story, agreed(escalations=next_rep))
    assert (happened.reassigned, simulated.figures.reassigned) == (1, 2)


def test_one_press_that_says_two_things_is_done_once(database: Database) -> None:
    """A contact is an acceptance too, where there was none."""

    def story(living: Living) -> None:
        living.gets()
        living.does(hours(1), response.contacted, 1, "U01")

    with database.transaction() as tx:
        living = Living(tx, office(agreed()), seed=1)
        story(living)
        living.until(START + hours(2))
    past, _ = replayed(database, days(0, 0, living.now))
    assert [type(moment) for moment in past.moments] == [Arrival, Deed]


def test_turns_go_on_from_where_they_stood_before_the_period(database: Database) -> None:
    with database.transaction() as tx:
        living = Living(tx, office(agreed()), seed=1)
        for day in range(3):
            living.gets(at=hours(24 * day))
        living.until(START + timedelta(days=4))
    past, simulated = replayed(database, days(2, 3, living.now))
    assert past.happened.messages.keys() == simulated.figures.messages.keys() == {"U03", "U11"}


def test_a_replay_knows_no_lead_by_name(database: Database) -> None:
    with database.transaction() as tx:
        living = Living(tx, office(agreed()), seed=1)
        living.gets(person="Hanako Yamamoto", email="yamamoto@example.com", message="Call me", external_id="L-1")
        living.until(START + hours(1))
    with database.snapshot() as tx:
        workspace, current = workspaces.get(tx, "T1"), teamfile.current(tx, "T1")
        assert workspace is not None
        assert current is not None
        past = read(tx, workspace, days(0, 9, living.now))
    with scratch() as private:
        with private.transaction() as tx:
            replay(tx, past, current, lambda _: None)
        with private.snapshot() as tx:
            (row,) = tx.execute(sa.select(models.mql)).all()
    assert {row.company, row.person, row.email, row.message, row.external_id} == {None}
