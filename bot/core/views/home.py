"""The App Home of one reader: what waits for them, most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.base import team
from bot.core.views import queue
from bot.core.views.disputes import OpenDispute, open_disputes
from bot.core.views.mql import MqlView, mql_views
from bot.core.views.queue import QueueEntry
from storage import members, mqls, senders, undelivered
from storage.models import Member, Mql, Outbox, Workspace
from storage.vocabulary import ClockKind, Role, Status


@dataclass(frozen=True)
class HomeView:
    """The App Home of one reader."""

    member: Member | None
    """None: not on the roster."""
    mine: tuple[MqlView, ...]
    """The reader's open MQLs, most urgent first."""
    breaches: tuple[MqlView, ...]
    """Managers, heads and admins: the team's unanswered MQLs past their deadline."""
    unassigned: tuple[MqlView, ...]
    debt: tuple[MqlView, ...]
    unreadable: tuple[QueueEntry, ...]
    """Marketers, managers and admins: what could not be read and waits."""
    undelivered: tuple[tuple[Outbox, int | None], ...]
    """Admins: the newest messages that Slack refuses for good, each with the number of its MQL."""
    undelivered_count: int
    gets_own_week: bool | None = None
    """Whether a rep gets their own week by message; None: no rep."""
    sender_rules: int = 0
    """Marketers, managers and admins: how many rules say what is never a lead."""
    disputes: tuple[OpenDispute, ...] = ()
    """Managers, heads and admins: all disputes that wait for a decision; anybody else: those that they opened. The
    oldest first."""


def home(tx: sa.Connection, workspace: Workspace, user_id: str, now: datetime) -> HomeView:
    """Return what one person's App Home shows."""
    member = members.get(tx, workspace.id, user_id)
    leads = member is not None and member.has(*team.LEADERS)
    reads_intake = leads or (member is not None and member.has(Role.MARKETER))
    return HomeView(
        member=member if member is not None and member.active else None,
        mine=tuple(sorted(mql_views(tx, workspace, mqls.work_of(tx, workspace.id, user_id)), key=urgency)),
        breaches=_all(tx, workspace, mqls.overdue(tx, workspace.id, ClockKind.RESPONSE, now)) if leads else (),
        unassigned=_all(tx, workspace, mqls.with_status(tx, workspace.id, Status.UNASSIGNED)) if leads else (),
        debt=_all(tx, workspace, mqls.overdue(tx, workspace.id, ClockKind.FEEDBACK, now)) if leads else (),
        unreadable=tuple(queue.waiting(tx, workspace)) if reads_intake else (),
        sender_rules=len(senders.rules(tx, workspace.id)) if reads_intake else 0,
        gets_own_week=team.gets_own_week(member, workspace) if member and member.has(Role.REP) else None,
        disputes=_disputes_for(tx, workspace, member),
        **_undelivered(tx, workspace, member),
    )


def to_report(tx: sa.Connection, workspace: Workspace, user_id: str) -> list[MqlView]:
    """Return what a person has accepted and given no outcome for, most urgent first."""
    mine = [subject for subject in mqls.work_of(tx, workspace.id, user_id) if subject.awaits_outcome]
    return sorted(mql_views(tx, workspace, mine), key=urgency)


def _all(tx: sa.Connection, workspace: Workspace, subjects: list[Mql]) -> tuple[MqlView, ...]:
    return tuple(mql_views(tx, workspace, subjects))


def urgency(view: MqlView) -> tuple[bool, datetime]:
    """Return the deadline that presses: the response clock's while it is open, then the feedback clock's. What is
    paused comes last, by the end of the pause."""
    waits = view.response.stopped_at is None or view.feedback_clock is None
    clock = view.response if waits or view.feedback_clock is None else view.feedback_clock
    if clock.paused_at is not None and clock.next_check_at is not None:
        return True, clock.next_check_at
    return False, clock.due_at


def _disputes_for(tx: sa.Connection, workspace: Workspace, member: Member | None) -> tuple[OpenDispute, ...]:
    decides = member is not None and member.has(*team.LEADERS)
    if member is None or not (decides or team.may_dispute(member)):
        return ()
    return tuple(
        dispute for dispute in open_disputes(tx, workspace) if decides or dispute.opened.event.actor == member.user_id
    )


def _undelivered(tx: sa.Connection, workspace: Workspace, member: Member | None) -> dict[str, Any]:
    refused = undelivered.dead(tx, workspace.id) if member is not None and member.has(Role.ADMIN) else []
    about = mqls.of_ids(tx, workspace.id, {row.mql_id for row in refused if row.mql_id is not None})
    numbers = {subject.id: subject.number for subject in about}
    return {
        "undelivered": tuple((row, numbers.get(row.mql_id or 0)) for row in refused),
        "undelivered_count": undelivered.count_dead(tx, workspace.id) if refused else 0,
    }
