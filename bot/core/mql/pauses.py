"""Pausing the clocks of an MQL: a rep for so many days as the policy allows, for longer with a leader's consent.

What the limit counts stands in `core.sla.pauses`. It is the owner's, for each clock: a new owner has it whole, and what
leaders are told names the days of all owners, so that handing an MQL on hides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.base import permissions, team
from bot.core.base.permissions import Permission
from bot.core.base.results import ActionResult, Done, Refusal, Refused, gone
from bot.core.base.wall_clock import day_in
from bot.core.messages import kinds, notifications, outgoing
from bot.core.mql import pause_end, refusals, response
from bot.core.sla import clocks, pauses, working_days
from bot.core.sla.checkpoints import Agreement
from bot.core.sla.own_hours import OwnHours, awake_of
from storage import members, mqls, workspaces
from storage.models import Clock, Event, Mql
from storage.vocabulary import ClockStanding, EventType

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Asked(Done):
    """Nothing is paused yet: the leaders were asked for their consent."""

    until: datetime


def pause(
    tx: sa.Connection,
    workspace_id: str,
    mql_id: int,
    by: str,
    until: datetime | date,
    reason: str,
    now: datetime,
) -> ActionResult:
    """Stop counting until a moment, or until work begins on a day, for a reason: the customer asked for a date, or data
    is missing. What exceeds the limit of the owner is asked of the leaders: `Asked`. A leader is told of every pause
    of an overdue MQL. A rep who pauses what has no owner takes it."""
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None:
        return Refused(Refusal.NOT_FOUND)
    if refused := response.refusal(tx, subject, by, now, Permission.PAUSE):
        return refused
    pause_end.end_if_over(tx, subject, now)
    if not clocks.running(tx, subject):
        return _nothing_runs(tx, subject)
    subject = response.taken(tx, subject, by, now)
    running = clocks.running(tx, subject)
    wish = _wish(tx, subject, running, until, reason, now)
    by_leader = permissions.may(members.get(tx, workspace_id, by), Permission.PAUSE_WITHOUT_LIMIT)
    if not by_leader and not _allowance(tx, subject, running, now).covers(wish.day):
        return Asked(subject, _ask(tx, subject, running, wish, by, now), wish.until)
    return Done(subject, _begin(tx, subject, running, wish, by, now, {pauses.BY_LEADER: True} if by_leader else {}))


def resume(tx: sa.Connection, workspace_id: str, mql_id: int, by: str, now: datetime) -> ActionResult:
    """Go on counting before the pause is over. A rep who does so with what has no owner takes it."""
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None:
        return Refused(Refusal.NOT_FOUND)
    if refused := response.refusal(tx, subject, by, now, Permission.RESUME):
        return refused
    pause_end.end_if_over(tx, subject, now)
    if clocks.paused(tx, subject):
        subject = response.taken(tx, subject, by, now)
    event_id = pause_end.end(tx, subject, now, now, by)
    return Refused(Refusal.NOT_PAUSED, number=subject.number) if event_id is None else Done(subject, event_id)


def holds_until(tx: sa.Connection, subject: Mql) -> datetime | None:
    """Return when the pause of an MQL ends; None where nothing is paused."""
    return max((clock.next_check_at for clock in clocks.paused(tx, subject) if clock.next_check_at), default=None)


def last_day(tx: sa.Connection, workspace_id: str, mql_id: int, by: str, now: datetime) -> date | None:
    """Return the last day until which somebody may pause without a leader's consent; today where they have no days
    left. None for leaders, whom nothing limits, and where no clock runs."""
    subject = mqls.get(tx, workspace_id, mql_id)
    running = pause_end.running(tx, subject, now) if subject else []
    if subject is None or not running:
        return None
    if permissions.may(members.get(tx, workspace_id, by), Permission.PAUSE_WITHOUT_LIMIT):
        return None
    return _allowance(tx, subject, running, now).last


def consent(tx: sa.Connection, workspace_id: str, request_id: int, by: str, now: datetime) -> ActionResult:
    """Pause as it was asked for. `request_id` is the event that asked."""
    request = _to_decide(tx, workspace_id, request_id, by, now)
    if isinstance(request, Refused):
        return request
    subject, asked = request
    pause_end.end_if_over(tx, subject, now)
    running, day = clocks.running(tx, subject), date.fromisoformat(asked.data[pauses.DAY])
    if not running:
        return _nothing_runs(tx, subject)
    if day <= day_in(_timezone(tx, running), now):
        return Refused(Refusal.CONSENT_OVER, number=subject.number)
    wish = _wish(tx, subject, running, day, asked.reason or "", now)
    event_id = _begin(tx, subject, running, wish, by, now, {pauses.BY_LEADER: True, pauses.REQUEST: asked.id})
    _say_decided(tx, subject, asked, event_id, now)
    return Done(subject, event_id)


def refuse(tx: sa.Connection, workspace_id: str, request_id: int, by: str, why: str, now: datetime) -> ActionResult:
    """Let the clock run on, and tell whoever asked why."""
    request = _to_decide(tx, workspace_id, request_id, by, now)
    if isinstance(request, Refused):
        return request
    subject, asked = request
    data = {pauses.REQUEST: asked.id}
    event_id = mqls.log(tx, subject, EventType.PAUSE_REFUSED, now, now, actor=by, reason=why, data=data)
    _say_decided(tx, subject, asked, event_id, now)
    notifications.update_card(tx, subject, event_id, now)
    return Done(subject, event_id)


def decision_of(history: Sequence[Event], request_id: int) -> Event | None:
    """Return the event by which a leader answered a request."""
    return next((event for event in history if event.data.get(pauses.REQUEST) == request_id), None)


@dataclass(frozen=True)
class _Wish:
    """A pause as it is asked for."""

    until: datetime
    day: date
    reason: str


def _wish(
    tx: sa.Connection, subject: Mql, running: list[Clock], until: datetime | date, reason: str, now: datetime
) -> _Wish:
    if isinstance(until, datetime):
        return _Wish(until, day_in(_timezone(tx, running), until), reason)
    workspace = workspaces.get(tx, subject.workspace_id)
    if workspace is None:
        raise LookupError(subject.workspace_id)
    return _Wish(_opening(tx, subject, running, until, workspace.digest_time, now), until, reason)


def _opening(
    tx: sa.Connection, subject: Mql, running: list[Clock], until: date, digest_time: str, now: datetime
) -> datetime:
    """Return when work begins on a day: by the owner's hours where the clock of the response runs on their calendar,
    else by the team's."""
    agreed = clocks.agreement_of(tx, running[0])
    opens = working_days.opening(agreed, until, digest_time)
    if not any(clock.legs for clock in running):
        return opens
    own = OwnHours.of(members.get(tx, subject.workspace_id, subject.owner or ""), agreed.calendar.timezone)
    # Where they live the day may have begun before it was chosen.
    own_opens = working_days.opening(own.agreement(agreed), until, digest_time)
    return own_opens if own_opens > now else opens


def _begin(
    tx: sa.Connection, subject: Mql, running: list[Clock], wish: _Wish, by: str, now: datetime, data: dict[str, Any]
) -> int:
    overdue = any(clock.standing(now) == ClockStanding.BREACHED for clock in running)
    so_far = _so_far(tx, subject, running, wish, now)
    clocks.pause(tx, subject, running, now, wish.until)
    data |= {pauses.DAY: wish.day.isoformat(), pauses.CLOCKS: [clock.kind for clock in running]} | so_far
    words = {"actor": by, "after": wish.until.isoformat(), "reason": wish.reason, "data": data}
    event_id = mqls.log(tx, subject, EventType.PAUSED, now, now, **words)
    if overdue and pauses.REQUEST not in data:
        roster = members.roster(tx, subject.workspace_id)
        leaders = [leader for leader in team.managers_of(roster, subject.owner) if leader.user_id != by]
        agreed = clocks.agreement_of(tx, running[0])
        pause_end.tell_awake(tx, kinds.PAUSED_OVERDUE(), leaders, subject, event_id, agreed, now)
    notifications.update_card(tx, subject, event_id, now)
    return event_id


def _ask(tx: sa.Connection, subject: Mql, running: list[Clock], wish: _Wish, by: str, now: datetime) -> int:
    agreed = clocks.agreement_of(tx, running[0])
    data = {pauses.DAY: wish.day.isoformat()} | _so_far(tx, subject, running, wish, now)
    words = {"actor": by, "after": wish.until.isoformat(), "reason": wish.reason, "data": data}
    event_id = mqls.log(tx, subject, EventType.PAUSE_ASKED, now, now, **words)
    where, content = subject.workspace_id, kinds.PAUSE_REQUEST()
    for leader in team.managers_of(members.roster(tx, subject.workspace_id), subject.owner):
        key = f"{content.kind.word}:{event_id}:{leader.user_id}"
        about: dict[str, Any] = {
            "mql_id": subject.id,
            "event_id": event_id,
            "not_before": awake_of(agreed, leader, now),
        }
        outgoing.add(tx, where, key, content, leader.user_id, now, **about)
    notifications.update_card(tx, subject, event_id, now)
    return event_id


def _so_far(tx: sa.Connection, subject: Mql, running: list[Clock], wish: _Wish, now: datetime) -> dict[str, int]:
    """Return how often and on how many days the MQL is paused by this pause and all before it, of all its owners."""
    timezone = _timezone(tx, running)
    known = pauses.read(mqls.history(tx, subject.workspace_id, subject.id), timezone)
    days = pauses.all_days(known, timezone) | pauses.days_between(day_in(timezone, now), wish.day)
    return {"pauses": len(known) + 1, "days": len(days)}


@dataclass(frozen=True)
class _Allowance:
    """What an owner may still pause alone, by the terms of each running clock."""

    today: date
    clocks: tuple[tuple[set[date], Agreement], ...]
    """For each the days that are taken, and the terms."""

    def covers(self, day: date) -> bool:
        """Return whether a pause from today until a day stays within every limit."""
        wanted = pauses.days_between(self.today, day)
        return all(agreed.count_days(taken | wanted) <= agreed.terms.pause_days for taken, agreed in self.clocks)

    @property
    def last(self) -> date:
        """The last day that is covered; today where none is."""
        day = self.today
        while self.covers(day + A_DAY):
            day += A_DAY
        return day


def _allowance(tx: sa.Connection, subject: Mql, running: list[Clock], now: datetime) -> _Allowance:
    timezone = _timezone(tx, running)
    known = pauses.read(mqls.history(tx, subject.workspace_id, subject.id), timezone)
    limits = [
        (pauses.taken(known, subject.owner, clock.kind, timezone), clocks.agreement_of(tx, clock)) for clock in running
    ]
    return _Allowance(day_in(timezone, now), tuple(limits))


def _to_decide(
    tx: sa.Connection, workspace_id: str, request_id: int, by: str, now: datetime
) -> tuple[Mql, Event] | Refused:
    """Return the MQL and the event that asked, for a leader who may answer it now; else why not."""
    asked = mqls.get_event(tx, workspace_id, request_id)
    subject = mqls.locked(tx, workspace_id, asked.mql_id) if asked else None
    if asked is None or subject is None or asked.type != EventType.PAUSE_ASKED:
        return Refused(Refusal.NOT_FOUND)
    if not permissions.may(members.get(tx, workspace_id, by), Permission.CONSENT):
        refusals.note(tx, subject, by, Permission.CONSENT, now)
        return Refused(Refusal.CONSENT_NOT_ALLOWED, number=subject.number)
    if refused := gone(subject):
        return refused
    history = mqls.history(tx, workspace_id, subject.id)
    waits = pauses.open_request(history)
    if waits is not None and waits.id == request_id:
        return subject, asked
    decided = decision_of(history, request_id)
    if decided is None:
        return Refused(Refusal.CONSENT_OVER, number=subject.number)
    return Refused(Refusal.CONSENT_DECIDED_ALREADY, team.name_of(tx, workspace_id, decided.actor), subject.number)


def _say_decided(tx: sa.Connection, subject: Mql, asked: Event, event_id: int, now: datetime) -> None:
    if asked.actor is not None:
        notifications.send_dm(tx, kinds.PAUSE_DECIDED(), [asked.actor], subject, event_id, now)


def _nothing_runs(tx: sa.Connection, subject: Mql) -> Refused:
    reason = Refusal.PAUSED_ALREADY if clocks.paused(tx, subject) else Refusal.NOTHING_RUNS
    return Refused(reason, number=subject.number)


def _timezone(tx: sa.Connection, running: list[Clock]) -> str:
    return clocks.agreement_of(tx, running[0]).calendar.timezone
