"""What is wrong with the bot or its workspace for longer than a moment. Reads only.

Each kind has a rule for when it begins and one for when it is over. They are not each other's opposite: between the
two nothing is said, so that a value that hovers about its limit is told once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from bot.core.base import team
from bot.core.crm import budget
from bot.core.health import intake_silence
from bot.core.health.machine import Machine
from bot.core.messages import kinds
from bot.core.sla import clocks
from bot.core.sla.calendar import Calendar
from storage import arrivals, crm_connections, crm_links, heartbeats, members, mqls, outbound, trouble, undelivered
from storage.models import Alert, CrmConnection, Member, Workspace
from storage.vocabulary import AlertKind, Role, Source, Status

# A new version is started in less; nobody is woken for that.
TICKS_LIMIT = timedelta(minutes=3)
TICKS_AGAIN = timedelta(minutes=1)
# A few hundred messages to one Slack channel take some minutes by Slack's own pace.
OUTBOX_LIMIT = timedelta(minutes=15)
OUTBOX_AGAIN = timedelta(minutes=5)
# What everybody's absence may cost an MQL in open time before an admin should know.
AWAY_LIMIT = timedelta(hours=4)
# A receiver that is being updated is back sooner.
WEBHOOK_LIMIT = timedelta(hours=1)
# Slack and the tools refuse and are refused from five minutes on.
CLOCK_LIMIT = timedelta(minutes=2)
CLOCK_AGAIN = timedelta(minutes=1)
# A login page of a network is passed in less; nobody is woken for that.
NOT_SLACK_LIMIT = timedelta(minutes=3)
# Of several processes not each meets the stranger: none that does not ends in between what another one tells.
NOT_SLACK_STANDS = timedelta(minutes=15)
# Who was away when the clock was set may still read it.
CLOCK_MOVED_SHOWN = timedelta(hours=1)
NUMBERS_SHOWN = 10
# Nothing mends these but a person.
CRM_FORM_FAULTS = {"no_property", "no_option"}
"""Refusals that last until somebody changes the mapping, or the CRM's form."""
CRM_CREDENTIALS = ("revoked", "denied", "no_key")
# A CRM that is being maintained is back sooner.
CRM_AWAY_LIMIT = timedelta(hours=1)
CRM_EXPIRY_TOLD = timedelta(days=7)


@dataclass(frozen=True)
class Condition:
    """Something that an admin should know. `data` holds ids, numbers and moments; words are made when it is sent."""

    kind: AlertKind
    subject: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    heard: frozenset[str] = frozenset()
    """User ids of those who have been told the same by a message of its own."""


@dataclass(frozen=True)
class ConditionContext:
    """What the rules look at."""

    tx: sa.Connection
    workspace: Workspace
    now: datetime
    watching_since: datetime
    """From when on somebody has been looking without a gap: what went wrong while nobody looked may be mended by the
    next tick."""
    arrivals_too: bool = True
    """Whether to ask for the arrivals, which are many rows."""
    machine: Machine = field(default_factory=Machine)
    """What the process that looks sees of its machine."""

    @cached_property
    def roster(self) -> list[Member]:
        """Every member."""
        return members.roster(self.tx, self.workspace.id)

    @cached_property
    def calendar(self) -> Calendar | None:
        """What counts as open time for new MQLs; None while there is no policy."""
        agreed = clocks.current_agreement(self.tx, self.workspace.id)
        return agreed.calendar if agreed else None

    @cached_property
    def arrivals(self) -> dict[Source, list[datetime]]:
        """When leads came in, by the ways on which none has come lately: busy ones have many and are not silent."""
        lately = arrivals.since(self.tx, self.workspace.id, self.now - intake_silence.SHORTEST)
        return arrivals.since(self.tx, self.workspace.id, self.now - intake_silence.HISTORY, besides=lately)


@dataclass(frozen=True)
class Rule:
    """When a condition is there, and when an alert of it is over."""

    begins: Callable[[ConditionContext], Iterator[Condition]]
    over: Callable[[ConditionContext, Alert], bool]


def _last_tick(context: ConditionContext) -> datetime | None:
    """Return when anybody last ticked; what lies ahead is a wrong clock's and proves nothing."""
    until = context.now + heartbeats.FUTURE
    newest = heartbeats.newest(context.tx, context.workspace.id, until)
    return newest.ticked_at if newest is not None and newest.ticked_at <= until else None


def _ticks_stopped(context: ConditionContext) -> Iterator[Condition]:
    since = _last_tick(context)
    if context.now - max(since or context.watching_since, context.watching_since) > TICKS_LIMIT:
        yield Condition(AlertKind.TICKS_STOPPED, data={"since": since.isoformat() if since else None})


def _ticks_again(context: ConditionContext, _: Alert) -> bool:
    newest = _last_tick(context)
    return newest is not None and context.now - newest < TICKS_AGAIN


def _outbox_stuck(context: ConditionContext) -> Iterator[Condition]:
    if context.now - context.watching_since <= OUTBOX_LIMIT:
        return
    count, since = _late(context, OUTBOX_LIMIT)
    if since is not None:
        yield Condition(AlertKind.OUTBOX_STUCK, data={"count": count, "since": since.isoformat()})


def _outbox_moves(context: ConditionContext, __: Alert) -> bool:
    count, _ = _late(context, OUTBOX_AGAIN)
    return count == 0


def _late(context: ConditionContext, by: timedelta) -> tuple[int, datetime | None]:
    """Return what waits for too long, alerts left out: one that does not get out is no reason for another."""
    return undelivered.waiting(context.tx, context.workspace.id, context.now - by, besides=kinds.ALERTS)


def _refused(context: ConditionContext) -> Iterator[Condition]:
    """By error and Slack channel; people are taken together, so that an error that meets everybody is told once."""
    by_subject: dict[str, dict[str, Any]] = {}
    for error, target, count in undelivered.by_error(context.tx, context.workspace.id, besides=kinds.ONCE):
        channel = target if target.startswith(("C", "G")) else ""
        data = by_subject.setdefault(f"{error} {channel}".strip(), {"error": error, "target": channel, "count": 0})
        data["count"] += count
    for subject, data in by_subject.items():
        yield Condition(AlertKind.MESSAGES_REFUSED, subject, data)


def _taken_again(context: ConditionContext, alert: Alert) -> bool:
    # `mql-bot resend` queues them again; whether Slack takes them then is not known before they are settled.
    if undelivered.on_its_way(context.tx, context.workspace.id, context.now, created_until=alert.opened_at):
        return False
    return all(condition.subject != alert.subject for condition in _refused(context))


def _owner_deactivated(context: ConditionContext) -> Iterator[Condition]:
    for member in context.roster:
        if member.deactivated and (numbers := _open_numbers(context, member.user_id)):
            # Their managers got a message about each of these when the account was closed.
            heard = frozenset(leader.user_id for leader in team.managers_of(context.roster, member.user_id))
            data = {"user": member.user_id, "count": len(numbers), "numbers": numbers[:NUMBERS_SHOWN]}
            yield Condition(AlertKind.OWNER_DEACTIVATED, member.user_id, data, heard)


def _owner_settled(context: ConditionContext, alert: Alert) -> bool:
    back = any(member.user_id == alert.subject and not member.deactivated for member in context.roster)
    return back or not _open_numbers(context, alert.subject)


def _no_admin(context: ConditionContext) -> Iterator[Condition]:
    """Every admin's account was closed in Slack: nothing can keep that from happening, and who leads is told."""
    admins = [member.user_id for member in context.roster if member.has(Role.ADMIN)]
    if admins and not team.reachable(context.roster, Role.ADMIN):
        yield Condition(AlertKind.NO_ADMIN, data={"users": admins})


def _an_admin(context: ConditionContext, _: Alert) -> bool:
    return bool(team.reachable(context.roster, Role.ADMIN))


def _open_numbers(context: ConditionContext, user: str) -> list[int]:
    return [subject.number for subject in mqls.open_of(context.tx, context.workspace.id, user)]


def _nobody_available(context: ConditionContext) -> Iterator[Condition]:
    """No rep can be given an MQL, and none will be for a good part of the day: that all are away overnight, or for
    the afternoon's meeting, is no news."""
    back = _first_back(context)
    long = back is None or (context.calendar and context.calendar.open_between(context.now, back) > AWAY_LIMIT)
    if long:
        # Who leads has been told of each MQL that found nobody.
        unassigned = mqls.with_status(context.tx, context.workspace.id, Status.UNASSIGNED)
        heard = (
            frozenset(leader.user_id for leader in team.managers_of(context.roster, None))
            if unassigned
            else frozenset()
        )
        data = {"back": back.isoformat() if back else None}
        yield Condition(AlertKind.NOBODY_AVAILABLE, data=data, heard=heard)


def _somebody_available(context: ConditionContext, _: Alert) -> bool:
    back = _first_back(context)
    return back is not None and back <= context.now


def _first_back(context: ConditionContext) -> datetime | None:
    """Return when the first rep can be given MQLs: now, at the end of an absence, or (None) never by itself."""
    there = [member for member in context.roster if team.is_rep(member) and not member.deactivated]
    return min((max(member.away_until or context.now, context.now) for member in there), default=None)


def _intake_silent(context: ConditionContext) -> Iterator[Condition]:
    if not context.arrivals_too or context.calendar is None:
        return
    for source, times in context.arrivals.items():
        if silence := intake_silence.unusual(times, context.calendar, context.now):
            seconds = {"lasted": silence.lasted.total_seconds(), "longest": silence.longest.total_seconds()}
            data = {"source": source, "since": silence.since.isoformat(), **seconds}
            yield Condition(AlertKind.INTAKE_SILENT, source, data)


def _intake_again(context: ConditionContext, alert: Alert) -> bool:
    came = arrivals.since(context.tx, context.workspace.id, alert.opened_at)
    return Source(alert.subject) in came


def _webhook_refused(context: ConditionContext) -> Iterator[Condition]:
    given_up, why = outbound.dead(context.tx, context.workspace.id)
    waiting, newest = outbound.failing(context.tx, context.workspace.id, context.now - WEBHOOK_LIMIT)
    if given_up or waiting:
        yield Condition(AlertKind.WEBHOOK_REFUSED, data={"count": given_up + waiting, "error": why or newest})


def _webhook_taken(context: ConditionContext, alert: Alert) -> bool:
    given_up, _ = outbound.dead(context.tx, context.workspace.id)
    return not given_up and not outbound.on_its_way(context.tx, context.workspace.id, alert.opened_at)


def _clock_moved(context: ConditionContext) -> Iterator[Condition]:
    if context.machine.moved is not None:
        # Each way by itself: a clock that is put right again is told as well.
        way = "ahead" if context.machine.moved > timedelta(0) else "back"
        yield Condition(AlertKind.CLOCK_MOVED, way, data={"seconds": _minutes(context.machine.moved)})


def _minutes(span: timedelta) -> int:
    """Return the seconds of whole minutes: neither look is taken at the very moment."""
    return 60 * round(span.total_seconds() / 60)


def _clock_stays(context: ConditionContext, alert: Alert) -> bool:
    # One that was opened while the clock was ahead would stand until it is as late again.
    since = context.now - alert.opened_at
    return context.machine.moved is None and not -heartbeats.FUTURE <= since <= CLOCK_MOVED_SHOWN


def _clock_wrong(context: ConditionContext) -> Iterator[Condition]:
    error = context.machine.clock_error
    if error is not None and abs(error) > CLOCK_LIMIT:
        yield Condition(AlertKind.CLOCK_WRONG, data={"seconds": _minutes(error)})


def _clock_right(context: ConditionContext, _: Alert) -> bool:
    error = context.machine.clock_error
    return error is not None and abs(error) < CLOCK_AGAIN


def _disk_low(context: ConditionContext) -> Iterator[Condition]:
    if context.machine.free is not None and context.machine.free < trouble.LOW:
        yield Condition(AlertKind.DISK_LOW, data={"megabytes": context.machine.free // 1_000_000})


def _disk_has_room(context: ConditionContext, _: Alert) -> bool:
    return context.machine.free is not None and context.machine.free > trouble.FREE_AGAIN


def _not_slack(context: ConditionContext) -> Iterator[Condition]:
    lasting = context.machine.not_slack
    if lasting is not None and lasting > NOT_SLACK_LIMIT:
        yield Condition(AlertKind.NOT_SLACK, data={"since": (context.now - lasting).isoformat()})


def _slack_alone(context: ConditionContext, alert: Alert) -> bool:
    return context.machine.not_slack is None and context.now - alert.opened_at >= NOT_SLACK_STANDS


def _another_bot(_: ConditionContext) -> Iterator[Condition]:
    """Begin nothing: it is seen, and told, at the start of a process (`another_bot`)."""
    return iter(())


def _said_anew(context: ConditionContext, alert: Alert) -> bool:
    return not undelivered.on_its_way(context.tx, context.workspace.id, context.now, created_until=alert.opened_at)


def _crm_refused(context: ConditionContext) -> Iterator[Condition]:
    """Tell of credentials that a CRM does not take at once, of one that is out of reach after a while."""
    for connection in crm_connections.active(context.tx, context.workspace.id):
        since = connection.failing_since
        if since is None:
            continue
        at_once = connection.failure in CRM_CREDENTIALS
        if at_once or context.now - since > CRM_AWAY_LIMIT:
            code = connection.failure if at_once else "away"
            data = {"crm": connection.kind, "code": code, "since": since.isoformat()}
            yield Condition(AlertKind.CRM_REFUSED, connection.kind, data)


def _crm_works(context: ConditionContext, alert: Alert) -> bool:
    connections = crm_connections.active(context.tx, context.workspace.id)
    return all(connection.kind != alert.subject or connection.failure is None for connection in connections)


def _crm_expires(context: ConditionContext) -> Iterator[Condition]:
    for connection in crm_connections.active(context.tx, context.workspace.id):
        ends = connection.expires_at
        if ends is not None and ends - context.now <= CRM_EXPIRY_TOLD:
            data = {"crm": connection.kind, "ends": ends.isoformat()}
            yield Condition(AlertKind.CRM_EXPIRES, connection.kind, data)


def _crm_renewed(context: ConditionContext, alert: Alert) -> bool:
    return all(condition.subject != alert.subject for condition in _crm_expires(context))


def _crm_vanished(context: ConditionContext) -> Iterator[Condition]:
    for connection in crm_connections.active(context.tx, context.workspace.id):
        for entry in connection.vanished:
            urls = [_record_address(connection, record) for record in entry["records"]]
            data = {**entry, "crm": connection.kind, "crm_count": entry["crm"], "urls": urls}
            yield Condition(AlertKind.CRM_VANISHED, f"{connection.kind} {entry['day']}", data)


def _record_address(connection: CrmConnection, record: str) -> str:
    """Return the web address of a record; of one that an app holds by its number."""
    return connection.record_url.replace("{id}", quote(record.rpartition("/")[2], safe=""))


def _crm_counted_anew(context: ConditionContext, alert: Alert) -> bool:
    return all(condition.subject != alert.subject for condition in _crm_vanished(context))


def _crm_field(context: ConditionContext) -> Iterator[Condition]:
    """Tell of a property that a CRM has no more, and of options that it does not take: a write was refused for it."""
    for connection in crm_connections.active(context.tx, context.workspace.id):
        for (which, code), count in crm_links.problems(context.tx, connection).items():
            if code in CRM_FORM_FAULTS:
                name = connection.mapping["fields"].get(which, {}).get("name", "")
                data = {"crm": connection.kind, "field": which, "property": name, "code": code, "count": count}
                yield Condition(AlertKind.CRM_FIELD, f"{connection.kind} {which} {code}", data)


def _crm_field_taken(context: ConditionContext, alert: Alert) -> bool:
    return all(condition.subject != alert.subject for condition in _crm_field(context))


def _crm_lacks(context: ConditionContext) -> Iterator[Condition]:
    """Tell of permissions that a connection that works does not have."""
    for connection in crm_connections.active(context.tx, context.workspace.id):
        for lack in connection.lacks:
            yield Condition(AlertKind.CRM_LACKS, f"{connection.kind} {lack}", {"crm": connection.kind, "lack": lack})


def _crm_allowed(context: ConditionContext, alert: Alert) -> bool:
    return all(condition.subject != alert.subject for condition in _crm_lacks(context))


def _crm_budget(context: ConditionContext) -> Iterator[Condition]:
    """Tell of a CRM that is asked less often until midnight UTC, so that the calls of the day last."""
    today = context.now.date().isoformat()
    for connection in crm_connections.active(context.tx, context.workspace.id):
        limit = connection.daily_calls
        if connection.calls_on == today and limit is not None and budget.is_short(connection.calls, limit):
            data = {"crm": connection.kind, "count": connection.calls, "limit": limit}
            yield Condition(AlertKind.CRM_BUDGET, f"{connection.kind} {today}", data)


def _crm_new_day(context: ConditionContext, alert: Alert) -> bool:
    return all(condition.subject != alert.subject for condition in _crm_budget(context))


def _crm_changed(context: ConditionContext) -> Iterator[Condition]:
    """Tell of what was changed in a CRM that its mapping rests on."""
    for connection in crm_connections.active(context.tx, context.workspace.id):
        for entry in connection.drift:
            # A database's index takes no long text, and a CRM may have hundreds of new names in a day.
            names = hashlib.sha256("\n".join(entry["names"]).encode()).hexdigest()[:16]
            subject = f"{connection.kind} {entry['word']} {entry['field']} {names}"
            yield Condition(AlertKind.CRM_CHANGED, subject, {**entry, "crm": connection.kind})


def _crm_mapped_anew(context: ConditionContext, alert: Alert) -> bool:
    return all(condition.subject != alert.subject for condition in _crm_changed(context))


RULES = {
    AlertKind.TICKS_STOPPED: Rule(_ticks_stopped, _ticks_again),
    AlertKind.OUTBOX_STUCK: Rule(_outbox_stuck, _outbox_moves),
    AlertKind.MESSAGES_REFUSED: Rule(_refused, _taken_again),
    AlertKind.OWNER_DEACTIVATED: Rule(_owner_deactivated, _owner_settled),
    AlertKind.NO_ADMIN: Rule(_no_admin, _an_admin),
    AlertKind.NOBODY_AVAILABLE: Rule(_nobody_available, _somebody_available),
    AlertKind.INTAKE_SILENT: Rule(_intake_silent, _intake_again),
    AlertKind.WEBHOOK_REFUSED: Rule(_webhook_refused, _webhook_taken),
    AlertKind.CLOCK_MOVED: Rule(_clock_moved, _clock_stays),
    AlertKind.CLOCK_WRONG: Rule(_clock_wrong, _clock_right),
    AlertKind.DISK_LOW: Rule(_disk_low, _disk_has_room),
    AlertKind.NOT_SLACK: Rule(_not_slack, _slack_alone),
    AlertKind.ANOTHER_BOT: Rule(_another_bot, _said_anew),
    AlertKind.CRM_REFUSED: Rule(_crm_refused, _crm_works),
    AlertKind.CRM_EXPIRES: Rule(_crm_expires, _crm_renewed),
    AlertKind.CRM_VANISHED: Rule(_crm_vanished, _crm_counted_anew),
    AlertKind.CRM_FIELD: Rule(_crm_field, _crm_field_taken),
    AlertKind.CRM_LACKS: Rule(_crm_lacks, _crm_allowed),
    AlertKind.CRM_BUDGET: Rule(_crm_budget, _crm_new_day),
    AlertKind.CRM_CHANGED: Rule(_crm_changed, _crm_mapped_anew),
}
