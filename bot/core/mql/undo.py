"""Undoing what one tap has just done: for UNDO_WITHIN, once, by whoever did it, and while nobody has gone on from it.

An act notes what it is about to change (`begin`) and, once it is done, that it can be undone (`offer`). Undoing puts
the MQL, its clocks, its turns and its answer back to what they were, and its events stay in the log as undone (ADR 44).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel.sql.sqltypes import UTCDateTime

from bot.core.base import permissions, team
from bot.core.base.permissions import Permission
from bot.core.base.results import ActionResult, Done, Refusal, Refused
from bot.core.messages import notifications, outgoing
from bot.core.mql import identity, marketing_updates, pause_end
from bot.core.routing import assignment
from bot.core.sla import clocks
from storage import members, mqls, next_touches, standings, undos, workspaces
from storage.models import CLOSED, Clock, Event, Mql, Undo, mql
from storage.models import clock as clock_table
from storage.standings import Standing
from storage.vocabulary import ClockKind, EventType

UNDO_WITHIN = timedelta(minutes=10)
_COLUMNS = (
    *("status", "owner", "offered", "accepted_at", "contacted_at", "contact_evidence", "disposed_at"),
    *("deal_result", "deal_result_at", "amount", "ask_at", "ask_why", "disputed_at"),
)
_CLOCK_COLUMNS = tuple(
    column.name
    for column in clock_table.c
    if column.name not in ("id", "workspace_id", "mql_id", "kind", "policy_id", "tier")
)


@dataclass(frozen=True)
class Before:
    """What an act may change, as it was before."""

    subject: Mql
    standing: Standing
    stored: dict[str, Any]


def begin(
    tx: sa.Connection, subject: Mql, by: str, now: datetime, standing: Standing | None = None, *, turns: bool = False
) -> Before:
    """Return how an MQL stands that the caller holds and `by` is about to change; `standing`: where the caller has read
    it already; `turns`: its turns may change, too, and the caller holds the workspace. What has come by now without the
    act is written down first, so that undoing the act undoes nothing else: the end of a pause, a deadline that passed
    since the last tick."""
    standing = standing or standings.of(tx, subject, by)
    if pause_end.over_at(standing.clocks, now) and pause_end.end_if_over(tx, subject, now):
        standing = standings.of(tx, subject, by)
    if any([clocks.pass_breach(tx, subject, clock, now) for clock in standing.clocks]):
        standing = standings.of(tx, subject, by)
    if outgoing.only_counted(tx):
        return Before(subject, standing, {})
    stored = {
        "mql": _stored({name: getattr(subject, name) for name in _COLUMNS}),
        "clocks": {
            clock.kind.value: _stored({n: getattr(clock, n) for n in _CLOCK_COLUMNS}) for clock in standing.clocks
        },
        "turns": _turns(tx, subject) if turns else None,
    }
    return Before(subject, standing, stored)


def offer(tx: sa.Connection, before: Before, event_id: int, by: str, now: datetime) -> None:
    """Let an act be undone that is done now; `event_id`: its last event. Asked before the messages are edited, which
    show the button."""
    if outgoing.only_counted(tx):
        return
    words = {"by": by, "after_id": before.standing.last_event_id, "event_id": event_id, "until": now + UNDO_WITHIN}
    undos.add(tx, before.subject, before=before.stored, **words)


def undo(tx: sa.Connection, workspace_id: str, undo_id: int, by: str, now: datetime) -> ActionResult:
    """Put everything back to what it was before an act. Refused to everybody but who acted, after UNDO_WITHIN, a second
    time, and where somebody has gone on from it or the lead has come back as another MQL."""
    workspaces.locked(tx, workspace_id)
    act = undos.get(tx, workspace_id, undo_id)
    subject = mqls.locked(tx, workspace_id, act.mql_id) if act else None
    if act is None or subject is None:
        return Refused(Refusal.UNDO_OVER)
    if refused := _refusal(tx, act, subject, by, now):
        return refused
    undone = undos.events_of(tx, act)
    _put_back(tx, act, subject, undone, now)
    was = act.before["mql"]
    words = {"actor": by, "before": subject.status, "after": was["status"]}
    data = {"events": [event.id for event in undone], "was": undone[-1].type}
    event_id = mqls.log(tx, subject, EventType.UNDO, now, now, data=data, **words)
    notifications.update_card(tx, subject, event_id, now)
    for event in undone:
        marketing_updates.take_back(tx, workspace_id, event, now)
    return Done(subject, event_id)


def end(tx: sa.Connection, act: Undo, now: datetime) -> int:
    """Take away the button of an act that can no longer be undone. Returns how many acts that were."""
    subject = mqls.locked(tx, act.workspace_id, act.mql_id)
    shown = undos.offered(tx, act.workspace_id, [act.mql_id]).get(act.mql_id)
    if not undos.remove(tx, act):
        return 0
    if subject is not None and shown is not None and shown.id == act.id:
        notifications.refresh_buttons(tx, subject, f"{act.event_id}:undo_over", now)
    return 1


def end_before_move(
    tx: sa.Connection, workspace_id: str, moved: Collection[Clock], policy_id: int, now: datetime
) -> None:
    """End every act that, undone, would bring back a clock as it was before all open MQLs were moved to a policy.
    `moved`: the clocks that ran. One that the act has stopped did not run, and would run on under what no longer holds
    for any other."""
    acts = undos.standing(tx, workspace_id)
    changed = {(clock.mql_id, clock.kind) for clock in moved}
    known = mqls.clocks(tx, workspace_id, {act.mql_id for act in acts}) if acts else []
    changed |= {(clock.mql_id, clock.kind) for clock in known if clock.policy_id != policy_id}
    for act in acts:
        revived = [kind for kind, was in act.before["clocks"].items() if was["stopped_at"] is None]
        if any((act.mql_id, kind) in changed for kind in revived):
            end(tx, act, now)


def _refusal(tx: sa.Connection, act: Undo, subject: Mql, by: str, now: datetime) -> Refused | None:
    if not permissions.may(members.get(tx, act.workspace_id, by), Permission.UNDO, whose=act.by):
        return Refused(Refusal.UNDO_NOT_YOURS, team.name_of(tx, act.workspace_id, act.by), subject.number)
    if now >= act.until:
        return Refused(Refusal.UNDO_OVER, number=subject.number)
    if act.undone_at is not None:
        return Refused(Refusal.UNDONE_ALREADY, number=subject.number)
    since = undos.first_since(tx, act)
    if since is not None and since.actor not in (None, by):
        return Refused(Refusal.UNDO_OVERTAKEN, team.name_of(tx, act.workspace_id, since.actor), subject.number)
    if since is not None:
        return Refused(Refusal.UNDO_CHANGED, number=subject.number)
    back = identity.back_as(tx, subject) if subject.status in CLOSED else None
    if back is not None:
        return Refused(Refusal.LEAD_IS_BACK, number=back.number)
    return None if undos.settle(tx, act, now) else Refused(Refusal.UNDONE_ALREADY, number=subject.number)


def _put_back(tx: sa.Connection, act: Undo, subject: Mql, undone: Iterable[Event], now: datetime) -> None:
    mqls.update(tx, act.workspace_id, act.mql_id, **_read(mql, act.before["mql"]))
    for clock in mqls.clocks(tx, act.workspace_id, [act.mql_id]):
        _put_clock_back(tx, clock, act.before["clocks"].get(clock.kind.value))
    if subject.owner != act.before["mql"]["owner"]:
        clocks.follow_owner(tx, subject, act.before["mql"]["owner"], now)
    if act.before["turns"] is not None:
        _put_turns_back(tx, subject, act.before["turns"], now)
    for event in undone:
        if "feedback" in event.data:
            undos.delete_feedback(tx, act.workspace_id, event.data["feedback"])
        undos.mark_undone(tx, event)
    next_touches.reopen(tx, act, act.until - UNDO_WITHIN)


def _put_clock_back(tx: sa.Connection, clock: Clock, was: dict[str, Any] | None) -> None:
    """Put a clock back, where the act started, stopped or restarted it; whatever the tick has done to one that runs on
    stays."""
    if was is None:
        undos.delete_clock(tx, clock)
        return
    values = _read(clock_table, was)
    if (clock.stopped_at, clock.round) != (values["stopped_at"], values["round"]):
        undos.put_clock_back(tx, clock.workspace_id, clock.mql_id, ClockKind(clock.kind), values)


def _turns(tx: sa.Connection, subject: Mql) -> dict[str, bool]:
    return {str(made.id): made.turn for made in mqls.decisions(tx, subject.workspace_id, subject.id) if made.by_turn}


def _put_turns_back(tx: sa.Connection, subject: Mql, were: dict[str, bool], now: datetime) -> None:
    for decision in mqls.decisions(tx, subject.workspace_id, subject.id):
        counted = were.get(str(decision.id))
        if counted is not None and counted != decision.turn:
            assignment.post(tx, decision, 1 if counted else -1, now)


def _stored(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _read(table: sa.Table, stored: dict[str, Any]) -> dict[str, Any]:
    moments = {name for name in stored if isinstance(table.c[name].type, UTCDateTime)}
    return {
        name: datetime.fromisoformat(value) if name in moments and value is not None else value
        for name, value in stored.items()
    }
