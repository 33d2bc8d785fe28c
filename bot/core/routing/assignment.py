"""Giving MQLs to reps by their routes, every decision stored with its reasons.

Who may have one says `tables`, who has it `strategies`. Whose turn it is says `fairness`, by the ledger of turns: no
edit of the roster resets it, and somebody who comes back from holiday stands where they stood. What had to wait is
shared out by `backlog`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

import sqlalchemy as sa

from bot.core.base import team
from bot.core.messages import kinds, notifications, outgoing
from bot.core.routing import backlog, candidates, offers, strategies
from bot.core.routing.candidates import ESCALATED
from bot.core.routing.fairness import Entry
from bot.core.routing.strategies import Choice
from bot.core.sla import clocks
from storage import members, mqls, next_touches, turns, workspaces
from storage.models import Assignment, Mql, Workspace
from storage.vocabulary import EventType, OwnerTold, Status, Strategy


class HandOver(TypedDict, total=False):
    """What `hand_over` is told beside whom."""

    by: str | None
    reason: str | None
    new: bool


def assign(
    tx: sa.Connection,
    workspace: Workspace,
    subject: Mql,
    now: datetime,
    *,
    reason: str | None = None,
    expected: Collection[str] = (),
    new: bool = False,
    by: str | None = None,
) -> str | None:
    """Give an MQL to the rep whom its route chooses and say so. None where nobody is eligible: nothing is changed then;
    or where it is offered to a pool, of whom the first who accepts has it. `expected`: who is away, and shares in the
    turn. `new`: nobody has had it or declined it yet. `by`: who has asked for it.

    The caller holds the workspace (workspaces.locked), so that two MQLs do not take the same turn.
    """
    choice = _choose(tx, workspace, subject, now, expected, new=new)
    return _give(tx, workspace, subject, choice, now, by=by, reason=reason, new=new)


def _choose(
    tx: sa.Connection,
    workspace: Workspace,
    subject: Mql,
    now: datetime,
    expected: Collection[str],
    *,
    new: bool = False,
) -> Choice:
    over = {} if new else candidates.passed_over(tx, workspace.id, [subject])[subject.id]
    return strategies.choose(tx, workspace, subject, over, now, expected)


def _give(
    tx: sa.Connection, workspace: Workspace, subject: Mql, choice: Choice, now: datetime, **words: Unpack[HandOver]
) -> str | None:
    if choice.offered:
        offers.make(tx, workspace, subject, choice, now)
    if choice.user is None:
        return None
    in_turn = choice.strategy == Strategy.ROTATION
    decision = mqls.decide(tx, subject, choice.user, choice.verdicts, now, turn=in_turn, **choice.columns)
    if in_turn:
        _enter(tx, decision, 1, now, last_turn=decision.id)
    hand_over(tx, subject, choice.user, now, workspace=workspace, **words)
    return choice.user


def assign_or_wait(
    tx: sa.Connection,
    workspace: Workspace,
    subject: Mql,
    now: datetime,
    expected: Collection[str] = (),
    *,
    new: bool = False,
) -> None:
    """Like `assign`; where nobody is eligible the MQL waits unassigned and the managers are told at once."""
    choice = _choose(tx, workspace, subject, now, expected, new=new)
    if _give(tx, workspace, subject, choice, now, new=new) is None and not choice.offered:
        _wait(tx, subject, choice, now)


def _wait(tx: sa.Connection, subject: Mql, choice: Choice, now: datetime) -> None:
    columns = choice.columns | {"strategy": choice.routed.route.strategy}
    mqls.decide(tx, subject, None, choice.considered, now, **columns)
    mqls.update(tx, subject.workspace_id, subject.id, owner=None, cover=None, status=Status.UNASSIGNED)
    if subject.owner is not None:
        clocks.follow_owner(tx, subject, None, now)
    event_id = mqls.log(tx, subject, EventType.UNASSIGNED, now, now, before=subject.owner)
    leaders = team.managers_of(members.roster(tx, subject.workspace_id), subject.owner)
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
    new: bool = False,
) -> int:
    """Make `to` the owner, write it down, tell them, and return the event's id. The response clock goes on, or
    starts again where the policy gives every owner the whole time. `workspace`: where the caller has read it. `new`:
    nobody has had it yet."""
    status = Status.ASSIGNED if subject.status == Status.UNASSIGNED else subject.status
    mqls.update(tx, subject.workspace_id, subject.id, owner=to, cover=None, status=status, offered=False)
    clocks.follow_owner(tx, subject, to, now)
    restarted = not new and clocks.restart(tx, subject, now)
    if subject.contacted_at is not None:  # what the former owner had promised binds nobody else
        next_touches.drop(tx, subject.workspace_id, subject.id, now)
    words: dict[str, Any] = {"before": subject.owner, "after": to, "actor": by, "reason": reason}
    words["data"] = {"restarted": True} if restarted else {}
    event_id = mqls.log(tx, subject, EventType.ASSIGNED, now, now, workspace, **words)
    if by != to:
        _tell(tx, subject, to, event_id, now, workspace, by_hand=by is not None)
    else:  # who takes it knows; the thread hears of it by what they do next
        notifications.refresh_messages(tx, subject, event_id, now)
    return event_id


def _tell(
    tx: sa.Connection,
    subject: Mql,
    to: str,
    event_id: int,
    now: datetime,
    workspace: Workspace | None,
    *,
    by_hand: bool,
) -> None:
    """Tell the new owner, once. A card that is not in Slack yet will say whose it is: its thread does not repeat that,
    unless a person decided it; and where the card mentions its owner there is no direct message either. An edit of a
    card mentions nobody."""
    known = workspace or workspaces.get(tx, subject.workspace_id)
    on_card = notifications.card_waits(tx, subject)
    people = [] if on_card and known is not None and known.owner_told == OwnerTold.MENTION else [to]
    messages = notifications.direct_messages(kinds.ASSIGNMENT(), people, subject, event_id, now)
    if on_card and not by_hand:
        outgoing.add_all(tx, messages)
    else:
        notifications.update_card(tx, subject, event_id, now, messages)


def assign_waiting(tx: sa.Connection, workspace_id: str, now: datetime) -> int:
    """Share out the MQLs that wait unassigned, as `backlog` has it. Returns how many were given to somebody."""
    workspace = workspaces.locked(tx, workspace_id)
    if workspace is None:
        return 0
    waiting = backlog.without_offer(tx, workspace_id, now)
    dealt = backlog.plan(tx, workspace_id, waiting, now)
    mqls.hold(tx, workspace_id, dealt.dealt)
    given = 0
    for mql_id in dealt.dealt:
        subject = mqls.locked(tx, workspace_id, mql_id)
        if subject is not None and subject.status == Status.UNASSIGNED:
            given += assign(tx, workspace, subject, now, expected=dealt.expected.get(mql_id, ())) is not None
    return given


def give_turns_back(tx: sa.Connection, subject: Mql, now: datetime) -> bool:
    """Take the turns out of the ledger that an MQL cost which should not have come: whoever had them is behind by as
    much, however many they have had since. Returns whether there were any. The caller holds the workspace."""
    return _count_turns(tx, subject, now, turn=False)


def take_turns_again(tx: sa.Connection, subject: Mql, now: datetime) -> bool:
    """Let the turns count again that were given back for an MQL. Returns whether there were any. The caller holds the
    workspace."""
    return _count_turns(tx, subject, now, turn=True)


def _count_turns(tx: sa.Connection, subject: Mql, now: datetime, *, turn: bool) -> bool:
    decisions = mqls.decisions(tx, subject.workspace_id, subject.id)
    changed = [decision for decision in decisions if decision.by_turn and decision.turn != turn]
    for decision in changed:
        post(tx, decision, 1 if turn else -1, now)
    return bool(changed)


def post(tx: sa.Connection, decision: Assignment, weight: int, now: datetime) -> None:
    """Let the turn of a decision count (weight 1) or no longer count (-1)."""
    mqls.count_turn(tx, decision.workspace_id, decision.id, turn=weight == 1)
    _enter(tx, decision, weight, now, last_turn=_waits_since(tx, decision))


def _enter(tx: sa.Connection, decision: Assignment, weight: int, now: datetime, *, last_turn: int) -> None:
    entry = Entry.of(_chosen(decision), decision.considered, weight)
    turns.add(tx, decision, weight, now)
    turns.move_balances(tx, decision, entry.parts, whole=entry.whole, last_turn=last_turn)


def _chosen(decision: Assignment) -> str:
    if decision.chosen is None:
        raise ValueError(f"decision {decision.id} chose nobody")
    return decision.chosen


def _waits_since(tx: sa.Connection, decision: Assignment) -> int:
    """Return the last turn that counts of whom a decision chose; where none does, what they had waited since before
    their first. It decides between equal balances."""
    user = _chosen(decision)
    newest = mqls.last_turn(tx, decision.workspace_id, user, decision.pool)
    if newest is not None:
        return newest
    return mqls.first_decision_for(tx, decision.workspace_id, user, decision.pool).waited_since(user)


def move_on(tx: sa.Connection, subject: Mql, now: datetime) -> str | None:
    """Give an MQL that its owner has left lying to the next rep who has not had it. None where there is nobody: it
    stays where it is. The caller holds the workspace."""
    workspace = workspaces.get(tx, subject.workspace_id)
    return assign(tx, workspace, subject, now, reason=ESCALATED) if workspace else None


def end_cover(tx: sa.Connection, subject: Mql, now: datetime, by: str | None = None) -> int:
    """Write down that nobody covers for the owner of an MQL any more, and return the event's id."""
    mqls.update(tx, subject.workspace_id, subject.id, cover=None)
    event_id = mqls.log(tx, subject, EventType.COVER_ENDED, now, now, actor=by, before=subject.cover)
    notifications.update_card(tx, subject, event_id, now)
    return event_id


def take_from(tx: sa.Connection, workspace_id: str, owner: str, now: datetime) -> int:
    """Hand on what somebody who has left had not answered yet, and end their cover of others. What they had accepted
    stays theirs until a manager decides, who is told at once. Returns how many were handed on."""
    workspace = workspaces.locked(tx, workspace_id)
    for seen in mqls.covered(tx, workspace_id, cover=owner):
        subject = mqls.locked(tx, workspace_id, seen.id)
        if subject is not None and subject.cover == owner and not subject.disposed:
            end_cover(tx, subject, now)
    held = [mqls.locked(tx, workspace_id, seen.id) for seen in mqls.open_of(tx, workspace_id, owner)]
    # Somebody may have accepted or moved it while we waited for the lock.
    theirs = [subject for subject in held if subject and subject.owner == owner and not subject.disposed]
    if workspace is None:
        return 0
    for subject in theirs:
        if subject.status != Status.ASSIGNED:
            _say_owner_left(tx, subject, now)
    unanswered = [subject for subject in theirs if subject.status == Status.ASSIGNED]
    _hand_on(tx, workspace, unanswered, now)
    return len(unanswered)


def hand_on(tx: sa.Connection, workspace: Workspace, subject: Mql, now: datetime) -> None:
    """Deal with one open MQL whose owner has left, as `take_from` does. The caller holds the workspace."""
    if subject.status == Status.ASSIGNED:
        _hand_on(tx, workspace, [subject], now)
    else:
        _say_owner_left(tx, subject, now)


def _say_owner_left(tx: sa.Connection, subject: Mql, now: datetime) -> None:
    event_id = mqls.log(tx, subject, EventType.OWNER_LEFT, now, now, before=subject.owner)
    leaders = team.managers_of(members.roster(tx, subject.workspace_id), subject.owner)
    notifications.send_dm(tx, kinds.OWNER_LEFT(left=subject.owner), leaders, subject, event_id, now)
    notifications.post_thread_note(tx, subject, event_id, now)


def _hand_on(tx: sa.Connection, workspace: Workspace, unanswered: Sequence[Mql], now: datetime) -> None:
    """Share out what a leaver leaves like a backlog: what is kept for somebody waits without an owner."""
    dealt = backlog.plan(tx, workspace.id, unanswered, now)
    by_id = {subject.id: subject for subject in unanswered}
    for mql_id in dealt.dealt:
        assign_or_wait(tx, workspace, by_id.pop(mql_id), now, dealt.expected.get(mql_id, ()))
    for subject in by_id.values():
        choice = _choose(tx, workspace, subject, now, dealt.expected.get(subject.id, ()))
        _wait(tx, subject, choice, now)
