"""Starting, pausing, restarting and stopping the two clocks of an MQL."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, cast

import sqlalchemy as sa

from bot.core.sla import pauses
from bot.core.sla.calendar import Calendar
from bot.core.sla.checkpoints import Agreement, CheckpointKind, Count, Timetable, timetable_of, timetable_of_runs
from bot.core.sla.holidays import Pinned
from bot.core.sla.own_hours import OwnHours
from bot.core.sla.owner_calendar import Legs, leg, relay
from bot.core.sla.policy import Policy, read_policy
from storage import members, mqls, policies
from storage.models import Clock, Mql, PolicyVersion, Workspace
from storage.policies import PolicyText
from storage.reports import Ran
from storage.vocabulary import ClockKind, ClockState, EventType

A_MICROSECOND = timedelta(microseconds=1)
_BEGINS = {
    ClockKind.RESPONSE: (EventType.RECEIVED,),
    ClockKind.FEEDBACK: (EventType.ACCEPTED, EventType.REOPENED),
}


def start(
    tx: sa.Connection,
    workspace: Workspace,
    subject: Mql,
    kind: ClockKind,
    now: datetime,
    known: PolicyText | None = None,
) -> str | None:
    """Start a clock on the workspace's current policy, in the tier of the MQL as it is now, and return that tier. The
    clock keeps both whatever the policy or the MQL becomes. `known`: a version that was read already, most often the
    same."""
    values = _beginning(tx, workspace, subject, kind, now, known)
    mqls.start_clock(tx, subject, kind, **values)
    return cast("str | None", values["tier"])


def outlook(
    tx: sa.Connection, workspace: Workspace, subject: Mql, owner: str | None, now: datetime
) -> tuple[str | None, datetime]:
    """Return in which tier the response clock of an MQL would start now, and when it would be due with an owner.
    Nothing is started."""
    values = _beginning(tx, workspace, subject, ClockKind.RESPONSE, now, None)
    tier: str | None = values["tier"]
    agreed = agreement_under(tx, workspace.id, Pin(values["policy_id"], tier, ""))
    if owner is None or agreed.terms.response_calendar != "owner":
        return tier, values["due_at"]
    own = OwnHours.of(members.get(tx, workspace.id, owner), agreed.calendar.timezone)
    pinned = Pin.of(values["policy_id"], tier, [leg(own, now)])
    return tier, timetable_of(agreement_under(tx, workspace.id, pinned), ClockKind.RESPONSE, Count(now)).due_at


def pass_over(tx: sa.Connection, subject: Mql, kind: ClockKind, now: datetime) -> None:
    """Pass over the reminders of a clock that came before anybody could be reminded. A breach is written down at its
    true time, while nobody has the MQL; its escalation is for the next tick to tell."""
    current = mqls.running_clock(tx, subject.workspace_id, subject.id, kind)
    if current is None or current.next_check_at is None or current.next_check_at > now:
        return
    timetable = timetable_of(agreement_of(tx, current), kind, count_of(current))
    over = sum(point.at <= now and point.kind == CheckpointKind.REMIND for point in timetable.points)
    values = {"step": over} | missed_breach(tx, subject, current, now, now)
    following = next_check(timetable, values["step"])
    # What is told late has not waited for a tick since its true time: a monitor asks for how long anything has.
    mqls.change_clock(tx, current, **values, next_check_at=max(following, now) if following else None)


def start_feedback(
    tx: sa.Connection,
    workspace: Workspace,
    subject: Mql,
    at: datetime,
    now: datetime,
    known: PolicyText | None,
    *,
    paused: bool,
) -> dict[str, Any]:
    """Start the feedback clock at an acceptance, whose true time `at` may lie before now. It stands still in every
    pause since then; where one holds (`paused`), until its end. Returns what the event of the acceptance says of them,
    from which `runs` reads them."""
    start(tx, workspace, subject, ClockKind.FEEDBACK, at, known)
    if at >= now and not paused:
        return {}
    met = pauses.met(pauses.read(mqls.history(tx, workspace.id, subject.id), workspace.timezone), at, now)
    clock = mqls.open_clock(tx, workspace.id, subject.id, ClockKind.FEEDBACK)
    if met.ran and clock is not None:
        mqls.change_clock(tx, clock, **_having_met(tx, clock, met))
    return met.to_json()


def _having_met(tx: sa.Connection, clock: Clock, met: pauses.Met) -> dict[str, Any]:
    last_start, last_end = met.ran[-1]
    before, counted_from = (met.ran[:-1], last_start) if met.since is None else (met.ran, met.since)
    count, timetable = timetable_of_runs(agreement_of(tx, clock), clock.kind, before, counted_from)
    values = {"counted_from": counted_from, "counted_us": count.counted // A_MICROSECOND} | deadlines(timetable)
    if met.since is None:
        return values | {"state": ClockState.PAUSED, "paused_at": last_end, "next_check_at": met.until}
    return values | {"next_check_at": timetable.points[0].at}


def start_again(tx: sa.Connection, workspace: Workspace, subject: Mql, kind: ClockKind, now: datetime) -> None:
    """Start a stopped clock from the beginning, as if it were the first: on the policy of today, and without what it
    has breached before, of which the log tells."""
    (stopped,) = [clock for clock in mqls.clocks(tx, workspace.id, [subject.id]) if clock.kind == kind]
    values = _beginning(tx, workspace, subject, kind, now)
    values |= {"state": ClockState.RUNNING, "stopped_at": None, "breached_at": None, "round": stopped.round + 1}
    values |= {"step": 0, "round_from": now, "counted_from": now, "counted_us": 0, "moved_at": None}
    mqls.change_clock(tx, stopped, **values)


def _beginning(
    tx: sa.Connection,
    workspace: Workspace,
    subject: Mql,
    kind: ClockKind,
    now: datetime,
    known: PolicyText | None = None,
) -> dict[str, Any]:
    if workspace.policy_id is None:
        raise LookupError(f"workspace {workspace.id} has no policy")
    version = known
    if version is None or version.id != workspace.policy_id:
        version = policies.text(tx, workspace.id, workspace.policy_id)
    tier = read(version).tier_of(subject)
    timetable = timetable_of(agreement(version, tier), kind, Count(now))
    values = {"policy_id": version.id, "tier": tier, "started_at": now, "next_check_at": timetable.points[0].at}
    return values | deadlines(timetable)


def stop(tx: sa.Connection, subject: Mql, kind: ClockKind, at: datetime, now: datetime) -> None:
    """Stop the clock unless it was stopped before: met before its deadline and grace were over, else met late."""
    current = mqls.open_clock(tx, subject.workspace_id, subject.id, kind)
    if current is not None:
        _stop(tx, subject, current, at, now)


def stop_if_acceptance_counts(
    tx: sa.Connection, subject: Mql, waiting: tuple[Clock, PolicyText], at: datetime, now: datetime
) -> None:
    """Stop the open response clock, given with its policy version, where acceptance is the response that the policy
    asks for."""
    current, version = waiting
    if agreement(version, current.tier).terms.response == "accepted":
        _stop(tx, subject, current, at, now)


def _stop(tx: sa.Connection, subject: Mql, current: Clock, at: datetime, now: datetime) -> None:
    # A paused clock is judged by the moment of its pause: its deadline waits. What the CRM tells may be older than the
    # lead; and a new owner's time may have begun before the lead came in, where the machine's clock was set back.
    judged = max(at, min(current.started_at, current.round_from))
    judged = min(current.paused_at or judged, judged)
    at = max(at, current.started_at)
    breached_at = missed_breach(tx, subject, current, judged, now).get("breached_at", current.breached_at)
    # What somebody reports as done before the breach was no breach; one that a former owner let happen stays one.
    if breached_at and at < breached_at:
        breached_at = None
    state = ClockState.MET_LATE if breached_at else ClockState.MET
    _close(tx, current, state, at, breached_at)


def cancel(tx: sa.Connection, subject: Mql, now: datetime) -> None:
    """Stop every clock of an MQL that is withdrawn. Neither met nor late: no figure counts it."""
    for kind in ClockKind:
        current = mqls.open_clock(tx, subject.workspace_id, subject.id, kind)
        if current is not None:
            _close(tx, current, ClockState.CANCELLED, now, current.breached_at)


def _close(tx: sa.Connection, current: Clock, state: ClockState, at: datetime, breached_at: datetime | None) -> None:
    values: dict[str, Any] = {"state": state, "stopped_at": at, "next_check_at": None, "paused_at": None}
    mqls.change_clock(tx, current, breached_at=breached_at, **values)


def missed_breach(tx: sa.Connection, subject: Mql, current: Clock, judged: datetime, now: datetime) -> dict[str, Any]:
    """Write a breach down that no sweep has seen, and return what it changes in the clock: whoever answers, pauses,
    restarts or moves a clock between two ticks does not undo what has happened."""
    if judged < current.breach_at:
        return {}
    reminders = timetable_of(agreement_of(tx, current), current.kind, count_of(current)).reminders
    if current.step > reminders:
        return {}
    write_breach(tx, subject, current, current.breach_at, now)
    return {"step": reminders + 1, "breached_at": current.breached_at or current.breach_at}


def pass_breach(tx: sa.Connection, subject: Mql, current: Clock, now: datetime) -> bool:
    """Write the breach of a running clock down that no sweep has seen. Says whether there was one. Its escalation is
    for the next tick to tell."""
    if current.state != ClockState.RUNNING:
        return False
    missed = missed_breach(tx, subject, current, now, now)
    if not missed:
        return False
    following = next_check(timetable_of(agreement_of(tx, current), current.kind, count_of(current)), missed["step"])
    return mqls.change_clock(tx, current, **missed, next_check_at=following)


def pass_breach_before_pause(tx: sa.Connection, subject: Mql, now: datetime) -> None:
    """Write the breach of a feedback clock down that had passed its deadline before the pause in which it stands: of an
    acceptance that is told late, when nobody had a clock to look at. The escalation waits for the end of the pause."""
    clock = mqls.open_clock(tx, subject.workspace_id, subject.id, ClockKind.FEEDBACK)
    if clock is not None and clock.paused_at is not None:
        missed = missed_breach(tx, subject, clock, clock.paused_at, now)
        if missed:
            mqls.change_clock(tx, clock, **missed)


def write_breach(tx: sa.Connection, subject: Mql, current: Clock, at: datetime, now: datetime) -> None:
    """Log that a deadline passed at `at`."""
    breached = entry(subject, EventType.BREACHED, at, now, breach_data(current))
    mqls.log_all(tx, [breached], {subject.id: subject.number})


def breach_data(clock: Clock) -> dict[str, Any]:
    """Return what the event of a breach says of the clock: under which version and on whose calendars it passed,
    wherever it moves later."""
    pinned = {"clock": clock.kind, "round": clock.round, "policy": clock.policy_id, "tier": clock.tier}
    return pinned | ({"legs": clock.legs} if clock.legs else {})


def entry(
    subject: Mql | mqls.Held, kind: EventType, at: datetime, now: datetime, data: dict[str, Any]
) -> dict[str, Any]:
    """Return what a clock did at `at`, for `mqls.log_all`. Its `before` is the owner of that moment."""
    values = {"type": kind, "at": at, "recorded_at": now, "before": subject.owner, "data": data}
    return {"workspace_id": subject.workspace_id, "mql_id": subject.id, **values}


def pause(tx: sa.Connection, subject: Mql, running: Iterable[Clock], now: datetime, until: datetime) -> None:
    """Pause the running clocks of an MQL until a moment; the time that is left is kept on the calendar. A clock that
    release 0.1.0 left paused while the other one ran waits until then, too: an MQL has one pause."""
    values = {"state": ClockState.PAUSED, "paused_at": now, "next_check_at": until}
    for clock in paused(tx, subject):
        mqls.change_clock(tx, clock, next_check_at=until)
    for clock in running:
        mqls.change_clock(tx, clock, **missed_breach(tx, subject, clock, now, now), **values)


def resume(tx: sa.Connection, waiting: Iterable[Clock], at: datetime) -> None:
    """Let paused clocks run again from `at`."""
    for clock in waiting:
        mqls.change_clock(tx, clock, **_resumed(tx, clock, at))


def as_resumed(tx: sa.Connection, clock: Clock, at: datetime) -> Clock:
    """Return a paused clock as it is once it runs again from `at`, without writing it."""
    return clock.model_copy(update=_resumed(tx, clock, at))


def running(tx: sa.Connection, subject: Mql) -> list[Clock]:
    """Return the running clocks of an MQL."""
    return _in_state(tx, subject, ClockState.RUNNING)


def paused(tx: sa.Connection, subject: Mql) -> list[Clock]:
    """Return the paused clocks of an MQL."""
    return _in_state(tx, subject, ClockState.PAUSED)


def _in_state(tx: sa.Connection, subject: Mql, state: ClockState) -> list[Clock]:
    return [clock for clock in mqls.clocks(tx, subject.workspace_id, [subject.id]) if clock.state == state]


def _resumed(tx: sa.Connection, clock: Clock, at: datetime) -> dict[str, Any]:
    agreed = agreement_of(tx, clock)
    ran = [*runs(tx, clock), (clock.counted_from, clock.paused_at or at)]
    count, timetable = timetable_of_runs(agreed, clock.kind, ran, at)
    values = {"counted_from": at, "counted_us": count.counted // A_MICROSECOND, "paused_at": None}
    values |= deadlines(timetable)
    # What had come before the pause and was not told is due at once.
    waits = next_check(timetable, clock.step)
    return {"state": ClockState.RUNNING, "next_check_at": waits, **values}


def runs(tx: sa.Connection, clock: Clock) -> list[tuple[datetime, datetime]]:
    """Return the stretches in which a clock has run since its round began, except the one that began last. In the order
    of the log: the machine's clock may have been set back meanwhile."""
    if clock.counted_from == clock.round_from:
        return []
    stretches: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    for event in mqls.history(tx, clock.workspace_id, clock.mql_id):
        restarts = clock.kind == ClockKind.RESPONSE and event.data.get("restarted")
        if event.type in _BEGINS[clock.kind]:
            stretches, since = pauses.begun(event)
        elif restarts and since is not None:
            stretches, since = [], event.at
        elif restarts:
            stretches = []
        elif event.type == EventType.PAUSED and since is not None:
            stretches, since = [*stretches, (since, event.at)], None
        elif event.type == EventType.RESUMED and since is None:
            since = event.at
    return stretches[:-1] if clock.paused_at else stretches


def restart(tx: sa.Connection, subject: Mql, now: datetime) -> bool:
    """Give a new owner the whole time again, where the policy says so and has not given it as often as it may.

    A breach that has happened stays on record, also one that no sweep has seen yet. `subject` has its former owner.
    """
    current = mqls.open_clock(tx, subject.workspace_id, subject.id, ClockKind.RESPONSE)
    if current is None or not mqls.had_owner(tx, subject.workspace_id, subject.id):
        return False
    agreed = agreement_of(tx, current)
    if agreed.terms.on_reassign != "restart":
        return False
    if mqls.restarts(tx, subject.workspace_id, subject.id) >= agreed.terms.restart_times:
        return False
    since = current.paused_at or now
    timetable = timetable_of(agreed, current.kind, Count(since))
    values = missed_breach(tx, subject, current, since, now)
    values |= {"round": current.round + 1, "step": 0, "round_from": since, "counted_from": since, "counted_us": 0}
    waits = current.next_check_at if current.paused_at else timetable.points[0].at
    return mqls.change_clock(tx, current, next_check_at=waits, **values, **deadlines(timetable))


def follow_owner(tx: sa.Connection, subject: Mql, owner: str | None, now: datetime) -> None:
    """Let the response clock run on the calendar of the owner that an MQL gets now, or of the team where it has none,
    where the policy says so: what it has counted stays counted, and its deadlines move. A breach that has happened
    stays on record, also one that no sweep has seen yet. `subject` has its former owner."""
    current = mqls.open_clock(tx, subject.workspace_id, subject.id, ClockKind.RESPONSE)
    if current is None:
        return
    agreed = agreement_of(tx, current)
    if agreed.terms.response_calendar != "owner":
        return
    member = members.get(tx, subject.workspace_id, owner) if owner else None
    own = OwnHours.of(member, agreed.calendar.timezone)
    missed = missed_breach(tx, subject, current, current.paused_at or now, now)
    # Those that lie ahead began before the machine's clock was set back.
    begun = [known for known in current.legs or [] if datetime.fromisoformat(known["since"]) <= now]
    moved = current.model_copy(update={"legs": [*begun, leg(own, now)], **missed})
    values = missed | {"legs": moved.legs}
    if current.paused_at is None:
        # With the true moments of what came before a pause: a deadline that has passed stays where it was.
        ran = runs(tx, current)
        _, timetable = timetable_of_runs(agreement_of(tx, moved), current.kind, ran, current.counted_from)
        values |= {"next_check_at": next_check(timetable, moved.step), **deadlines(timetable)}
    mqls.change_clock(tx, current, **values)


def deadlines(timetable: Timetable) -> dict[str, Any]:
    """Return the columns that a timetable fills."""
    return {"soon_at": timetable.soon_at, "due_at": timetable.due_at, "breach_at": timetable.breach_at}


def next_check(timetable: Timetable, step: int) -> datetime | None:
    """Return when the checkpoint with this index is due; None where none is left."""
    return timetable.points[step].at if step < len(timetable.points) else None


def count_of(clock: Clock) -> Count:
    """Return what a running clock has counted."""
    return Count(clock.counted_from, timedelta(microseconds=clock.counted_us))


def agreement_of(tx: sa.Connection, clock: Clock | Ran) -> Agreement:
    """Return the terms and the calendar that a clock is pinned to."""
    return agreement_under(tx, clock.workspace_id, pin(clock))


class Pin(NamedTuple):
    """To what a clock is pinned."""

    policy_id: int
    tier: str | None
    legs: str
    """On whose calendars it runs since when, as JSON; empty: on the team's."""

    @classmethod
    def of(cls, policy_id: int, tier: str | None, legs: Legs | None) -> Pin:
        """Return the pin of a policy version, a tier of it and the legs of a clock."""
        return cls(policy_id, tier, json.dumps(legs, sort_keys=True) if legs else "")


def pin(clock: Clock | Ran) -> Pin:
    """Return to what a clock is pinned: the key of `agreements_of`."""
    return Pin.of(clock.policy_id, clock.tier, clock.legs)


def agreement_under(tx: sa.Connection, workspace_id: str, pinned: Pin) -> Agreement:
    """Return what is agreed by a pin. Raises LookupError where there is no such policy version."""
    return agreement(policies.text(tx, workspace_id, pinned.policy_id), pinned.tier, pinned.legs)


def agreements_of(tx: sa.Connection, counted: Iterable[Clock | Ran]) -> dict[Pin, Agreement]:
    """Return the agreements of many clocks by their pin, each read once: most clocks of a week share a policy."""
    one_each = {pin(clock): clock for clock in counted}
    return {key: agreement_of(tx, clock) for key, clock in one_each.items()}


def read(version: PolicyVersion | PolicyText) -> Policy:
    """Return a policy version as the policy that it is. Kept in memory, because every acceptance asks."""
    return _read(_text(version.body))


def agreement(version: PolicyVersion | PolicyText, tier: str | None, legs: str = "") -> Agreement:
    """Return what a policy version says for a tier; None: for MQLs outside of any. `legs`: as a pin has them."""
    return _agreement(_text(version.body), version.timezone, _text(version.holidays), tier, legs)


def current_agreement(tx: sa.Connection, workspace_id: str) -> Agreement | None:
    """Return what a workspace's present policy says outside of any tier; None while it has no policy."""
    version = policies.current(tx, workspace_id)
    return agreement(version, None) if version else None


def require_agreement(tx: sa.Connection, workspace_id: str) -> Agreement:
    """Return what a workspace's present policy says outside of any tier. Raises LookupError while it has no policy."""
    agreed = current_agreement(tx, workspace_id)
    if agreed is None:
        raise LookupError(f"workspace {workspace_id} has no policy")
    return agreed


def _text(stored: Any) -> str:
    return stored if isinstance(stored, str) else json.dumps(stored, sort_keys=True, ensure_ascii=False)


@lru_cache(maxsize=256)
def _read(body: str) -> Policy:
    return read_policy(json.loads(body))


@lru_cache(maxsize=1024)
def _agreement(body: str, timezone: str, holidays: str, tier: str | None, legs: str) -> Agreement:
    terms = _read(body).terms(tier)
    pins = json.loads(holidays)
    code = terms.calendar.holidays
    pinned = Pinned.read(pins[code]) if code in pins else None
    team = Calendar(terms.calendar, timezone, pinned)
    return Agreement(terms, relay(team, json.loads(legs)) if legs else team)
