"""What a clock sets off when its checkpoints come: reminders, the breach, and the steps of the escalation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.base import team
from bot.core.messages import kinds, notifications, outgoing
from bot.core.messages.gathering import Gathering
from bot.core.messages.kinds import Content
from bot.core.messages.notifications import HeldBack
from bot.core.messages.outgoing import Row
from bot.core.mql import pause_end
from bot.core.routing import assignment, candidates, lapses
from bot.core.sla import clocks
from bot.core.sla.checkpoints import AN_HOUR, Agreement, Checkpoint, CheckpointKind, checkpoints, timetable_of_runs
from bot.core.sla.policy import EscalationStep, Terms
from storage import members, mqls, workspaces
from storage.models import Clock, Member, Mql
from storage.vocabulary import ClockKind, ClockState, EventType


@dataclass(frozen=True)
class _Firing:
    """The checkpoints of one clock that have come, and when the next one will."""

    subject: Mql | mqls.Held
    clock: Clock
    agreed: Agreement
    passed: Sequence[Checkpoint]
    next_check_at: datetime | None

    @property
    def visible(self) -> bool:
        """Whether what people see of the MQL changes: a reminder alone changes nothing."""
        return any(point.kind != CheckpointKind.REMIND for point in self.passed)

    @property
    def lapsed(self) -> bool:
        """Whether the response deadline has passed."""
        response = self.clock.kind == ClockKind.RESPONSE
        return response and any(point.kind == CheckpointKind.BREACH for point in self.passed)

    def act(self, read_at: datetime | None = None) -> EscalationStep | None:
        """Return the step that gives the MQL to somebody else: after a long silence the last of several, for nobody
        shall get it only to lose it in the same instant. With `read_at` none that came before the lead was read:
        nobody had let it lie."""
        passed = [point for point in reversed(self.passed) if read_at is None or point.at > read_at]
        return next((point.step for point in passed if point.step is not None and point.step.do != "tell"), None)

    def changes(self) -> dict[str, Any]:
        """Return the clock after it."""
        breached_at = self.clock.breached_at
        if breached_at is None and any(point.kind == CheckpointKind.BREACH for point in self.passed):
            breached_at = self.clock.breach_at
        step = self.clock.step + len(self.passed)
        values = {"new_step": step, "new_next_check_at": self.next_check_at, "new_breached_at": breached_at}
        return {"clock_id": self.clock.id, **values}

    def entries(self, roster: Sequence[Member], now: datetime) -> Iterator[dict[str, Any]]:
        """Yield the events, each at its moment."""
        for index, point in enumerate(self.passed, start=self.clock.step):
            data = _told(self.clock, self.agreed.terms, index, point)
            if point.kind == CheckpointKind.REMIND:
                data |= _reminds(roster, self.subject, now)
            yield clocks.entry(self.subject, _EVENTS[point.kind], self._moment(point, now), now, data)

    def _moment(self, point: Checkpoint, now: datetime) -> datetime:
        """Return the true time of a checkpoint; none before the clock was moved to the policy that makes it due, and
        of an escalation none before the end of the last pause: its week may be over by then, and has not heard of it.
        Both may lie ahead of a machine's clock that was set back."""
        known = [self.clock.moved_at or point.at]
        if point.kind == CheckpointKind.ESCALATE:
            known.append(self.clock.counted_from)
        return max(point.at, min(max(known), now))


_EVENTS = {
    CheckpointKind.REMIND: EventType.REMINDED,
    CheckpointKind.BREACH: EventType.BREACHED,
    CheckpointKind.ESCALATE: EventType.ESCALATED,
}


def _reminds(roster: Sequence[Member], subject: Mql | mqls.Held, now: datetime) -> dict[str, Any]:
    """Return who is reminded where it is not the owner: whoever covers for them, or (`away`) nobody."""
    asked = team.responder(roster, subject, now)
    if subject.owner is None or (asked is not None and asked.user_id == subject.owner):
        return {}
    return {"away": True} if asked is None else {"cover": asked.user_id}


def _told(clock: Clock, terms: Terms, index: int, point: Checkpoint) -> dict[str, Any]:
    data: dict[str, Any] = {"clock": clock.kind, "round": clock.round, "step": index}
    if point.kind == CheckpointKind.BREACH:
        return clocks.breach_data(clock) | data
    if point.step is None:
        return data
    return data | {"to": point.step.to, "hours": point.hours, "limit": terms.target(clock.kind) / AN_HOUR}


def sweep(tx: sa.Connection, now: datetime, most: int) -> tuple[int, list[Clock]]:
    """Fire the checkpoints that have come of up to `most` clocks, in a few statements for all of them. Returns how many
    were fired, and the clocks that need a transaction of their own, with `check`: a pause that is over, a step that
    gives the MQL to somebody else."""
    firings, aside = [], []
    due = mqls.hold_due(tx, now, most)
    agreements = clocks.agreements_of(tx, [clock for clock, _ in due])
    for clock, subject in due:
        agreed = agreements[clocks.pin(clock)]
        firing = _firing(tx, agreed, clock, subject, now) if clock.state == ClockState.RUNNING else None
        if firing is None or not firing.passed or firing.act() is not None:
            aside.append(clock)
        else:
            firings.append(firing)
    _fire(tx, firings, now)
    return sum(len(firing.passed) for firing in firings), aside


def check(tx: sa.Connection, seen: Clock, now: datetime) -> int:
    """Fire the checkpoints of one clock that have come; returns how many. Zero where somebody answered, or another
    worker was here first."""
    if any(step.do == "reassign" for step in clocks.agreement_of(tx, seen).terms.steps(seen.kind)):
        # A turn may be taken: the workspace is locked before the MQL, as everywhere.
        workspaces.locked(tx, seen.workspace_id)
    subject = mqls.locked(tx, seen.workspace_id, seen.mql_id)
    if subject is not None and seen.state == ClockState.PAUSED:
        pause_end.end_if_over(tx, subject, now)
    running = mqls.running_clock(tx, seen.workspace_id, seen.mql_id, seen.kind)
    if subject is None or running is None or (running.round, running.step) != (seen.round, seen.step):
        return 0
    firing = _firing(tx, clocks.agreement_of(tx, running), running, subject, now)
    if not firing.passed:
        # It was looked at too early, and is looked at again when there is something to see, not at every tick.
        mqls.change_clocks(tx, [firing.changes()])
        return 0
    _fire(tx, [firing], now)
    step = firing.act(subject.read_at)
    if step is not None:
        _act(tx, subject, step, now)
    return len(firing.passed)


def _firing(tx: sa.Connection, agreed: Agreement, running: Clock, subject: Mql | mqls.Held, now: datetime) -> _Firing:
    passed, following = _passed(checkpoints(agreed, running.kind, clocks.count_of(running), running.step), now)
    first = passed[0].at if passed else following
    if running.counted_us and first is not None and first <= running.counted_from:
        # It came before the last pause, and nobody was there to see it. Or the clock runs again from a moment that is
        # still to come, because the machine's clock was set back since.
        _, timetable = timetable_of_runs(agreed, running.kind, clocks.runs(tx, running), running.counted_from)
        passed, following = _passed(timetable.points[running.step :], now)
    return _Firing(subject, running, agreed, passed, following)


def _passed(points: Iterable[Checkpoint], now: datetime) -> tuple[list[Checkpoint], datetime | None]:
    """Return those checkpoints that have come, and when the next one will; None where none is left."""
    passed: list[Checkpoint] = []
    for point in points:
        if point.at > now:
            return passed, point.at
        passed.append(point)
    return passed, None


def _fire(tx: sa.Connection, firings: Sequence[_Firing], now: datetime) -> None:
    """Every checkpoint is written down at its true time, but after a long silence only the highest of a clock is
    announced, to everyone concerned: nobody wants yesterday's reminder beside today's escalation."""
    for workspace_id in sorted({firing.subject.workspace_id for firing in firings}):
        mine = [firing for firing in firings if firing.subject.workspace_id == workspace_id]
        mqls.change_clocks(tx, [firing.changes() for firing in mine])
        roster = members.roster(tx, workspace_id)
        entries = [entry for firing in mine for entry in firing.entries(roster, now)]
        numbers = {firing.subject.id: firing.subject.number for firing in mine}
        written = iter(mqls.log_all(tx, entries, numbers))
        logged = [(firing, [next(written) for _ in firing.passed]) for firing in mine]
        changed = {firing.subject.id: ids[-1] for firing, ids in logged if firing.visible}
        notifications.refresh_messages_of_all(tx, workspace_id, changed, now)
        gathering = Gathering(tx, workspace_id, now)
        messages = [message for firing, ids in logged for message in _announce(tx, firing, ids, roster, gathering, now)]
        notifications.hold_all(tx, gathering.held, now)
        outgoing.add_all(tx, messages)
        lapses.note(tx, workspace_id, [firing.clock for firing in mine if firing.lapsed], now)
        notifications.post_thread_notes(
            tx, workspace_id, dict(pair for firing, ids in logged for pair in _noted(firing, ids)), now
        )


def _spoken(firing: _Firing, events: Sequence[int]) -> list[tuple[Checkpoint, int]]:
    """Return what somebody is to hear of; the breach itself is only written down."""
    paired = zip(firing.passed, events, strict=True)
    return [(point, event_id) for point, event_id in paired if point.kind != CheckpointKind.BREACH]


def _announce(
    tx: sa.Connection,
    firing: _Firing,
    events: Sequence[int],
    roster: Sequence[Member],
    gathering: Gathering,
    now: datetime,
) -> Iterator[Row]:
    """Yield the highest of what has fired, for everyone whom a step on the way would have told, or the log would say
    so and nobody had heard."""
    spoken = _spoken(firing, events)
    if not spoken:
        return
    subject, response = firing.subject, firing.clock.kind == ClockKind.RESPONSE
    highest, event_id = spoken[-1]
    if highest.step is None:
        reminder = kinds.REMINDER if response else kinds.FEEDBACK_REMINDER
        asked = team.responder(roster, subject, now)
        yield from _to_people(tx, reminder(), [asked] if asked else [], firing, event_id, gathering, now)
        return
    targets = list(dict.fromkeys(point.step.to for point, _ in spoken if point.step))
    escalated = kinds.ESCALATION if response else kinds.FEEDBACK_OVERDUE
    reached: set[str] = set()
    for to in targets:
        people = [member for member in team.level(roster, to, subject.owner) if member.user_id not in reached]
        reached |= {member.user_id for member in people}
        yield from _to_people(tx, escalated(to=to), people, firing, event_id, gathering, now)
    for to in filter(team.is_channel, targets):
        yield from _gathered(
            notifications.direct_messages(escalated(to=to), [to], subject, event_id, now), gathering, now
        )
    if "peers" in targets:
        mqls.update(tx, subject.workspace_id, subject.id, offered=True)
        peers = [peer for peer in team.peers(roster, subject.owner, now) if peer.user_id not in reached]
        yield from _to_people(tx, kinds.OFFER(), peers, firing, event_id, gathering, now)


def _to_people(
    tx: sa.Connection,
    content: Content,
    people: Iterable[Member | str],
    firing: _Firing,
    event_id: int,
    gathering: Gathering,
    now: datetime,
) -> Iterator[Row]:
    """Nobody has asked for these: in the quiet hours of each they are held back instead, and what comes within moments
    is told together. The log keeps the true time. A kind that is muted is no part of a list: it is dropped by
    itself."""
    if outgoing.silent(tx):
        return
    for person in people:
        awake = gathering.awake(clocks.pin(firing.clock), firing.agreed, person)
        if awake > now and content.kind.word not in gathering.muted:
            held = HeldBack(content, notifications.user_of(person), firing.subject, event_id, awake)
            gathering.held.append(held)
            continue
        yield from _gathered(
            notifications.direct_messages(content, [person], firing.subject, event_id, now), gathering, now
        )


def _gathered(messages: Iterable[Row], gathering: Gathering, now: datetime) -> Iterator[Row]:
    """Let messages wait for what follows within moments, to people and Slack channels alike."""
    for message in messages:
        due_at = gathering.until(message["target"]) or now
        yield message | {"due_at": due_at, "next_attempt_at": due_at}


def _noted(firing: _Firing, events: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(event, MQL) for what the card's thread is told: the highest where its step says so, and every step that calls a
    user group, which can be called nowhere else."""
    spoken = _spoken(firing, events)
    for point, event_id in spoken:
        highest = event_id == spoken[-1][1]
        if point.step and (team.is_user_group(point.step.to) or (highest and point.step.in_thread)):
            yield event_id, firing.subject.id


def _act(tx: sa.Connection, seen: Mql, step: EscalationStep, now: datetime) -> None:
    """Give the MQL to somebody else, where there is anybody."""
    subject = mqls.locked(tx, seen.workspace_id, seen.id)
    if subject is None:
        return
    if step.do == "reassign":
        assignment.move_on(tx, subject, now)
        return
    roster = members.roster(tx, subject.workspace_id)
    taker = next(iter(team.level(roster, step.to, subject.owner)), None)
    if taker is not None and taker.user_id != subject.owner:
        assignment.hand_over(tx, subject, taker.user_id, now, reason=candidates.ESCALATED)
