"""What a change of the policy, the calendar or the holidays does to MQLs that are open: shown before, applied after.

A clock keeps the policy version that it started with. Only `apply_to_all` moves it to the current one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bot.core.base.wall_clock import week_start
from bot.core.messages import notifications
from bot.core.mql import pause_end, undo
from bot.core.sla import clocks
from bot.core.sla.breaches import breaches
from bot.core.sla.checkpoints import CheckpointKind, Count, Timetable, timetable_of, timetable_of_runs
from bot.core.sla.own_hours import OwnHours
from bot.core.sla.owner_calendar import leg
from storage import members, mqls, policies
from storage.models import Clock, Mql, PolicyVersion, Workspace
from storage.vocabulary import ClockKind, ClockState, EventType

A_MICROSECOND = timedelta(microseconds=1)


class Effect(StrEnum):
    """What a moved deadline means for an MQL at this moment."""

    BREACHED = "breached"
    SAFE = "safe"


@dataclass(frozen=True)
class Move:
    """One deadline that moves."""

    number: int
    kind: ClockKind
    before: datetime
    after: datetime
    effect: Effect | None


@dataclass(frozen=True)
class Difference:
    """All deadlines that move, the earliest new one first."""

    moves: tuple[Move, ...]

    @property
    def breached(self) -> int:
        """How many that are in time now would be late."""
        return sum(move.effect == Effect.BREACHED for move in self.moves)

    @property
    def safe(self) -> int:
        """How many that are late now would be in time."""
        return sum(move.effect == Effect.SAFE for move in self.moves)


@dataclass(frozen=True)
class _Repinned:
    """A clock as it would be on another policy version."""

    clock: Clock
    tier: str | None
    count: Count
    timetable: Timetable
    effect: Effect | None
    legs: list[dict[str, Any]] | None
    """On whose calendars it runs then."""

    @property
    def moves(self) -> bool:
        return self.timetable.due_at != self.clock.due_at or self.effect is not None

    def as_move(self, number: int) -> Move:
        return Move(number, self.clock.kind, self.clock.due_at, self.timetable.due_at, self.effect)


def difference(tx: sa.Connection, workspace_id: str, wanted: PolicyVersion, now: datetime) -> Difference:
    """Return which deadlines of open MQLs would move if `wanted`, which need not be stored, held for all of them. A
    pause that is over counts as ended, though no tick has come by."""
    moves: list[Move] = []
    seen = _open(tx, workspace_id)
    clocks_of: dict[int, list[Clock]] = defaultdict(list)
    for clock, subject in seen:
        clocks_of[subject.id].append(clock)
    for clock, subject in seen:
        if clock.policy_id == wanted.id:
            continue
        over = pause_end.over_at(clocks_of[subject.id], now)
        ended = over if clock.state == ClockState.PAUSED else None
        held = clock if ended is None else clocks.as_resumed(tx, clock, ended)
        repinned = _repinned(tx, held, subject, wanted, now)
        if repinned.moves:
            moves.append(repinned.as_move(subject.number))
    return Difference(tuple(sorted(moves, key=lambda move: (move.after, move.number))))


def apply_to_all(tx: sa.Connection, workspace: Workspace, now: datetime) -> Difference:
    """Move every open clock to the workspace's current policy version; each deadline that moves is an event. The
    caller holds the workspace. What the new deadlines make late is told by the next tick. What could be undone until
    now and would bring a clock of before back cannot be undone any more."""
    version = policies.current(tx, workspace.id)
    if version is None:
        return Difference(())
    moves: list[Move] = []
    repinned_clocks: list[Clock] = []
    running = _open(tx, workspace.id)
    mqls.hold(tx, workspace.id, {seen.mql_id for seen, _ in running})
    for seen, _ in running:
        subject = mqls.locked(tx, workspace.id, seen.mql_id)
        if subject is not None:
            pause_end.end_if_over(tx, subject, now)
        clock = mqls.open_clock(tx, workspace.id, seen.mql_id, seen.kind)
        if subject is None or clock is None or clock.policy_id == version.id:
            continue
        # What nobody has noticed yet happened under the version that held.
        missed = clocks.missed_breach(tx, subject, clock, clock.paused_at or now, now)
        if missed:
            mqls.change_clock(tx, clock, **missed)
        repinned = _repinned(tx, clock.model_copy(update=missed), subject, version, now)
        undone = _undone(tx, workspace, repinned.clock, now) if repinned.effect == Effect.SAFE else None
        moved = _repin(tx, repinned, version, now, undone)
        repinned_clocks.append(moved)
        if repinned.moves:
            moves.append(repinned.as_move(subject.number))
            _tell(tx, subject, moves[-1], version, now, undone=undone is not None)
        if repinned.effect == Effect.BREACHED:
            clocks.write_breach(tx, subject, moved, now, now)
    undo.end_before_move(tx, workspace.id, repinned_clocks, version.id, now)
    return Difference(tuple(sorted(moves, key=lambda move: (move.after, move.number))))


def _open(tx: sa.Connection, workspace_id: str) -> list[tuple[Clock, Mql]]:
    clock_rows = mqls.open_clocks(tx, workspace_id)
    subjects = {subject.id: subject for subject in mqls.with_open_clock(tx, workspace_id)}
    return [(clock, subjects[clock.mql_id]) for clock in clock_rows]


def _repinned(tx: sa.Connection, clock: Clock, subject: Mql, version: PolicyVersion, now: datetime) -> _Repinned:
    tier = clocks.read(version).tier_of(subject)
    legs = _legs(tx, clock, subject, version, tier, now)
    agreed = clocks.agreement(version, tier, clocks.Pin.of(version.id, tier, legs).legs)
    count, timetable = timetable_of_runs(agreed, clock.kind, clocks.runs(tx, clock), clock.counted_from)
    judged = clock.paused_at or now
    was, will = judged >= clock.breach_at or _is_breached_ahead(tx, clock, judged), judged >= timetable.breach_at
    effect = None if was == will else Effect.BREACHED if will else Effect.SAFE
    return _Repinned(clock, tier, count, timetable, effect, legs)


def _is_breached_ahead(tx: sa.Connection, clock: Clock, judged: datetime) -> bool:
    """Return whether the deadline of a clock's present round is on record as passed at a moment that is yet to come,
    because the machine's clock was set back. `clock.breached_at` may be that of an earlier round."""
    if clock.breached_at is None or clock.breach_at <= judged:
        return False
    timetable = timetable_of(clocks.agreement_of(tx, clock), clock.kind, clocks.count_of(clock))
    return clock.step > timetable.reminders


def _legs(
    tx: sa.Connection, clock: Clock, subject: Mql, version: PolicyVersion, tier: str | None, now: datetime
) -> list[dict[str, Any]] | None:
    """Return on whose calendars a clock runs under another version: on those it has run on, or from the move on on the
    present owner's; None: on the team's."""
    by_owner = clocks.read(version).terms(tier).response_calendar == "owner"
    if clock.kind != ClockKind.RESPONSE or not by_owner:
        return None
    if clock.legs or subject.owner is None:
        return clock.legs
    return [leg(OwnHours.of(members.get(tx, subject.workspace_id, subject.owner), version.timezone), now)]


def _repin(
    tx: sa.Connection, repinned: _Repinned, version: PolicyVersion, now: datetime, undone: datetime | None
) -> Clock:
    """Move a clock, and return it as it is then. `undone`: the breach that counts no more. What the move makes late is
    late from now on: nobody was late before under the agreement that held then."""
    clock, timetable = repinned.clock, repinned.timetable
    step = _step(tx, repinned, now)
    values: dict[str, Any] = {"policy_id": version.id, "tier": repinned.tier, "round": clock.round + 1, "moved_at": now}
    values |= {"counted_us": repinned.count.counted // A_MICROSECOND, "breached_at": clock.breached_at}
    values["legs"] = repinned.legs
    if repinned.effect == Effect.BREACHED:
        step, values["breached_at"] = max(step, timetable.reminders + 1), clock.breached_at or now
    # A breach of an earlier owner's round is not undone by what holds for this one.
    elif undone is not None and clock.breached_at == undone:
        values["breached_at"] = None
    values |= {"step": step, **clocks.deadlines(timetable)}
    waits = clock.next_check_at if clock.paused_at else clocks.next_check(timetable, step)
    mqls.change_clock(tx, clock, next_check_at=waits, **values)
    return clock.model_copy(update=values)


def _undone(tx: sa.Connection, workspace: Workspace, clock: Clock, now: datetime) -> datetime | None:
    """Return when the breach was that counts no more because the clock is in time under its new version: one of the
    week that is under way. The weeks before have been told, and stay as they were; None for theirs."""
    breached_at = clock.breached_at
    if clock.kind == ClockKind.RESPONSE:
        log = mqls.history(tx, workspace.id, clock.mql_id)
        breached_at = next((breach.at for breach in reversed(breaches(log, clock))), None)
    is_of_this_week = breached_at is not None and breached_at >= week_start(workspace.timezone, now)
    return breached_at if is_of_this_week else None


def _step(tx: sa.Connection, repinned: _Repinned, now: datetime) -> int:
    """Return the first checkpoint that is still to come, or to be told.

    Reminders that would have come by now are not sent belatedly. Of the breach and the escalations as many count as
    done as were done on the old policy, so that nobody hears twice of one step, and a new one is not swallowed.
    """
    clock, timetable = repinned.clock, repinned.timetable
    judged = clock.paused_at or now
    if judged < timetable.breach_at:
        return sum(point.at <= judged and point.kind == CheckpointKind.REMIND for point in timetable.points)
    old = timetable_of(clocks.agreement_of(tx, clock), clock.kind, clocks.count_of(clock))
    done = max(clock.step - old.reminders, 0)
    return min(timetable.reminders + done, len(timetable.points))


def _tell(tx: sa.Connection, subject: Mql, move: Move, version: PolicyVersion, now: datetime, *, undone: bool) -> None:
    data: dict[str, Any] = {"clock": move.kind, "effect": move.effect, "policy": version.version}
    data |= {"undone": undone} if move.effect == Effect.SAFE else {}
    words = {"before": move.before.isoformat(), "after": move.after.isoformat()}
    event_id = mqls.log(tx, subject, EventType.DEADLINE_MOVED, now, now, data=data, **words)
    if move.effect == Effect.SAFE and move.kind == ClockKind.RESPONSE:
        mqls.update(tx, subject.workspace_id, subject.id, offered=False)
    if move.effect is not None:
        notifications.update_card(tx, subject, event_id, now)
    else:  # the rest is for the card to show: hundreds of them would bury the channel
        notifications.refresh_messages(tx, subject, event_id, now)
