"""Whose turn it is: fair round robin, every decision stored with its reasons.

The turn goes to the eligible rep who has waited longest since their last one. There is no counter that an edit of the
roster could reset, and somebody who comes back from holiday gets one turn, not everything they missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.base import team
from bot.core.messages import kinds, notifications
from bot.core.sla import clocks
from storage import members, mqls, workspaces
from storage.models import Considered, Member, Mql, Workspace
from storage.vocabulary import AssignmentVerdict, EventType, Role, Status

ESCALATED = "escalated"
"""The reason of an assignment that an escalation step made."""


def assign(
    tx: sa.Connection, workspace: Workspace, subject: Mql, now: datetime, *, reason: str | None = None
) -> str | None:
    """Give an MQL to the rep whose turn it is and say so. None where nobody is eligible: nothing is changed then.

    The caller holds the workspace (workspaces.locked), so that two MQLs do not take the same turn.
    """
    considered = _consider_all(tx, subject, now)
    eligible = [member for member in considered if member.verdict == AssignmentVerdict.ELIGIBLE]
    if not eligible:
        return None
    chosen = min(eligible, key=lambda member: member.last_turn)
    verdicts = [
        replace(member, verdict=AssignmentVerdict.CHOSEN) if member is chosen else member for member in considered
    ]
    take_turn(tx, subject, chosen.user, verdicts, now)
    hand_over(tx, subject, chosen.user, now, reason=reason, workspace=workspace)
    return chosen.user


def take_turn(tx: sa.Connection, subject: Mql, chosen: str, considered: Sequence[Considered], now: datetime) -> None:
    """Write a decision down by which an MQL is somebody's turn, with all who were considered."""
    decision = mqls.decide(tx, subject, chosen, considered, now, turn=True)
    members.update(tx, subject.workspace_id, chosen, last_turn=decision)


def assign_or_wait(tx: sa.Connection, workspace: Workspace, subject: Mql, now: datetime) -> None:
    """Like `assign`; where nobody is eligible the MQL waits unassigned and the managers are told at once."""
    if assign(tx, workspace, subject, now) is None:
        mqls.decide(tx, subject, None, _consider_all(tx, subject, now), now)
        mqls.update(tx, subject.workspace_id, subject.id, owner=None, status=Status.UNASSIGNED)
        event_id = mqls.log(tx, subject, EventType.UNASSIGNED, now, now, before=subject.owner)
        leaders = team.managers_of(members.roster(tx, workspace.id), subject.owner)
        messages = notifications.direct_messages(kinds.UNASSIGNED(), leaders, subject, event_id, now)
        notifications.update_card(tx, subject, event_id, now, messages)


def hand_over(
    tx: sa.Connection,
    subject: Mql,
    to: str,
    now: datetime,
    *,
    by: str | None = None,
    reason: str | None = None,
    workspace: Workspace | None = None,
) -> int:
    """Make `to` the owner, write it down, tell them, and return the event's id. The response clock goes on, or
    starts again where the policy gives every owner the whole time. `workspace`: where the caller has read it."""
    status = Status.ASSIGNED if subject.status == Status.UNASSIGNED else subject.status
    mqls.update(tx, subject.workspace_id, subject.id, owner=to, status=status, offered=False)
    restarted = clocks.restart(tx, subject, now)
    words: dict[str, Any] = {"before": subject.owner, "after": to, "actor": by, "reason": reason}
    words["data"] = {"restarted": True} if restarted else {}
    event_id = mqls.log(tx, subject, EventType.ASSIGNED, now, now, workspace, **words)
    if by != to:
        messages = notifications.direct_messages(kinds.ASSIGNMENT(), [to], subject, event_id, now)
        notifications.update_card(tx, subject, event_id, now, messages)
    else:  # who takes it knows; the thread hears of it by what they do next
        notifications.refresh_messages(tx, subject, event_id, now)
    return event_id


def assign_waiting(tx: sa.Connection, workspace_id: str, now: datetime) -> int:
    """Give out the MQLs that wait unassigned, as far as somebody is eligible by now. Returns how many."""
    workspace = workspaces.locked(tx, workspace_id)
    if workspace is None:
        return 0
    given = 0
    for waiting in mqls.with_status(tx, workspace_id, Status.UNASSIGNED):
        subject = mqls.locked(tx, workspace_id, waiting.id)
        if subject is not None and subject.status == Status.UNASSIGNED:
            given += assign(tx, workspace, subject, now) is not None
    return given


def give_turns_back(tx: sa.Connection, subject: Mql) -> bool:
    """Let everyone whose turn brought them an MQL that should not have come wait as if it had not. Returns whether
    there was anybody. The caller holds the workspace."""
    return _count_turns(tx, subject, turn=False)


def take_turns_again(tx: sa.Connection, subject: Mql) -> bool:
    """Let the turns count again that were given back for an MQL. Returns whether there were any. The caller holds the
    workspace."""
    return _count_turns(tx, subject, turn=True)


def _count_turns(tx: sa.Connection, subject: Mql, *, turn: bool) -> bool:
    workspace_id = subject.workspace_id
    changed = [
        earlier for earlier in mqls.decisions(tx, workspace_id, subject.id) if earlier.by_turn and earlier.turn != turn
    ]
    for decision in changed:
        mqls.count_turn(tx, workspace_id, decision.id, turn=turn)
    for user in {decision.chosen for decision in changed if decision.chosen is not None}:
        members.update(tx, workspace_id, user, last_turn=_waits_since(tx, workspace_id, user))
    return bool(changed)


def _waits_since(tx: sa.Connection, workspace_id: str, user: str) -> int:
    """Return the last turn of somebody that counts; where none does, what they had waited since before their first."""
    newest = mqls.last_turn(tx, workspace_id, user)
    if newest is not None:
        return newest
    first = mqls.first_decision_for(tx, workspace_id, user)
    return first.waited_since(user) if first is not None else 0


def move_on(tx: sa.Connection, subject: Mql, now: datetime) -> str | None:
    """Give an MQL that its owner has left lying to the next rep who has not had it. None where there is nobody: it
    stays where it is. The caller holds the workspace."""
    workspace = workspaces.get(tx, subject.workspace_id)
    return assign(tx, workspace, subject, now, reason=ESCALATED) if workspace else None


def take_from(tx: sa.Connection, workspace_id: str, owner: str, now: datetime) -> int:
    """Hand on what somebody who has left had not answered yet. What they had accepted stays theirs until a manager
    decides, who is told at once. Returns how many were handed on."""
    workspace = workspaces.locked(tx, workspace_id)
    handed_on = 0
    for seen in mqls.open_of(tx, workspace_id, owner) if workspace else []:
        subject = mqls.locked(tx, workspace_id, seen.id)
        # Somebody may have accepted or moved it while we waited for the lock.
        if workspace is None or subject is None or subject.owner != owner or subject.disposed:
            continue
        if subject.status == Status.ASSIGNED:
            assign_or_wait(tx, workspace, subject, now)
            handed_on += 1
        else:
            event_id = mqls.log(tx, subject, EventType.OWNER_LEFT, now, now, before=owner)
            leaders = team.managers_of(members.roster(tx, workspace_id), owner)
            notifications.send_dm(tx, kinds.OWNER_LEFT(left=owner), leaders, subject, event_id, now)
            notifications.post_thread_note(tx, subject, event_id, now)
    return handed_on


def _consider_all(tx: sa.Connection, subject: Mql, now: datetime) -> list[Considered]:
    history = mqls.history(tx, subject.workspace_id, subject.id)
    declined = {event.actor for event in history if event.type == EventType.DECLINED}
    # Who let it lie, before an escalation step gave it to the next one.
    lapsed = {event.before for event in history if event.type == EventType.ASSIGNED and event.reason == ESCALATED}
    if subject.owner is not None:
        lapsed.add(subject.owner)
    roster = members.roster(tx, subject.workspace_id)
    return [_consider(member, declined, lapsed, now) for member in roster if Role.REP in member.roles]


def _consider(member: Member, declined: set[str | None], lapsed: set[str | None], now: datetime) -> Considered:
    verdict = AssignmentVerdict.ELIGIBLE
    if not member.active:
        verdict = AssignmentVerdict.INACTIVE
    elif member.deactivated:
        verdict = AssignmentVerdict.DEACTIVATED
    elif member.user_id in declined:
        verdict = AssignmentVerdict.DECLINED
    elif member.user_id in lapsed:
        verdict = AssignmentVerdict.HAD_IT
    elif member.away_until is not None and member.away_until > now:
        verdict = AssignmentVerdict.AWAY
    return Considered(member.user_id, verdict, member.last_turn)
