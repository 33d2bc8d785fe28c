"""Any past, under any agreement, comes out exactly as it was when it is replayed under the policy that it had."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.core import teamfile
from bot.core.base import period_words
from bot.core.mql import erasure, intake, pauses, withdrawal
from bot.core.mql.lead import Lead
from bot.core.reports import monthly, weekly
from bot.core.whatif import read, replay
from storage import models, mqls, workspaces
from storage.database import Database
from storage.models import Mql
from storage.vocabulary import ErasedFor, EventType, Source
from tests.core.whatif.kit import FIRST, days
from tests.core.whatif.living import AN_HOUR, HEAD, MANAGERS, MARKETER, REPS, START, Living, office
from tests.scratch import scratch
from tests.simulation import agreements
from tests.simulation.agreements import CHANNELS, FORMS
from tests.thorough import thoroughly

LEADS, DAYS, AFTERWARDS = 40, 8, 20
ZONE = ZoneInfo("Asia/Tokyo")
CLOCK: tuple[str, ...] = (
    "kind",
    "tier",
    "started_at",
    "soon_at",
    "due_at",
    "breach_at",
    "breached_at",
    "next_check_at",
    "round",
    "step",
)
CLOCK += ("round_from", "counted_from", "counted_us", "paused_at", "state", "stopped_at")
NOT_REPLAYED = {"contactable": 0}
"""Nothing that names a person is replayed."""


class AnyLiving(Living):
    """An office in which everything happens that can happen, and nothing waits for a tick."""

    def _next_tick(self, end: datetime) -> datetime:
        return max(self.now, min([end, *self.due()]))

    def _arrives(self, tx: sa.Connection, now: datetime) -> None:
        before = tx.execute(sa.select(sa.func.max(models.mql.c.id))).scalar() or 0
        super()._arrives(tx, now)
        subject = mqls.get(tx, "T1", before + 1)
        if subject is None:  # the same lead again
            return
        chance = self.random.random
        if chance() < 0.3:
            self._will(subject.id, 20, self._again)
        if chance() < 0.15:
            self._will(subject.id, 30, self._withdraw)
        if chance() < 0.1:
            self._will(subject.id, 60, self._erase)

    def _lead(self) -> Lead:
        values: dict[str, Any] = {
            "score": self.random.randint(0, 100),
            "channel": self.random.choice(CHANNELS),
            "form": self.random.choice(FORMS),
        }
        some = {name: value for name, value in values.items() if self.random.random() < 0.7}
        return Lead.model_validate({"company": "Acme", **some})

    def _again(self, tx: sa.Connection, subject: Mql, now: datetime) -> None:
        if subject.status not in models.CLOSED:
            intake.join(tx, subject, self._lead(), Source.GENERIC, now)

    def _withdraw(self, tx: sa.Connection, subject: Mql, now: datetime) -> None:
        withdrawal.withdraw(tx, "T1", subject.id, self.random.choice([MARKETER, *MANAGERS]), "a test", now)

    def _erase(self, tx: sa.Connection, subject: Mql, now: datetime) -> None:
        erasure.erase(tx, "T1", subject.id, ErasedFor.REQUEST, now)

    def _pause(self, tx: sa.Connection, subject: Mql, now: datetime) -> None:
        """As the form has it: until a day that is not too far."""
        by = self.random.choice([subject.owner or MANAGERS[0], MANAGERS[0]])
        last = pauses.last_day(tx, "T1", subject.id, by, now)
        day = now.astimezone(ZONE).date() + self.random.choice([1, 2, 9]) * timedelta(days=1)
        pauses.pause(tx, "T1", subject.id, by, day if last is None else min(day, last), "the customer asked", now)


def lived(database: Database, seed: int, afterwards: int = AFTERWARDS) -> datetime:
    """An office has lived under a random agreement, so many days after the last lead. Returns the present."""
    rng = Random(seed)
    policy = agreements.policy(rng, FIRST, [*REPS, *MANAGERS, HEAD], ["C0SALES001", "S0SALES001"])
    with database.transaction() as tx:
        living = AnyLiving(tx, office(policy), seed=seed)
        living.receives(LEADS, DAYS)
        for user in REPS:
            gone = timedelta(hours=rng.randrange(24 * DAYS))
            living.goes_away(user, gone, START + gone + rng.choice([5, 40, 130]) * AN_HOUR)
        living.until(START + timedelta(days=DAYS + afterwards))
        return living.now


def lives(tx: sa.Connection, numbers: range) -> Iterator[tuple[Any, ...]]:
    """Who had each MQL when, what became of it, and its clocks."""
    subjects = sa.select(models.mql).where(models.mql.c.number.between(numbers.start, numbers.stop - 1))
    for mql in tx.execute(subjects.order_by(models.mql.c.number)).all():
        given = models.event.c.type.in_((EventType.ASSIGNED, EventType.UNASSIGNED))
        owners = sa.select(models.event.c.at, models.event.c.after).where(models.event.c.mql_id == mql.id, given)
        clocks = sa.select(*(models.clock.c[name] for name in CLOCK)).where(models.clock.c.mql_id == mql.id)
        seen = (mql.number, mql.status, mql.owner, mql.offered, mql.score, mql.channel, mql.form, mql.disposed_at)
        yield (
            *seen,
            [tuple(row) for row in tx.execute(owners.order_by(models.event.c.id))],
            [tuple(row) for row in tx.execute(clocks.order_by(models.clock.c.kind.desc()))],
        )


def reports(tx: sa.Connection, now: datetime) -> Iterator[Any]:
    """What is reported of the weeks and months in which they came in."""
    workspace = workspaces.get(tx, "T1")
    assert workspace is not None
    for week in range(4):
        report = weekly.weekly(tx, workspace, period_words.iso_week(FIRST + week * timedelta(days=7)), now)
        yield {**vars(report.now), **NOT_REPLAYED}
        yield report.reps, report.debt.count, report.waiting.count, report.undecided is None
    for period in ("2026-08", "2026-09"):
        yield monthly.report(tx, workspace, period, now)


@pytest.mark.parametrize("seed", thoroughly([0, 1, 2, 3, 4, 209], but=[209]))
def test_an_unchanged_policy_replays_to_exactly_what_happened(database: Database, seed: int) -> None:
    now = lived(database, seed)
    period = days(0, DAYS, now)
    with database.snapshot() as tx:
        workspace, current = workspaces.get(tx, "T1"), teamfile.current(tx, "T1")
        assert workspace is not None
        assert current is not None
        past = read(tx, workspace, period)
        happened, reported = list(lives(tx, range(1, LEADS + 1))), list(reports(tx, now))
    assert len(happened) == LEADS
    with scratch() as private, private.transaction() as tx:
        simulated = replay(tx, past, current, lambda _: None)
        for life, again in zip(happened, lives(tx, range(1, LEADS + 1)), strict=True):
            assert again == life
        assert list(reports(tx, now)) == reported
    assert (simulated.figures, simulated.undone) == (past.happened, 0)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", thoroughly([100, 101, 206, 208], but=[208]))
def test_a_part_of_a_past_replays_to_exactly_what_happened(database: Database, seed: int) -> None:
    now = lived(database, seed)
    period = days(3, 5, now)
    inside = period.span.holds(models.mql.c.received_at)
    with database.snapshot() as tx:
        workspace, current = workspaces.get(tx, "T1"), teamfile.current(tx, "T1")
        assert workspace is not None
        assert current is not None
        past = read(tx, workspace, period)
        numbers = list(tx.execute(sa.select(models.mql.c.number).where(inside).order_by(models.mql.c.number)).scalars())
        happened = list(lives(tx, range(numbers[0], numbers[-1] + 1)))
    with scratch() as private, private.transaction() as tx:
        simulated = replay(tx, past, current, lambda _: None)
        for life, again in zip(happened, lives(tx, range(numbers[0], numbers[-1] + 1)), strict=True):
            assert again == life
    # What is held for the morning may be sent for the sake of another MQL, from outside of these days.
    unheld = [replace(figures, messages={}) for figures in (simulated.figures, past.happened)]
    assert unheld[0] == unheld[1]
    assert simulated.undone == 0
