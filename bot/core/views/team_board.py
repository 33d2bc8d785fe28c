"""How much each rep has to do, as plain values for screens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.base import team
from storage import members, mqls
from storage.models import UNDECIDED, Clock, Member, Workspace
from storage.vocabulary import ClockKind, ClockStanding, ClockState, Role


@dataclass(frozen=True)
class Load:
    """What is open with one rep, or (`member` None) with nobody."""

    member: Member | None
    open: int
    due_today: int
    """Due by the end of today, and not overdue."""
    overdue: int
    paused: int
    away_until: datetime | None

    @property
    def counts(self) -> dict[str, int]:
        """Return the counts by name, in the order in which they are shown."""
        return {"open": self.open, "overdue": self.overdue, "due_today": self.due_today, "paused": self.paused}


def board(tx: sa.Connection, workspace: Workspace, now: datetime) -> list[Load]:
    """Return the load of each rep and of whoever else owns an open MQL, the most overdue first; what has no owner
    first of all. What somebody covers stands with its owner, as everywhere."""
    roster = members.roster(tx, workspace.id)
    subjects = mqls.with_status(tx, workspace.id, *UNDECIDED)
    clock_of: dict[int, list[Clock]] = defaultdict(list)
    for clock in mqls.clocks(tx, workspace.id, [subject.id for subject in subjects]):
        clock_of[clock.mql_id].append(clock)
    today = now.astimezone(ZoneInfo(workspace.timezone)).date()
    owned: dict[str | None, list[str]] = defaultdict(list)
    for subject in subjects:
        owned[subject.owner].append(_standing(clock_of[subject.id], today, workspace.timezone, now))
    people = [member for member in roster if member.has(Role.REP) or member.user_id in owned]
    loads = [_load(member, owned[member.user_id], now) for member in people]
    nobody = [_load(None, owned[None], now)] if owned[None] else []
    return [*nobody, *sorted(loads, key=lambda load: (-load.overdue, -load.due_today, -load.open))]


def _standing(clocks: Sequence[Clock], today: date, timezone: str, now: datetime) -> str:
    """Return how an open MQL stands, by the clock that presses."""
    if any(clock.state == ClockState.PAUSED for clock in clocks):
        return "paused"
    running = [clock for clock in clocks if clock.state == ClockState.RUNNING]
    response = [clock for clock in running if clock.kind == ClockKind.RESPONSE]
    for clock in response or running:
        if clock.standing(now) == ClockStanding.BREACHED:
            return "overdue"
        return "due_today" if clock.due_at.astimezone(ZoneInfo(timezone)).date() <= today else "later"
    return "later"


def _load(member: Member | None, standings: Sequence[str], now: datetime) -> Load:
    away = member.away_until if member is not None and team.is_away(member, now) else None
    counted = {name: standings.count(name) for name in ("due_today", "overdue", "paused")}
    return Load(member, len(standings), away_until=away, **counted)
