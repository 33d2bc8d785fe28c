"""Replayed under the policy and with the roster that it had, the past comes out as it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from bot.core.base.results import Done
from bot.core.mql import merge, withdrawal
from bot.core.routing import absences
from bot.core.sla.policy import EscalationStep, Policy, QuietHours, Tier, TierRules
from storage import mqls
from storage.database import Database
from tests.core.whatif.kit import days, past_of, replayed
from tests.core.whatif.living import MANAGERS, REPS, START, Living, office
from tests.thorough import thoroughly

NIGHT = QuietHours(start="20:00", end="08:00")
MANAGER = EscalationStep(after_hours=24, to="manager")
COUNTED_APART = "contact counts, every owner has the whole time, hot ones go to the head"
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
    COUNTED_APART: Policy(
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


LEADS, DAYS = 30, 5
OfficeOf = Callable[[str], tuple[Database, datetime]]


class Lived(NamedTuple):
    """A file in which an office has lived, and its present."""

    file: Path
    now: datetime


@pytest.fixture(scope="module")
def under(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Lived]:
    """Lets an office live under one of POLICIES, once."""

    @cache
    def live(policy: str) -> Lived:
        file = tmp_path_factory.mktemp("lived") / "lived.db"
        database = Database(f"sqlite:///{shutil.copy(migrated_file, file)}")
        now = lived(database, POLICIES[policy], LEADS, DAYS)
        database.close()
        return Lived(file, now)

    return live


@pytest.fixture
def office_of(under: Callable[[str], Lived], tmp_path: Path) -> Iterator[OfficeOf]:
    """A copy of the office that has lived under one of POLICIES, and its present."""
    with ExitStack() as stack:

        def office_of(policy: str) -> tuple[Database, datetime]:
            file, now = under(policy)
            database = Database(f"sqlite:///{shutil.copy(file, tmp_path / 'lived.db')}")
            return stack.enter_context(closing(database)), now

        yield office_of


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


@pytest.mark.alike
@pytest.mark.parametrize("policy", thoroughly(POLICIES, but=["the defaults", COUNTED_APART]))
def test_the_same_policy_comes_to_the_same(office_of: OfficeOf, policy: str) -> None:
    database, now = office_of(policy)
    past, simulated = replayed(database, days(0, 4, now))
    happened = past.happened
    assert happened.received > 20
    assert min(len(happened.late), len(happened.overdue), happened.reassigned, happened.told) > 2
    assert (simulated.figures, simulated.undone) == (happened, 0)


def test_an_absence_that_is_only_planned_lets_nothing_pass_that_has_not_been_yet(database: Database) -> None:
    def plans_leave(tx: sa.Connection, now: datetime) -> None:
        absences.announce(tx, "T1", REPS[0], now, now + timedelta(days=9), since=now + timedelta(days=7))

    with database.transaction() as tx:
        living = Living(tx, office(Policy()), seed=7)
        living.gets()
        living.plan(timedelta(hours=1), plans_leave)
        living.until(START + timedelta(hours=13))  # half of the time to answer is over
    past, simulated = replayed(database, days(0, 0, living.now))
    assert past.happened.late == frozenset()
    assert past.happened.told > 0
    assert simulated.figures == past.happened


@pytest.mark.thorough
def test_a_period_in_the_middle_comes_to_the_same_though_others_took_turns_before_and_meanwhile(
    postgres_url: str,
) -> None:
    """On PostgreSQL: what is read of the past is read there as here, and it is replayed in SQLite either way."""
    soon = EscalationStep(after_hours=24, to="head", do="reassign")
    with closing(Database(postgres_url)) as database:
        now = lived(database, Policy(escalations=(soon,)), LEADS, DAYS)
        past, simulated = replayed(database, days(2, 4, now))
    assert 10 < past.happened.received < 30
    assert past.happened.reassigned_by_step > 0
    assert {turn.entry.weight for turn in past.outside} == {1, -1}
    assert (simulated.figures, simulated.undone) == (past.happened, 0)


@pytest.mark.thorough
def test_what_was_withdrawn_is_neither_in_the_past_nor_in_its_replay(office_of: OfficeOf) -> None:
    database, now = office_of("the defaults")
    before = past_of(database, days(0, 4, now))
    with database.transaction() as tx:
        left = [subject for subject in mqls.with_open_clock(tx, "T1") if subject.number in before.happened.late]
        for subject in left:
            assert isinstance(withdrawal.withdraw(tx, "T1", subject.id, MANAGERS[0], None, now), Done)
    past, simulated = replayed(database, days(0, 4, now))
    assert len(left) > 0
    assert (simulated.figures, simulated.undone) == (past.happened, 0)
    for figures in (past.happened, simulated.figures):
        assert figures.received == before.happened.received - len(left)
        assert not {subject.number for subject in left} & figures.late


@pytest.mark.thorough
def test_what_was_merged_is_in_neither_and_is_in_both_again_once_that_is_undone(office_of: OfficeOf) -> None:
    database, now = office_of("the defaults")
    before = past_of(database, days(0, 4, now))
    with database.transaction() as tx:
        first, second, *_ = [mql.id for mql in mqls.with_open_clock(tx, "T1") if mql.number in before.happened.late]
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
