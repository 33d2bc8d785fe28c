"""Reads the values that screens show. Reads only; the caller chooses the transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.base import team
from bot.core.messages import notifications
from bot.core.sla import clocks
from bot.core.sla.time_breakdown import parts
from bot.core.views.values import Considered, Decision, HomeView, MqlView, OpenDispute, Parts, Timeline
from storage import disputes, members, mqls, outbox, undelivered, unreadables, workspaces
from storage.models import Event, Member, Mql, Unreadable, Workspace
from storage.vocabulary import ClockKind, EventType, Role, Status

# Events whose before and after are people.
_ABOUT_PEOPLE = (
    EventType.ASSIGNED,
    EventType.UNASSIGNED,
    EventType.DECLINED,
    EventType.OWNER_LEFT,
    EventType.REMINDED,
    EventType.ASKED,
    EventType.BREACHED,
    EventType.ESCALATED,
)


def mql_views(tx: sa.Connection, workspace: Workspace, subjects: Sequence[Mql]) -> list[MqlView]:
    """MQLs with everything their cards name, in the order given."""
    ids = [subject.id for subject in subjects]
    people = {member.user_id: member for member in members.roster(tx, workspace.id)}
    reasons = {reason.key: reason for reason in workspaces.reasons(tx, workspace.id, only_active=False)}
    offered = tuple(one for one in reasons.values() if one.active)
    said = {feedback.mql_id: feedback for feedback in mqls.last_feedback(tx, workspace.id, ids)}
    found = {(clock.mql_id, clock.kind): clock for clock in mqls.clocks(tx, workspace.id, ids)}
    cards = outbox.sent_by_keys(tx, workspace.id, [notifications.card_key(mql_id) for mql_id in ids])
    views = []
    for subject in subjects:
        feedback = said.get(subject.id)
        views.append(
            MqlView(
                mql=subject,
                owner=people.get(subject.owner or ""),
                response=found[subject.id, ClockKind.RESPONSE],
                feedback_clock=found.get((subject.id, ClockKind.FEEDBACK)),
                feedback=feedback,
                reason=reasons.get(feedback.lost_reason or "") if feedback else None,
                permalink=_permalink(workspace, cards.get(notifications.card_key(subject.id))),
                reasons=offered,
            )
        )
    return views


def mql_view(tx: sa.Connection, workspace: Workspace, mql_id: int) -> MqlView | None:
    """One MQL with everything its card names."""
    subject = mqls.get(tx, workspace.id, mql_id)
    return mql_views(tx, workspace, [subject])[0] if subject else None


def as_told(tx: sa.Connection, workspace: Workspace, view: MqlView, event: Event) -> MqlView:
    """The MQL with the answer of sales that an event tells of, which may not be the newest; as it is for any other."""
    about = event.data.get("feedback")
    if about is None or (view.feedback is not None and view.feedback.id == about):
        return view
    said = mqls.get_feedback(tx, workspace.id, about)
    known = {reason.key: reason for reason in workspaces.reasons(tx, workspace.id, only_active=False)}
    return replace(view, feedback=said, reason=known.get(said.lost_reason or "") if said else None)


def timeline(tx: sa.Connection, workspace_id: str, events: Sequence[Event]) -> list[Timeline]:
    """Events with the names that their sentences need."""
    names = team.names(members.roster(tx, workspace_id))

    def word(event: Event, value: str | None) -> str | None:
        return names.get(value or "", value) if event.type in _ABOUT_PEOPLE else value

    return [
        Timeline(event, names.get(event.actor or "", event.actor), word(event, event.before), word(event, event.after))
        for event in events
    ]


def history(tx: sa.Connection, workspace_id: str, mql_id: int) -> list[Timeline]:
    """The whole log of one MQL."""
    return timeline(tx, workspace_id, mqls.history(tx, workspace_id, mql_id))


def decision(tx: sa.Connection, workspace_id: str, mql_id: int) -> Decision | None:
    """The newest assignment decision, with names."""
    stored = mqls.last_decision(tx, workspace_id, mql_id)
    if stored is None:
        return None
    names = team.names(members.roster(tx, workspace_id))
    considered = tuple(
        Considered(names.get(entry["user"], entry["user"]), entry["verdict"], entry["last_turn"])
        for entry in stored.considered
    )
    return Decision(stored.at, names.get(stored.chosen or "", stored.chosen), considered)


def parts_until(tx: sa.Connection, workspace: Workspace, view: MqlView, moment: datetime) -> Parts:
    """Where the time of the response clock went until a moment, or until it was answered."""
    end = min(view.response.stopped_at or moment, moment)
    agreed = clocks.agreement_of(tx, view.response)
    names = team.names(members.roster(tx, workspace.id))
    log = mqls.history(tx, workspace.id, view.mql.id)
    start = view.response.started_at
    return parts(log, members.absences(tx, workspace.id, start), names, agreed, start, end)


def time_left(tx: sa.Connection, view: MqlView, kind: ClockKind, now: datetime) -> timedelta:
    """Open time until a clock's deadline; zero or less once it has passed."""
    clock = view.response if kind == ClockKind.RESPONSE else view.feedback_clock
    if clock is None or clock.due_at <= now:
        return timedelta(0)
    return clocks.agreement_of(tx, clock).calendar.open_between(now, clock.due_at)


def home(tx: sa.Connection, workspace: Workspace, user_id: str, now: datetime) -> HomeView:
    """What one person's App Home shows."""
    member = members.get(tx, workspace.id, user_id)
    leads = member is not None and member.has(*team.LEADERS)
    reads_intake = leads or (member is not None and member.has(Role.MARKETER))
    return HomeView(
        member=member if member is not None and member.active else None,
        mine=tuple(sorted(mql_views(tx, workspace, mqls.open_of(tx, workspace.id, user_id)), key=_urgency)),
        breaches=_all(tx, workspace, mqls.overdue(tx, workspace.id, ClockKind.RESPONSE, now)) if leads else (),
        unassigned=_all(tx, workspace, mqls.with_status(tx, workspace.id, Status.UNASSIGNED)) if leads else (),
        debt=_all(tx, workspace, mqls.overdue(tx, workspace.id, ClockKind.FEEDBACK, now)) if leads else (),
        unreadable=_waiting(tx, workspace) if reads_intake else (),
        gets_own_week=team.gets_own_week(member, workspace) if member and member.has(Role.REP) else None,
        disputes=_disputes_for(tx, workspace, member),
        **_undelivered(tx, workspace, member),
    )


def to_report(tx: sa.Connection, workspace: Workspace, user_id: str) -> list[MqlView]:
    """What a person has accepted and given no outcome for, most urgent first."""
    mine = [one for one in mqls.open_of(tx, workspace.id, user_id) if one.awaits_outcome]
    return sorted(mql_views(tx, workspace, mine), key=_urgency)


def _all(tx: sa.Connection, workspace: Workspace, subjects: list[Mql]) -> tuple[MqlView, ...]:
    return tuple(mql_views(tx, workspace, subjects))


def _urgency(view: MqlView) -> datetime:
    """The deadline that presses: the response clock's while it runs, then the feedback clock's."""
    if view.response.stopped_at is None or view.feedback_clock is None:
        return view.response.due_at
    return view.feedback_clock.due_at


def open_disputes(tx: sa.Connection, workspace: Workspace) -> list[OpenDispute]:
    """The disputes of a workspace that wait for a decision, the oldest first."""
    subjects = disputes.waiting(tx, workspace.id)
    opened = disputes.newest(tx, workspace.id, [subject.id for subject in subjects])
    told = timeline(tx, workspace.id, [opened[subject.id] for subject in subjects])
    return [OpenDispute(*pair) for pair in zip(mql_views(tx, workspace, subjects), told, strict=True)]


def _disputes_for(tx: sa.Connection, workspace: Workspace, member: Member | None) -> tuple[OpenDispute, ...]:
    decides = member is not None and member.has(*team.LEADERS)
    if member is None or not (decides or team.may_dispute(member)):
        return ()
    return tuple(one for one in open_disputes(tx, workspace) if decides or one.told.event.actor == member.user_id)


def _waiting(tx: sa.Connection, workspace: Workspace) -> tuple[tuple[Unreadable, str | None], ...]:
    waiting = unreadables.waiting(tx, workspace.id)
    return tuple((entry, link(workspace, entry.channel, entry.ts)) for entry in waiting)


def _undelivered(tx: sa.Connection, workspace: Workspace, member: Member | None) -> dict[str, Any]:
    refused = undelivered.dead(tx, workspace.id) if member is not None and member.has(Role.ADMIN) else []
    about = mqls.of_ids(tx, workspace.id, {row.mql_id for row in refused if row.mql_id is not None})
    numbers = {subject.id: subject.number for subject in about}
    return {
        "undelivered": tuple((row, numbers.get(row.mql_id or 0)) for row in refused),
        "undelivered_count": undelivered.count_dead(tx, workspace.id) if refused else 0,
    }


def _permalink(workspace: Workspace, card: tuple[str, str] | None) -> str | None:
    return link(workspace, *card) if card else None


def link(workspace: Workspace, channel: str, ts: str) -> str | None:
    """The address of a message in Slack, in the form that chat.getPermalink gives."""
    return f"{workspace.url}archives/{channel}/p{ts.replace('.', '')}" if workspace.url else None
