"""What people do with an MQL: accept, contact, take over, hand over, decline, remind."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.base import permissions, team
from bot.core.base.permissions import Permission
from bot.core.base.results import ActionResult, Done, Refusal, Refused, gone
from bot.core.messages import kinds, notifications
from bot.core.mql import contact, pause_end, refusals, undo
from bot.core.mql.contact import Contact
from bot.core.routing import assignment, lapses, offers
from bot.core.sla import clocks
from storage import members, mqls, standings, workspaces
from storage.models import Considered, Event, Member, Mql
from storage.standings import Standing
from storage.vocabulary import AssignmentVerdict, ClockKind, ClockStanding, CrmKind, EventType, Evidence, Status

TAKEN = (Status.ACCEPTED, Status.CONTACTED)
ON_TIME = (ClockStanding.RUNNING, ClockStanding.DUE_SOON)
NUDGE_STANDS = timedelta(minutes=10)
"""How long nobody nudges the same owner about the same MQL again."""


def accept(tx: sa.Connection, workspace_id: str, mql_id: int, by: str, now: datetime) -> ActionResult:
    """`by` takes the MQL on, and becomes its owner where they were not; that is the response, unless the policy asks
    for contact. Safe to repeat: the second caller learns who was first."""
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None:
        return Refused(Refusal.NOT_FOUND)
    if subject.status in TAKEN:
        # Before the question of permission: whoever presses an old reminder hears that all is well.
        reason = Refusal.ALREADY_YOURS if by in (subject.owner, subject.cover) else Refusal.ALREADY_ACCEPTED
        return Refused(reason, team.name_of(tx, subject.workspace_id, subject.owner), subject.number)
    before = _begun(tx, subject, by, now, Permission.ACCEPT)
    if isinstance(before, Refused):
        return before
    standing = before.standing
    if by not in (subject.owner, subject.cover):
        assignment.hand_over(tx, subject, by, now, by=by, workspace=standing.workspace)
        standing = standings.of(tx, subject, by)
    event_id = accepted(tx, subject, by, now, now, standing, before)
    return Done(subject, event_id, runs=all(clock.paused_at is None for clock in standing.clocks))


def contacted(
    tx: sa.Connection,
    workspace_id: str,
    mql_id: int,
    by: str,
    now: datetime,
    how: Evidence = Evidence.BUTTON,
    note: str | None = None,
) -> ActionResult:
    """Note that the lead has been contacted, and how where that is told. An MQL that nobody had accepted is accepted
    by that. How, told after a contact (also after the outcome), becomes evidence of that contact."""
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None:
        return Refused(Refusal.NOT_FOUND)
    if refused := gone(subject):
        return refused
    if how == Evidence.NOTE and not (note or "").strip():
        how = Evidence.BUTTON  # a note that says nothing proves no more than a press
    new_contact = Contact(how, now, by, note)
    if subject.contacted_at is not None and how != Evidence.BUTTON:
        return _told_how(tx, subject, new_contact, by, now)
    if subject.status == Status.CONTACTED:
        return Refused(Refusal.ALREADY_CONTACTED, number=subject.number)
    before = _begun(tx, subject, by, now, Permission.CONTACTED)
    if isinstance(before, Refused):
        return before
    take_responsibility(tx, subject, by, now)
    if subject.status not in TAKEN:
        accepted(tx, subject, by, now, now)
    return Done(subject, contact.first(tx, subject, new_contact, now, before))


def _told_how(tx: sa.Connection, subject: Mql, new_contact: Contact, by: str, now: datetime) -> ActionResult:
    if not permissions.may(members.get(tx, subject.workspace_id, by), Permission.EVIDENCE, subject):
        return _not_allowed(tx, subject, by, now, Permission.EVIDENCE)
    event_id = contact.add(tx, subject, new_contact, now)
    notifications.post_thread_note(tx, subject, event_id, now)
    return Done(subject, event_id)


def take_over(tx: sa.Connection, workspace_id: str, mql_id: int, by: str, now: datetime) -> ActionResult:
    """Make an MQL that of a leader, or of any rep to whom it was offered, also one that its owner has
    accepted and not contacted."""
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None:
        return Refused(Refusal.NOT_FOUND)
    if subject.owner == by or subject.owner is None or subject.status not in TAKEN:
        return accept(tx, workspace_id, mql_id, by, now)
    if mqls.open_clock(tx, workspace_id, mql_id, ClockKind.RESPONSE) is None:
        # Before the question of permission: whoever presses an old offer hears that all is well.
        return Refused(Refusal.ALREADY_ACCEPTED, team.name_of(tx, subject.workspace_id, subject.owner), subject.number)
    if refused := refusal(tx, subject, by, now, Permission.TAKE_OVER):
        return refused
    event_id = assignment.hand_over(tx, subject, by, now, by=by)
    notifications.post_thread_note(tx, subject, event_id, now)
    return Done(subject, event_id)


def reassign(
    tx: sa.Connection, workspace_id: str, mql_id: int, by: str, to: str, reason: str | None, now: datetime
) -> ActionResult:
    """Hand an MQL to another member of the team. Its response clock goes on. A rep who hands on what has no owner
    takes it by that, and then gives it away as its owner."""
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None:
        return Refused(Refusal.NOT_FOUND)
    if refused := refusal(tx, subject, by, now, Permission.REASSIGN):
        return refused
    if subject.owner == to:
        return Refused(Refusal.SAME_OWNER, team.name_of(tx, subject.workspace_id, to), subject.number)
    taker = members.get(tx, workspace_id, to)
    if taker is None or not team.can_hold(taker):
        return Refused(Refusal.CANNOT_TAKE, team.name_of(tx, subject.workspace_id, to), subject.number)
    if to != by:
        subject = taken(tx, subject, by, now)
    mqls.decide(tx, subject, to, [Considered(to, AssignmentVerdict.BY_HAND, taker.last_turn, by=by)], now)
    return Done(subject, assignment.hand_over(tx, subject, to, now, by=by, reason=reason))


def decline(tx: sa.Connection, workspace_id: str, mql_id: int, by: str, reason: str, now: datetime) -> ActionResult:
    """Decline an MQL that its owner cannot take.

    It goes to whoever's turn is next, and never back to somebody who declined it.
    """
    workspace = workspaces.locked(tx, workspace_id)
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None or workspace is None:
        return Refused(Refusal.NOT_FOUND)
    if subject.status in TAKEN:
        return Refused(Refusal.ALREADY_ACCEPTED, team.name_of(tx, subject.workspace_id, subject.owner), subject.number)
    if not permissions.may(members.get(tx, workspace_id, by), Permission.DECLINE, subject):
        return _not_allowed(tx, subject, by, now, Permission.DECLINE, Refusal.NOT_OWNER)
    if refused := refusal(tx, subject, by, now, Permission.DECLINE):
        return refused
    words = {"actor": by, "before": by, "reason": reason}
    event_id = mqls.log(tx, subject, EventType.DECLINED, now, now, **words)
    notifications.post_thread_note(tx, subject, event_id, now)
    assignment.assign_or_wait(tx, workspace, subject, now)
    return Done(subject, event_id)


def remind(tx: sa.Connection, workspace_id: str, mql_id: int, by: str, now: datetime) -> ActionResult:
    """Remind the owner of an MQL without a response, as a leader asks: by direct message, once in NUDGE_STANDS."""
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None:
        return Refused(Refusal.NOT_FOUND)
    if refused := gone(subject):
        return refused
    waiting = mqls.open_clock(tx, workspace_id, mql_id, ClockKind.RESPONSE)
    if waiting is None:
        return Refused(Refusal.ALREADY_ACCEPTED, team.name_of(tx, subject.workspace_id, subject.owner), subject.number)
    if waiting.paused_at is not None:
        return Refused(Refusal.PAUSED_ALREADY, number=subject.number)
    if subject.owner is None or not permissions.may(members.get(tx, workspace_id, by), Permission.REMIND):
        return _not_allowed(tx, subject, by, now, Permission.REMIND)
    whom = team.responder(members.roster(tx, workspace_id), subject, now)
    if whom is None:
        return Refused(Refusal.OWNER_AWAY, team.name_of(tx, workspace_id, subject.owner), subject.number)
    log = mqls.history(tx, workspace_id, mql_id)
    asked = next((event for event in reversed(log) if _is_nudge(event, whom) and now - event.at < NUDGE_STANDS), None)
    if asked is not None:
        return Refused(Refusal.JUST_REMINDED, team.name_of(tx, subject.workspace_id, asked.actor), subject.number)
    words = {"actor": by, "before": whom.user_id, "data": {"clock": ClockKind.RESPONSE}}
    event_id = mqls.log(tx, subject, EventType.REMINDED, now, now, **words)
    notifications.send_dm(tx, kinds.REMINDER(), [whom], subject, event_id, now)
    return Done(subject, event_id)


def _is_nudge(event: Event, whom: Member) -> bool:
    """Return whether a person had somebody asked, and not the policy."""
    return event.type == EventType.REMINDED and event.actor is not None and event.before == whom.user_id


def take_responsibility(tx: sa.Connection, subject: Mql, by: str, now: datetime) -> None:
    """Whoever acts first on an MQL without an owner becomes its owner."""
    if subject.owner is None:
        assignment.hand_over(tx, subject, by, now, by=by)


def taken(tx: sa.Connection, subject: Mql, by: str, now: datetime) -> Mql:
    """Return an MQL on which `by` acts: a rep has taken it by that where it had no owner, while a leader may see to it
    for whoever comes."""
    if subject.owner is not None or permissions.may(members.get(tx, subject.workspace_id, by), Permission.LEAD):
        return subject
    assignment.hand_over(tx, subject, by, now, by=by)
    return mqls.locked(tx, subject.workspace_id, subject.id) or subject


def accepted(
    tx: sa.Connection,
    subject: Mql,
    by: str,
    at: datetime,
    now: datetime,
    standing: Standing | None = None,
    before: undo.Before | None = None,
    crm: CrmKind | None = None,
) -> int:
    """Write the acceptance down at its true time `at`, let the clocks follow, and return the event's id. A pause that
    holds goes on for the feedback clock. `standing`: where the caller has read it already. `before`: how things stood,
    where it can be undone. `crm`: where it was said, if that was not in Slack. What an owner accepts in time the card
    tells by itself: its thread stays still."""
    standing = standing or standings.of(tx, subject, by)
    waiting, workspace = standing.waiting(ClockKind.RESPONSE), standing.workspace
    if waiting and waiting[0].paused_at and pause_end.end_if_over(tx, subject, now):
        waiting = standings.of(tx, subject, by).waiting(ClockKind.RESPONSE)
    mqls.update(tx, subject.workspace_id, subject.id, status=Status.ACCEPTED, accepted_at=at)
    known, paused = (waiting[1], waiting[0].paused_at is not None) if waiting else (None, False)
    if waiting:
        clocks.stop_if_acceptance_counts(tx, subject, waiting, at, now)
    data = clocks.start_feedback(tx, workspace, subject, at, now, known, paused=paused)
    data |= {"crm": crm} if crm else {}
    words = {"actor": by, "before": subject.status, "after": Status.ACCEPTED, "data": data}
    event_id = mqls.log(tx, subject, EventType.ACCEPTED, at, now, workspace, **words)
    if "until" in data:
        clocks.pass_breach_before_pause(tx, subject, now)
    if standing.member and standing.member.lapses:
        lapses.answered(tx, subject.workspace_id, by)
    if before is not None:
        undo.offer(tx, before, event_id, by, now)
    as_agreed = by == subject.owner and waiting is not None and waiting[0].standing(at) in ON_TIME
    tell = notifications.refresh_messages if as_agreed else notifications.update_card
    tell(tx, subject, event_id, now)
    return event_id


def _begun(tx: sa.Connection, subject: Mql, by: str, now: datetime, act: Permission) -> undo.Before | Refused:
    """Return how an MQL stands on which `by` acts now so that it can be undone, or why they may not."""
    if refused := _over(tx, subject):
        return refused
    standing = standings.of(tx, subject, by)
    refused = _inadmissible(tx, subject, by, standing.member, now, act)
    return refused or undo.begin(tx, subject, by, now, standing)


def refusal(tx: sa.Connection, subject: Mql, by: str, now: datetime, act: Permission) -> Refused | None:
    """Return why somebody may not act on an MQL now, written into its log; None where they may."""
    return _over(tx, subject) or _inadmissible(tx, subject, by, members.get(tx, subject.workspace_id, by), now, act)


def _over(tx: sa.Connection, subject: Mql) -> Refused | None:
    """Return why nobody can act on an MQL any more."""
    if subject.disposed and not gone(subject):
        return Refused(Refusal.DISPOSED_ALREADY, team.name_of(tx, subject.workspace_id, subject.owner), subject.number)
    return gone(subject)


def _inadmissible(
    tx: sa.Connection, subject: Mql, by: str, actor: Member | None, now: datetime, act: Permission
) -> Refused | None:
    """Return why `by`, who is `actor` on the roster, may not act on an MQL now, written into its log."""
    if not permissions.may(actor, act, subject):
        return _not_allowed(tx, subject, by, now, act)
    if (
        offers.stands(subject, now)
        and not permissions.may(actor, Permission.LEAD)
        and not offers.is_offered_to(tx, subject, by)
    ):
        return _not_allowed(tx, subject, by, now, act, Refusal.NOT_OFFERED)
    return None


def _not_allowed(
    tx: sa.Connection, subject: Mql, by: str, now: datetime, act: Permission, reason: Refusal = Refusal.NOT_ALLOWED
) -> Refused:
    refusals.note(tx, subject, by, act, now)
    return Refused(reason, number=subject.number)
