"""Replay the last month under other settings: the slow part of a preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core import whatif
from bot.core.base.wall_clock import day_in
from bot.core.teamfile import TeamFile
from bot.core.whatif import Figures, Period
from storage.memory import Memory
from storage.models import Workspace

REPLAYED = ("policy", "timezone", "members", "routing")
"""The settings that decide when something is late and who gets what: no other one would have changed the past."""


@dataclass(frozen=True)
class Past:
    """The last calendar month as it was and as it would have been."""

    period: Period
    happened: Figures
    replayed: Figures

    @property
    def shares(self) -> Mapping[str, tuple[int, int]]:
        """How many MQLs each would have been given first, beside how many they were, where that differs; by user id,
        whoever had the most first."""
        before, after = self.happened.given, self.replayed.given
        users = sorted({*before, *after}, key=lambda user: (-before.get(user, 0), user))
        both = {user: (before.get(user, 0), after.get(user, 0)) for user in users}
        return {user: counts for user, counts in both.items() if counts[0] != counts[1]}


def concerns_past(before: TeamFile, wanted: TeamFile) -> bool:
    """Return whether the settings would have changed the past."""
    return any(getattr(before, name) != getattr(wanted, name) for name in REPLAYED)


def read_past(tx: sa.Connection, workspace: Workspace, now: datetime) -> whatif.Past | None:
    """Return what happened in the last calendar month of the workspace's timezone, but for the messages that people
    got; None where no MQL came in."""
    last = day_in(workspace.timezone, now).replace(day=1) - timedelta(days=1)
    period = Period.of(last.replace(day=1), last, workspace.timezone, now)
    past = whatif.read(tx, workspace, period, messages=False)
    return past if past.happened.received else None


def replayed(past: whatif.Past, wanted: TeamFile) -> Past:
    """Return a past beside what it would have been, as `mql-bot simulate` counts it. It takes milliseconds for each
    MQL."""
    simulated = whatif.replay(Memory(), past, wanted, lambda _: None)
    return Past(past.period, past.happened, simulated.figures)
