"""Replayed under the policy and with the roster that it had, the past comes out as it was."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.core.base.results import Done
from bot.core.mql import merge, withdrawal
from bot.core.sla.policy import EscalationStep, Policy, QuietHours, Tier, TierRules
from storage import mqls
from storage.database import Database
from tests.core.whatif.kit import days, replayed
from tests.core.whatif.living import MANAGERS, REPS, START, Living, office

NIGHT = QuietHours(start="20:00", end="08:00")
MANAGER = EscalationStep(after_hours=24, to="manager")
POLICIES = {
    "the defaults": Policy(),
    "quiet nights, peers, and the next rep": Policy(
        quiet=NIGHT,
        escalations=(
            MANAGER,
            EscalationStep(after_hours=30, to="peers"),
            EscalationStep(after_hours=48, to="head", do="reassign", in_thread=True),
        ),
    ),
    "contact counts, every owner has the whole time, hot ones go to the head": Policy(
        response="contacted",
        on_reassign="restart",
        grace_minutes=30,
        tiers=(
            Tier.model_validate(
                {
                    "name": "hot",
                    "when": TierRules(min_score=60, channels=("webinar",)),
                    "calendar": "always",
                    "response_hours": 4,
                    "escalations": (
                        EscalationStep(after_hours=4, to="U12", repeat_hours=6, repeat_times=3),
                        EscalationStep(after_hours=8, to="head", do="hand_over"),
                    ),
                }
            ),
        ),
    ),
}


def lived(database: Database, policy: Policy, count: int, for_days: int) -> datetime:
    """An office has worked with the policy, two weeks longer than leads came in. Returns the present."""
    with database.transaction() as tx:
        living = Living(tx, office(policy), seed=7)
        living.receives(count, for_days)
        for index, user in enumerate(REPS):
            away = timedelta(days=2 * index + 1)
            living.goes_away(user, away, START + away + timedelta(days=2))
        living.until(START + timedelta(days=for_days + 14))
        return living.now


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_the_same_policy_comes_to_the_same(database: Database, policy: Policy) -> None:
    now = lived(database, policy, count=30, for_days=5)
    past, simulated = replayed(database, days(0, 4, now))
    happened = past.happened
    assert happened.received > 20
    assert min(len(happened.late), len(happened.overdue), happened.reassigned, happened.told) > 2
    assert (simulated.figures, simulated.undone) == (happened, 0)


def test_a_period_in_the_middle_comes_to_the_same_though_others_took_turns_before_and_meanwhile(
    any_database: Database,
) -> None:
    soon = EscalationStep(after_hours=24, to="head", do="reassign")
    now = lived(any_database, Policy(escalations=(soon,)), count=30, for_days=5)
    past, simulated = replayed(any_database, days(2, 4, now))
    assert 10 < past.happened.received < 30
    assert past.happened.reassigned_by_step > 0
    assert {turn.entry.weight for turn in past.outside} == {1, -1}
    assert (simulated.figures, simulated.undone) == (past.happened, 0)


def test_what_was_withdrawn_is_neither_in_the_past_nor_in_its_replay(database: Database) -> None:
    now = lived(database, Policy(), count=30, for_days=5)
    before, _ = replayed(database, days(0, 4, now))
    with database.transaction() as tx:
        left = [one for one in mqls.with_open_clock(tx, "T1") if one.number in before.happened.late]
        for subject in left:
            assert isinstance(withdrawal.withdraw(tx, "T1", subject.id, MANAGERS[0], None, now), Done)
    past, simulated = replayed(database, days(0, 4, now))
    assert len(left) > 0
    assert (simulated.figures, simulated.undone) == (past.happened, 0)
    for figures in (past.happened, simulated.figures):
        assert figures.received == before.happened.received - len(left)
        assert not {one.number for one in left} & figures.late


def test_what_was_merged_is_in_neither_and_is_in_both_again_once_that_is_undone(database: Database) -> None:
    now = lived(database, Policy(), count=30, for_days=5)
    before, _ = replayed(database, days(0, 4, now))
    with database.transaction() as tx:
        first, second, *_ = [one.id for one in mqls.with_open_clock(tx, "T1") if one.number in before.happened.late]
        done = merge.either(tx, "T1", first, second, MANAGERS[0], now)
        assert isinstance(done, Done)
    past, simulated = replayed(database, days(0, 4, now))
    assert (simulated.figures, simulated.undone) == (past.happened, 0)
    assert past.happened.received == before.happened.received - 1
    assert done.mql.number not in past.happened.late | simulated.figures.late
    with database.transaction() as tx:
        assert isinstance(merge.undo(tx, "T1", done.mql.id, MANAGERS[0], now), Done)
    past, simulated = replayed(database, days(0, 4, now))
    assert past.happened == before.happened
    assert simulated.figures == past.happened
