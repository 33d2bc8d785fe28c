"""A short run of the simulation, and proof that it notices: known bugs, put in on purpose, break it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core import clocks, escalation
from bot.core.sla import Checkpoint, Plan
from storage import mqls
from storage.database import Database
from storage.models import Mql
from storage.vocabulary import EventType
from tests.simulation.simulation import Broken, Simulation

DAYS = 8
Patch = Callable[[pytest.MonkeyPatch], None]


@pytest.mark.parametrize("seed", range(1, 4))
def test_every_invariant_holds_after_every_step(database: Database, seed: int) -> None:
    figures = Simulation(seed, DAYS, database).run()
    assert figures["checks"] > DAYS


def _breaches_written_twice(patch: pytest.MonkeyPatch) -> None:
    real = mqls.log_all

    def log_all(tx: sa.Connection, entries: Sequence[dict[str, Any]], numbers: Mapping[int, int]) -> list[int]:
        written = real(tx, entries, numbers)
        real(tx, [entry for entry in entries if entry["type"] == EventType.BREACHED], numbers)
        return written

    patch.setattr(mqls, "log_all", log_all)


def _a_checkpoint_swallowed_after_each_other(patch: pytest.MonkeyPatch) -> None:
    real = escalation._passed

    def passed(points: Iterable[Checkpoint], now: datetime) -> tuple[list[Checkpoint], datetime | None]:
        left = iter(points)
        fired, _ = real(left, now)
        following = next(left, None)
        return fired, following.at if following else None

    patch.setattr(escalation, "_passed", passed)


def _a_breach_forgotten_by_the_clock(patch: pytest.MonkeyPatch) -> None:
    real = escalation._Firing.changes
    patch.setattr(escalation._Firing, "changes", lambda firing: real(firing) | {"new_breached_at": None})


def _deadlines_an_hour_late(patch: pytest.MonkeyPatch) -> None:
    real = clocks.deadlines

    def deadlines(planned: Plan) -> dict[str, Any]:
        hour = timedelta(hours=1)
        late = dataclasses.replace(planned, due_at=planned.due_at + hour, breach_at=planned.breach_at + hour)
        return real(late)

    patch.setattr(clocks, "deadlines", deadlines)


def _an_answer_that_leaves_the_clock_running(patch: pytest.MonkeyPatch) -> None:
    def stop(tx: sa.Connection, subject: Mql, *given: Any, **named: Any) -> None:
        """Nothing is stopped."""

    patch.setattr(clocks, "stop", stop)
    patch.setattr(clocks, "stop_if_acceptance_counts", stop)


@pytest.mark.parametrize(
    "bug",
    [
        _breaches_written_twice,
        _a_checkpoint_swallowed_after_each_other,
        _a_breach_forgotten_by_the_clock,
        _deadlines_an_hour_late,
        _an_answer_that_leaves_the_clock_running,
    ],
)
def test_a_bug_is_noticed_and_its_seed_is_named(
    database: Database, monkeypatch: pytest.MonkeyPatch, bug: Patch
) -> None:
    bug(monkeypatch)
    with pytest.raises(Broken, match=r"python -m tests\.simulation --seed 1 --days"):
        Simulation(1, DAYS, database).run()
