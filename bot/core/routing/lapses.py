"""Reps who let response deadlines pass in a row: leaders are asked whether their turns should be paused.

Nothing is paused in silence: a leader agrees with one press, the rep hears of it, and either ends it with one press.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from bot.core.base import audit, permissions, team
from bot.core.base.audit import Author
from bot.core.base.permissions import LEADERS, Permission
from bot.core.base.results import Refusal, Refused
from bot.core.messages import kinds, notifications, outgoing
from bot.core.routing import tables
from bot.core.sla import clocks
from bot.core.sla.breaches import breaches, charged_to
from bot.core.sla.time_breakdown import break_down
from storage import absences, members, mqls, workspaces
from storage.models import Clock, Member
from storage.vocabulary import AuditKind, ClockKind


def note(tx: sa.Connection, workspace_id: str, passed: Sequence[Clock], now: datetime) -> None:
    """Count the deadlines of some response clocks that have just passed, and are in the log, each against the owner
    whose it is (ADR 27), if anybody's. At the number that the team file names, those who lead that owner are asked."""
    most = tables.current(tx, workspace_id).pause_after
    if most is None or not passed:
        return
    owners = [_whose(tx, clock) for clock in passed]
    roster = members.roster(tx, workspace_id)
    for member in roster:
        had = owners.count(member.user_id)
        if not had:
            continue
        members.update(tx, workspace_id, member.user_id, lapses=member.lapses + had)
        if member.lapses < most <= member.lapses + had and member.turns_paused_at is None:
            _ask(tx, member, member.lapses + had, roster, now)


def _whose(tx: sa.Connection, clock: Clock) -> str | None:
    log = mqls.history(tx, clock.workspace_id, clock.mql_id)
    breach = breaches(log, clock)[-1]
    agreed = clocks.agreement_of(tx, clock)
    away = absences.since(tx, clock.workspace_id, breach.since)
    until_deadline = break_down(log, away, {}, agreed, breach.since, breach.at)
    return charged_to(until_deadline, agreed.terms.target(ClockKind.RESPONSE))


def answered(tx: sa.Connection, workspace_id: str, user_id: str) -> None:
    """Begin to count anew: somebody has answered an MQL."""
    members.forget_lapses(tx, workspace_id, user_id)


def pause(tx: sa.Connection, workspace_id: str, member_id: int, by: str, now: datetime) -> Refused | None:
    """Give somebody no new MQLs until they or a leader end it, and tell them."""
    rep = _led(tx, workspace_id, member_id, by)
    if isinstance(rep, Refused):
        return rep
    if rep.turns_paused_at is not None:
        return Refused(Refusal.TURNS_PAUSED_ALREADY, rep.name)
    members.update(tx, workspace_id, rep.user_id, turns_paused_at=now)
    content = kinds.TURNS_PAUSED(by=by, member=rep.id)
    outgoing.add(tx, workspace_id, _paused_key(rep.id, now), content, rep.user_id, now)
    audit.record(tx, workspace_id, AuditKind.TURNS_PAUSED, Author.in_slack(by), now, rep.user_id)
    return None


def leave(tx: sa.Connection, workspace_id: str, member_id: int, by: str) -> Refused | None:
    """Let somebody's turns go on, and count anew."""
    rep = _led(tx, workspace_id, member_id, by)
    if isinstance(rep, Refused):
        return rep
    members.update(tx, workspace_id, rep.user_id, lapses=0)
    return None


def resume(tx: sa.Connection, workspace_id: str, member_id: int, by: str, now: datetime) -> Refused | None:
    """Let somebody have turns again: themselves, or a leader. They come back where they stood."""
    workspaces.locked(tx, workspace_id)
    rep, actor = _member(tx, workspace_id, member_id), members.get(tx, workspace_id, by)
    if rep is None or not permissions.may(actor, Permission.RESUME_TURNS, whose=rep.user_id):
        return Refused(Refusal.PAUSE_TURNS_NOT_ALLOWED)
    members.update(tx, workspace_id, rep.user_id, turns_paused_at=None, lapses=0)
    if rep.turns_paused_at is not None:
        key = _paused_key(rep.id, rep.turns_paused_at)
        notifications.edit_message(tx, workspace_id, key, f"resumed:{int(now.timestamp())}", now)
        audit.record(tx, workspace_id, AuditKind.TURNS_RESUMED, Author.in_slack(by), now, rep.user_id)
    return None


def refresh(tx: sa.Connection, workspace_id: str, member_id: int, asked: int, change: str, now: datetime) -> None:
    """Bring the messages up to date that asked leaders about somebody."""
    for leader in team.reachable(members.roster(tx, workspace_id), *LEADERS):
        notifications.edit_message(tx, workspace_id, _key(member_id, asked, leader.user_id), change, now)


def _ask(tx: sa.Connection, rep: Member, count: int, roster: Sequence[Member], now: datetime) -> None:
    asked = int(now.timestamp())
    for leader in team.managers_of(roster, rep.user_id):
        if leader.user_id != rep.user_id:
            content = kinds.LAPSES(member=rep.id, count=count, asked=asked)
            outgoing.add(tx, rep.workspace_id, _key(rep.id, asked, leader.user_id), content, leader.user_id, now)


def _paused_key(member_id: int, since: datetime) -> str:
    return f"turns_paused:{member_id}:{int(since.timestamp())}"


def _key(member_id: int, asked: int, reader: str) -> str:
    return f"lapses:{member_id}:{asked}:{reader}"


def _led(tx: sa.Connection, workspace_id: str, member_id: int, by: str) -> Member | Refused:
    workspaces.locked(tx, workspace_id)
    rep, actor = _member(tx, workspace_id, member_id), members.get(tx, workspace_id, by)
    if rep is None or not permissions.may(actor, Permission.PAUSE_TURNS):
        return Refused(Refusal.PAUSE_TURNS_NOT_ALLOWED)
    return rep


def _member(tx: sa.Connection, workspace_id: str, member_id: int) -> Member | None:
    return next((member for member in members.roster(tx, workspace_id) if member.id == member_id), None)
