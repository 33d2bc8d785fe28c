"""What a clock sets off when its checkpoints come: reminders, the breach, and the steps of the escalation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core import assignment, clocks, posting, team
from bot.core.policy import EscalationStep
from bot.core.sla import Agreement, Checkpoint, CheckpointKind, plan
from storage import mqls, reps, workspaces
from storage.models import Clock, Mql
from storage.vocabulary import ClockKind, ClockState, EventType, MessageKind

Fired = tuple[Checkpoint, int]
"""A checkpoint and the id of its event."""


def check(tx: sa.Connection, seen: Clock, now: datetime) -> int:
    """Fire the checkpoints of one clock that have come; returns how many.

    Every one is written down at its true time, but after a long silence only the highest is announced, to everyone
    concerned: nobody wants yesterday's reminder beside today's escalation. Zero where somebody answered, or another
    worker was here first.
    """
    if any(step.do == "reassign" for step in clocks.agreement_of(tx, seen).terms.steps(seen.kind)):
        # A turn may be taken: the workspace is locked before the MQL, as everywhere.
        workspaces.locked(tx, seen.workspace_id)
    subject = mqls.locked(tx, seen.workspace_id, seen.mql_id)
    if subject is not None and seen.state == ClockState.PAUSED:
        _end_pause(tx, subject, now)
    running = mqls.running_clock(tx, seen.workspace_id, seen.mql_id, seen.kind)
    if subject is None or running is None or (running.round, running.step) != (seen.round, seen.step):
        return 0
    agreed = clocks.agreement_of(tx, running)
    planned = plan(agreed, running.kind, clocks.count_of(running))
    passed = [point for point in planned.points[running.step :] if point.at <= now]
    if passed:
        _fire(tx, subject, running, agreed, passed, clocks.next_check(planned, running.step + len(passed)), now)
    return len(passed)


def _fire(
    tx: sa.Connection,
    subject: Mql,
    running: Clock,
    agreed: Agreement,
    passed: Sequence[Checkpoint],
    next_check_at: datetime | None,
    now: datetime,
) -> None:
    values: dict[str, Any] = {"step": running.step + len(passed), "next_check_at": next_check_at}
    if running.breached_at is None and any(point.kind == CheckpointKind.BREACH for point in passed):
        values["breached_at"] = running.breach_at
    mqls.change_clock(tx, running, **values)
    steps = enumerate(passed, start=running.step)
    fired = [(point, _write_down(tx, subject, running, index, point, now)) for index, point in steps]
    posting.refresh(tx, subject, fired[-1][1], now)
    spoken = [one for one in fired if one[0].kind != CheckpointKind.BREACH]
    if spoken:
        _announce(tx, subject, running.kind, spoken, now, _awake(agreed, now))
    for point, _ in spoken:
        if point.step is not None:
            _act(tx, subject, point.step, now)


def _end_pause(tx: sa.Connection, subject: Mql, now: datetime) -> None:
    """A pause that is over ends at its true time, however late that is noticed."""
    ends = [clock.next_check_at for clock in clocks.paused(tx, subject)]
    over = [end for end in ends if end is not None and end <= now]
    if over and clocks.resume(tx, subject, over[0]):
        event_id = mqls.log(tx, subject, EventType.RESUMED, over[0], now)
        posting.note(tx, subject, event_id, now)
        posting.refresh(tx, subject, event_id, now)


def _write_down(tx: sa.Connection, subject: Mql, running: Clock, step: int, point: Checkpoint, now: datetime) -> int:
    if point.kind == CheckpointKind.BREACH:
        return clocks.write_breach(tx, subject, running, now)
    kind = EventType.REMINDED if point.step is None else EventType.ESCALATED
    to = point.step.to if point.step else None
    data = {"clock": running.kind, "round": running.round, "step": step, "to": to, "hours": point.hours}
    return mqls.log(tx, subject, kind, point.at, now, before=subject.owner, data=data)


def _awake(agreed: Agreement, now: datetime) -> datetime:
    quiet = agreed.terms.quiet
    return quiet.over_at(now, agreed.calendar.timezone) if quiet else now


def _announce(
    tx: sa.Connection, subject: Mql, clock: ClockKind, fired: Sequence[Fired], now: datetime, not_before: datetime
) -> None:
    """Say the highest of what has fired to everyone whom a step on the way would have told, or the log would say so
    and nobody had heard."""
    response = clock == ClockKind.RESPONSE
    highest, event_id = fired[-1]
    if highest.step is None:
        kind = MessageKind.REMINDER if response else MessageKind.FEEDBACK_REMINDER
        posting.remind(tx, kind, [subject.owner] if subject.owner else [], subject, event_id, now, not_before)
        return
    steps = {point.step.to: point.step for point, _ in fired if point.step}
    roster = reps.roster(tx, subject.workspace_id)
    leaders = {leader.user_id: leader for to in steps for leader in team.level(roster, to, subject.owner)}
    kind = MessageKind.ESCALATION if response else MessageKind.FEEDBACK_OVERDUE
    posting.remind(tx, kind, leaders.values(), subject, event_id, now, not_before)
    posting.tell(tx, kind, [to for to in steps if team.is_channel(to)], subject, event_id, now)
    if "peers" in steps:
        mqls.update(tx, subject.workspace_id, subject.id, offered=True)
        peers = [peer for peer in team.peers(roster, subject.owner, now) if peer.user_id not in leaders]
        posting.remind(tx, MessageKind.OFFER, peers, subject, event_id, now, not_before)
    if highest.step.in_thread:
        posting.note(tx, subject, event_id, now)
    for point, own_event in fired:
        # A user group is called in the thread, each by the note of its own step.
        if point.step and team.is_user_group(point.step.to):
            posting.note(tx, subject, own_event, now)


def _act(tx: sa.Connection, seen: Mql, step: EscalationStep, now: datetime) -> None:
    """Give the MQL to somebody else, where the step says so and there is anybody."""
    subject = mqls.locked(tx, seen.workspace_id, seen.id)
    if subject is None or step.do == "tell":
        return
    if step.do == "reassign":
        assignment.move_on(tx, subject, now)
        return
    roster = reps.roster(tx, subject.workspace_id)
    taker = next(iter(team.level(roster, step.to, subject.owner)), None)
    if taker is not None and taker.user_id != subject.owner:
        assignment.hand_over(tx, subject, taker.user_id, now, reason=assignment.ESCALATED)
