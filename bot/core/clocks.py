"""Starting, pausing, stopping and checking the two clocks of an MQL."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core import posting, team
from bot.core.calendar import Calendar
from bot.core.sla import Checkpoint, CheckpointKind, Count, Level, Policy, checkpoints, read_policy
from storage import mqls, policies, reps
from storage.models import Clock, Mql, PolicyVersion, Workspace
from storage.vocabulary import ClockKind, ClockState, EventType, MessageKind

EVENT_OF = {
    CheckpointKind.REMIND: EventType.REMINDED,
    CheckpointKind.BREACH: EventType.BREACHED,
    CheckpointKind.ESCALATE: EventType.ESCALATED,
}


def start(tx: sa.Connection, workspace: Workspace, subject: Mql, kind: ClockKind, now: datetime) -> None:
    """Start a clock on the workspace's current policy, which it keeps whatever the policy becomes."""
    version = policies.current(tx, workspace.id)
    if version is None:
        raise LookupError(f"workspace {workspace.id} has no policy")
    policy, calendar = _terms(version)
    points = checkpoints(policy, kind, Count(now), calendar)
    due = calendar.add(now, policy.target(kind))
    values = {"policy_id": version.id, "started_at": now, "due_at": due, "next_check_at": points[0].at}
    mqls.start_clock(tx, subject, kind, **values)


def stop(tx: sa.Connection, subject: Mql, kind: ClockKind, now: datetime) -> None:
    """Stop the clock unless it was stopped before: met before its deadline, met late from the deadline on (when the
    breach is written down, so that log and state agree)."""
    current = mqls.open_clock(tx, subject.workspace_id, subject.id, kind)
    if current is not None:
        _stop(tx, current, now)


def stop_if_acceptance_counts(tx: sa.Connection, subject: Mql, now: datetime) -> None:
    """Stop the response clock where acceptance is the response that its policy asks for."""
    current = mqls.open_clock(tx, subject.workspace_id, subject.id, ClockKind.RESPONSE)
    if current is not None and policy_of(tx, current)[0].response == "accepted":
        _stop(tx, current, now)


def _stop(tx: sa.Connection, current: Clock, now: datetime) -> None:
    # A paused clock is judged by the moment of its pause: its deadline waits.
    state = ClockState.MET if (current.paused_at or now) < current.due_at else ClockState.MET_LATE
    mqls.stop_clock(tx, current.id, state, now)


def pause(tx: sa.Connection, subject: Mql, now: datetime, until: datetime) -> list[ClockKind]:
    """Pause every running clock of an MQL until a moment; the time that is left is kept on the calendar. Returns
    which clocks that were."""
    running = [mqls.running_clock(tx, subject.workspace_id, subject.id, kind) for kind in ClockKind]
    return [clock.kind for clock in running if clock is not None and mqls.pause_clock(tx, clock, now, until)]


def resume(tx: sa.Connection, subject: Mql, at: datetime) -> list[ClockKind]:
    """Let every paused clock of an MQL run again from `at`. Returns which clocks that were."""
    paused = _paused(tx, subject)
    for clock in paused:
        _resume(tx, clock, at)
    return [clock.kind for clock in paused]


def is_paused(tx: sa.Connection, subject: Mql) -> bool:
    """Whether a clock of the MQL is paused."""
    return bool(_paused(tx, subject))


def _paused(tx: sa.Connection, subject: Mql) -> list[Clock]:
    found = mqls.clocks(tx, subject.workspace_id, [subject.id])
    return [clock for clock in found if clock.state == ClockState.PAUSED]


def _resume(tx: sa.Connection, clock: Clock, at: datetime) -> None:
    policy, calendar = policy_of(tx, clock)
    counted = _count(clock).counted + calendar.open_between(clock.counted_from, clock.paused_at or at)
    count = Count(at, counted)
    points = checkpoints(policy, clock.kind, count, calendar)
    target = policy.target(clock.kind)
    # A deadline that had passed before the pause stays where it was.
    due_at = count.moment(target, calendar) if counted < target else clock.due_at
    next_check_at = points[clock.step].at if clock.step < len(points) else None
    counted_us = counted // timedelta(microseconds=1)
    values = {"counted_from": at, "counted_us": counted_us, "due_at": due_at, "next_check_at": next_check_at}
    mqls.resume_clock(tx, clock, **values)


def _count(clock: Clock) -> Count:
    return Count(clock.counted_from, timedelta(microseconds=clock.counted_us))


def policy_of(tx: sa.Connection, clock: Clock) -> tuple[Policy, Calendar]:
    """The policy version that a clock is pinned to, and its calendar."""
    return _terms(policies.version(tx, clock.workspace_id, clock.policy_id))


def calendars_of(tx: sa.Connection, counted: Iterable[Clock]) -> dict[int, Calendar]:
    """The calendars of many clocks by policy id, each read once: most clocks of a week share one policy."""
    one_each = {clock.policy_id: clock for clock in counted}
    return {policy_id: policy_of(tx, clock)[1] for policy_id, clock in one_each.items()}


def check(tx: sa.Connection, seen: Clock, now: datetime) -> int:
    """Fire the checkpoints of one clock that have come; returns how many.

    Every one is written down at its true time, but after a long silence only the highest is announced, to everyone
    concerned: nobody wants yesterday's reminder beside today's escalation. Zero where somebody answered, or another
    worker was here first.
    """
    subject = mqls.locked(tx, seen.workspace_id, seen.mql_id)
    if subject is not None and seen.state == ClockState.PAUSED:
        _end_pause(tx, subject, now)
    running = mqls.running_clock(tx, seen.workspace_id, seen.mql_id, seen.kind)
    if subject is None or running is None or running.step != seen.step:
        return 0
    policy, calendar = policy_of(tx, running)
    points = checkpoints(policy, running.kind, _count(running), calendar)
    passed = [point for point in points[running.step :] if point.at <= now]
    step = running.step + len(passed)
    mqls.advance_clock(tx, running, step, points[step].at if step < len(points) else None)
    events = [_write_down(tx, subject, running.kind, point, now) for point in passed]
    spoken = [(p, e) for p, e in zip(passed, events, strict=True) if p.kind != CheckpointKind.BREACH]
    if spoken:
        # To everyone whom a step on the way would have told, or the log would say so and nobody had heard.
        levels = {point.to for point, _ in spoken if point.to}
        _announce(tx, subject, running, *spoken[-1], levels, now, _awake(policy, calendar, now))
    if passed:
        posting.refresh(tx, subject, events[-1], now)
    return len(passed)


def _end_pause(tx: sa.Connection, subject: Mql, now: datetime) -> None:
    """A pause that is over ends at its true time, however late that is noticed."""
    ends = [clock.next_check_at for clock in _paused(tx, subject)]
    over = [end for end in ends if end is not None and end <= now]
    if over and resume(tx, subject, over[0]):
        event_id = mqls.log(tx, subject, EventType.RESUMED, over[0], now)
        posting.note(tx, subject, event_id, now)
        posting.refresh(tx, subject, event_id, now)


def _write_down(tx: sa.Connection, subject: Mql, kind: ClockKind, point: Checkpoint, now: datetime) -> int:
    data = {"clock": kind, "to": point.to, "hours": point.hours}
    return mqls.log(tx, subject, EVENT_OF[point.kind], point.at, now, before=subject.owner, data=data)


def _awake(policy: Policy, calendar: Calendar, now: datetime) -> datetime:
    return policy.quiet.over_at(now, calendar.timezone) if policy.quiet else now


def _announce(
    tx: sa.Connection,
    subject: Mql,
    running: Clock,
    point: Checkpoint,
    event_id: int,
    levels: set[Level],
    now: datetime,
    not_before: datetime,
) -> None:
    response = running.kind == ClockKind.RESPONSE
    if point.kind == CheckpointKind.REMIND:
        kind = MessageKind.REMINDER if response else MessageKind.FEEDBACK_REMINDER
        posting.remind(tx, kind, [subject.owner] if subject.owner else [], subject, event_id, now, not_before)
        return
    roster = reps.roster(tx, subject.workspace_id)
    leaders = [leader for to in sorted(levels) for leader in team.level(roster, to, subject.owner)]
    kind = MessageKind.ESCALATION if response else MessageKind.FEEDBACK_OVERDUE
    posting.remind(tx, kind, leaders, subject, event_id, now, not_before)
    if point.in_thread:
        posting.note(tx, subject, event_id, now)


def _terms(version: PolicyVersion) -> tuple[Policy, Calendar]:
    policy = read_policy(version.body)
    return policy, Calendar(policy.calendar, version.timezone)
