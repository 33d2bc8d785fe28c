"""The App Home of one reader: the one thing to do now, then what waits for them, by what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from bot.core.base import permissions, team
from bot.core.base.permissions import Permission
from bot.core.base.wall_clock import day_in, midnight, week_start
from bot.core.sla import pauses
from bot.core.views import board, queue
from bot.core.views.board import Board, Filter, Page
from bot.core.views.disputes import OpenDispute, open_disputes
from bot.core.views.mql import MqlView, Timeline, mql_views, timeline
from bot.core.views.queue import QueueEntry
from storage import actions, alerts, boards, definitions, members, mqls, senders, sources, undelivered
from storage import pauses as stored_pauses
from storage.boards import Became
from storage.models import ActionItem, Alert, Definition, LeadSource, Member, Outbox, Workspace
from storage.reports import Span
from storage.vocabulary import ClockKind, ClockState

LISTED = 10
"""How many of all open MQLs one page shows."""


class Matter(StrEnum):
    """What a reader is to do first. Part of a catalogue key."""

    OVERDUE = "overdue"
    UNASSIGNED = "unassigned"
    TEAM_OVERDUE = "team_overdue"
    DECIDE = "decide"
    QUEUE = "queue"
    ALERT = "alert"
    UNDELIVERED = "undelivered"
    TODAY = "today"
    OUTCOME = "outcome"
    ACTION = "action"
    NOTHING = "nothing"


@dataclass(frozen=True)
class First:
    """The one thing to do now."""

    matter: Matter
    count: int = 0
    view: MqlView | None = None
    """The most urgent of them, where it is the reader's own."""


@dataclass(frozen=True)
class Own:
    """A rep's open MQLs, the most urgent first in each part. None is in two."""

    overdue: tuple[MqlView, ...] = ()
    """The first response is late."""
    today: tuple[MqlView, ...] = ()
    week: tuple[MqlView, ...] = ()
    """Their first response is due by the end of the week."""
    later: tuple[MqlView, ...] = ()
    outcomes: tuple[MqlView, ...] = ()
    """Answered, and nobody has said yet what became of them."""
    paused: tuple[MqlView, ...] = ()

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(map(len, (self.overdue, self.today, self.week, self.later, self.outcomes, self.paused)))


@dataclass(frozen=True)
class PauseRequest:
    """A pause that waits for a leader's consent."""

    view: MqlView
    asked: Timeline


@dataclass(frozen=True)
class TeamView:
    """What leaders see of the team."""

    board: Board
    page: Page
    roster: tuple[Member, ...]
    """The reps, for the filter."""
    requests: tuple[PauseRequest, ...] = ()


@dataclass(frozen=True)
class Marketing:
    """What marketers see: what became of what came in, and how the definition stands."""

    week: tuple[Became, ...]
    month: tuple[Became, ...]
    agreed: Definition | None
    newest: Definition | None
    """The open proposal, unless it is the agreed version."""


@dataclass(frozen=True)
class Health:
    """What admins see of the bot itself."""

    alerts: tuple[Alert, ...] = ()
    sources: tuple[LeadSource, ...] = ()
    undelivered: tuple[tuple[Outbox, int | None], ...] = ()
    """The newest messages that Slack refuses for good, each with the number of its MQL."""
    undelivered_count: int = 0
    names: Mapping[str, str] = field(default_factory=dict)
    """Display names by Slack user id, for the alerts."""


@dataclass(frozen=True)
class HomeView:
    """The App Home of one reader. A part that is not for them is None or empty."""

    member: Member | None
    """None: not on the roster."""
    first: First
    own: Own = field(default_factory=Own)
    team: TeamView | None = None
    disputes: tuple[OpenDispute, ...] = ()
    """Managers, heads and admins: all disputes that wait for a decision; anybody else: those that they opened. The
    oldest first."""
    actions: tuple[ActionItem, ...] = ()
    """The reader's open actions, by the day they are due."""
    unreadable: tuple[QueueEntry, ...] = ()
    """Marketers, managers and admins: what could not be read, or is held, and waits."""
    sender_rules: int = 0
    """Marketers, managers and admins: how many rules say what is never a lead."""
    marketing: Marketing | None = None
    health: Health | None = None
    gets_own_week: bool | None = None
    """Whether a rep gets their own week by message; None: no rep."""
    drawn_at: datetime | None = None
    """As of when it is."""


def home(tx: sa.Connection, workspace: Workspace, user_id: str, now: datetime, wanted: Filter) -> HomeView:
    """Return what one person's App Home shows. `wanted`: how they filter the list of all open MQLs."""
    member = members.get(tx, workspace.id, user_id)
    if member is None or not member.active:
        return HomeView(None, First(Matter.NOTHING))
    leads, reads_intake = permissions.may(member, Permission.LEAD), permissions.may(member, Permission.QUEUE)
    own = _own(open_of(tx, workspace, user_id), workspace, now)
    of_team = _team(tx, workspace, now, wanted) if leads else None
    disputes = _disputes_for(tx, workspace, member)
    todo = tuple(item for item in actions.open_ones(tx, workspace.id) if item.owner == user_id)
    entries = tuple(queue.waiting(tx, workspace)) if reads_intake else ()
    health = _health(tx, workspace) if permissions.may(member, Permission.HEALTH) else None
    today = day_in(workspace.timezone, now).isoformat()
    due = sum(item.due_on <= today for item in todo)
    first = _first(own, of_team, len(disputes) if leads else 0, entries, health, due, now)
    return HomeView(
        member,
        first,
        own,
        of_team,
        disputes,
        todo,
        entries,
        len(senders.rules(tx, workspace.id)) if reads_intake else 0,
        _marketing(tx, workspace, now) if team.is_marketer(member) else None,
        health,
        team.gets_own_week(member, workspace) if permissions.may(member, Permission.OWN_WEEK) else None,
        now,
    )


def open_of(tx: sa.Connection, workspace: Workspace, user_id: str) -> list[MqlView]:
    """Return a person's open MQLs, most urgent first."""
    return sorted(mql_views(tx, workspace, mqls.work_of(tx, workspace.id, user_id)), key=urgency)


def to_report(tx: sa.Connection, workspace: Workspace, user_id: str) -> list[MqlView]:
    """Return what a person has accepted and given no outcome for, most urgent first."""
    mine = [subject for subject in mqls.work_of(tx, workspace.id, user_id) if subject.awaits_outcome]
    return sorted(mql_views(tx, workspace, mine), key=urgency)


def urgency(view: MqlView) -> tuple[bool, datetime]:
    """Return the deadline that presses: the response clock's while it is open, then the feedback clock's. What is
    paused comes last, by the end of the pause."""
    clock = view.pressing
    if clock.paused_at is not None and clock.next_check_at is not None:
        return True, clock.next_check_at
    return False, clock.due_at


def _own(mine: Sequence[MqlView], workspace: Workspace, now: datetime) -> Own:
    tonight = midnight(workspace.timezone, day_in(workspace.timezone, now) + timedelta(days=1))
    sunday = week_start(workspace.timezone, now) + timedelta(days=7)
    parts: dict[str, list[MqlView]] = {}
    for view in mine:
        clock = view.pressing
        if clock.state == ClockState.PAUSED:
            name = "paused"
        elif clock.kind == ClockKind.FEEDBACK or view.response.stopped_at is not None:
            name = "outcomes"
        elif now >= clock.breach_at:
            name = "overdue"
        else:
            name = "today" if clock.due_at < tonight else "week" if clock.due_at < sunday else "later"
        parts.setdefault(name, []).append(view)
    return Own(**{name: tuple(views) for name, views in parts.items()})


def _first(
    own: Own,
    of_team: TeamView | None,
    disputes: int,
    entries: Sequence[QueueEntry],
    health: Health | None,
    due_actions: int,
    now: datetime,
) -> First:
    """Return what is to be done first: what a lead waits for before what a colleague waits for."""
    if own.overdue:
        return First(Matter.OVERDUE, len(own.overdue), own.overdue[0])
    counts = {
        Matter.UNASSIGNED: of_team.board.unassigned if of_team else 0,
        Matter.TEAM_OVERDUE: of_team.board.overdue if of_team else 0,
        Matter.DECIDE: disputes + (len(of_team.requests) if of_team else 0),
        Matter.QUEUE: len(entries),
        Matter.ALERT: len(health.alerts) if health else 0,
        Matter.UNDELIVERED: health.undelivered_count if health else 0,
    }
    for matter, count in counts.items():
        if count:
            return First(matter, count)
    if own.today:
        return First(Matter.TODAY, len(own.today), own.today[0])
    if late := [view for view in own.outcomes if now >= view.pressing.breach_at]:
        return First(Matter.OUTCOME, len(late), late[0])
    return First(Matter.ACTION, due_actions) if due_actions else First(Matter.NOTHING)


def _team(tx: sa.Connection, workspace: Workspace, now: datetime, wanted: Filter) -> TeamView:
    roster = members.roster(tx, workspace.id)
    reps = tuple(member for member in roster if team.is_rep(member))
    counted = board.board(tx, workspace, now, roster)
    return TeamView(
        counted,
        board.page(tx, workspace, now, wanted, roster, LISTED, counted),
        reps,
        _requests(tx, workspace),
    )


def _requests(tx: sa.Connection, workspace: Workspace) -> tuple[PauseRequest, ...]:
    asked = stored_pauses.asked(tx, workspace.id)
    waiting = [(mql_id, pauses.open_request(mqls.history(tx, workspace.id, mql_id))) for mql_id in asked]
    requests = {mql_id: event for mql_id, event in waiting if event is not None}
    views = mql_views(tx, workspace, mqls.of_ids(tx, workspace.id, requests)) if requests else []
    entries = timeline(tx, workspace.id, [requests[view.mql.id] for view in views])
    return tuple(PauseRequest(view, entry) for view, entry in zip(views, entries, strict=True))


def _disputes_for(tx: sa.Connection, workspace: Workspace, member: Member) -> tuple[OpenDispute, ...]:
    decides = permissions.may(member, Permission.DECIDE)
    if not (decides or permissions.may(member, Permission.DISPUTE)):
        return ()
    return tuple(
        dispute for dispute in open_disputes(tx, workspace) if decides or dispute.opened.event.actor == member.user_id
    )


def _marketing(tx: sa.Connection, workspace: Workspace, now: datetime) -> Marketing:
    first = midnight(workspace.timezone, day_in(workspace.timezone, now).replace(day=1))
    end = now + timedelta(microseconds=1)
    agreed, newest = definitions.agreed(tx, workspace.id), definitions.newest(tx, workspace.id)
    return Marketing(
        tuple(boards.became(tx, workspace.id, Span(week_start(workspace.timezone, now), end))),
        tuple(boards.became(tx, workspace.id, Span(first, end))),
        agreed,
        newest if newest is not None and newest.agreed_at is None else None,
    )


def _health(tx: sa.Connection, workspace: Workspace) -> Health:
    refused = undelivered.dead(tx, workspace.id)
    about = mqls.of_ids(tx, workspace.id, {row.mql_id for row in refused if row.mql_id is not None})
    numbers = {subject.id: subject.number for subject in about}
    standing = tuple(alerts.standing(tx, workspace.id))
    return Health(
        standing,
        tuple(sources.every(tx, workspace.id)),
        tuple((row, numbers.get(row.mql_id or 0)) for row in refused),
        undelivered.count_dead(tx, workspace.id) if refused else 0,
        team.names(members.roster(tx, workspace.id)) if standing else {},
    )
