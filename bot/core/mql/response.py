"""What people do with an MQL: accept, contact, take over, hand over, decline, remind, pause."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.base import team
from bot.core.base.results import ActionResult, Done, Refusal, Refused, gone
from bot.core.messages import kinds, notifications
from bot.core.mql import contact
from bot.core.mql.contact import Contact
from bot.core.routing import assignment
from bot.core.sla import clocks
from storage import members, mqls, workspaces
from storage.models import Considered, Event, Mql, Workspace
from storage.vocabulary import AssignmentVerdict, ClockKind, EventType, Evidence, Role, Status

TAKEN = (Status.ACCEPTED, Status.CONTACTED)
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
        reason = Refusal.ALREADY_YOURS if subject.owner == by else Refusal.ALREADY_ACCEPTED
        return Refused(reason, team.name_of(tx, subject.workspace_id, subject.owner), subject.number)
    allowed = _allowed(tx, subject, by, now, "accept", taking=True)
    if isinstance(allowed, Refused):
        return allowed
    if subject.owner != by:
        assignment.hand_over(tx, subject, by, now, by=by, workspace=allowed)
    return Done(subject, accepted(tx, subject, by, now, now, allowed))


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
    new_contact = Contact(how, now, by, note)
    if subject.contacted_at is not None and how != Evidence.BUTTON:
        return _told_how(tx, subject, new_contact, by, now)
    if subject.status == Status.CONTACTED:
        return Refused(Refusal.ALREADY_CONTACTED, number=subject.number)
    if refused := _refusal(tx, subject, by, now, "contacted"):
        return refused
    take_responsibility(tx, subject, by, now)
    if subject.status not in TAKEN:
        accepted(tx, subject, by, now, now)
    return Done(subject, contact.first(tx, subject, new_contact, now))


def _told_how(tx: sa.Connection, subject: Mql, new_contact: Contact, by: str, now: datetime) -> ActionResult:
    if not team.may_act_on(members.get(tx, subject.workspace_id, by), subject):
        return _not_allowed(tx, subject, by, now, "evidence")
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
    if mqls.running_clock(tx, workspace_id, mql_id, ClockKind.RESPONSE) is None:
        # Before the question of permission: whoever presses an old offer hears that all is well.
        return Refused(Refusal.ALREADY_ACCEPTED, team.name_of(tx, subject.workspace_id, subject.owner), subject.number)
    if refused := _refusal(tx, subject, by, now, "take_over", taking=True):
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
    if refused := _refusal(tx, subject, by, now, "reassign"):
        return refused
    if subject.owner == to:
        return Refused(Refusal.SAME_OWNER, team.name_of(tx, subject.workspace_id, to), subject.number)
    taker = members.get(tx, workspace_id, to)
    if taker is None or taker.deactivated or not taker.has(Role.REP, *team.LEADERS):
        return Refused(Refusal.CANNOT_TAKE, team.name_of(tx, subject.workspace_id, to), subject.number)
    if to != by:
        subject = _taken(tx, subject, by, now)
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
    if subject.owner != by:
        return _not_allowed(tx, subject, by, now, "decline", Refusal.NOT_OWNER)
    if refused := _refusal(tx, subject, by, now, "decline"):
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
    if mqls.running_clock(tx, workspace_id, mql_id, ClockKind.RESPONSE) is None:
        return Refused(Refusal.ALREADY_ACCEPTED, team.name_of(tx, subject.workspace_id, subject.owner), subject.number)
    actor = members.get(tx, workspace_id, by)
    if subject.owner is None or actor is None or not actor.has(*team.LEADERS):
        return _not_allowed(tx, subject, by, now, "remind")
    log = mqls.history(tx, workspace_id, mql_id)
    asked = next(
        (event for event in reversed(log) if _is_nudge(event, subject.owner) and now - event.at < NUDGE_STANDS), None
    )
    if asked is not None:
        return Refused(Refusal.JUST_REMINDED, team.name_of(tx, subject.workspace_id, asked.actor), subject.number)
    words = {"actor": by, "before": subject.owner, "data": {"clock": ClockKind.RESPONSE}}
    event_id = mqls.log(tx, subject, EventType.REMINDED, now, now, **words)
    notifications.send_dm(tx, kinds.REMINDER(), [subject.owner], subject, event_id, now)
    return Done(subject, event_id)


def _is_nudge(event: Event, owner: str) -> bool:
    """Return whether a person had the owner asked, and not the policy."""
    return event.type == EventType.REMINDED and event.actor is not None and event.before == owner


def pause(
    tx: sa.Connection, workspace_id: str, mql_id: int, by: str, until: datetime, reason: str, now: datetime
) -> ActionResult:
    """Stop counting until a moment, for a reason: the customer asked for a date, or data is missing. A rep who pauses
    what has no owner takes it. The caller has checked that `until` lies within what the policy allows
    (`longest_pause`)."""
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None:
        return Refused(Refusal.NOT_FOUND)
    if refused := _refusal(tx, subject, by, now, "pause"):
        return refused
    if not clocks.paused(tx, subject):
        subject = _taken(tx, subject, by, now)
    paused = clocks.pause(tx, subject, now, until)
    if not paused:
        reason_why = Refusal.PAUSED_ALREADY if clocks.paused(tx, subject) else Refusal.NOTHING_RUNS
        return Refused(reason_why, number=subject.number)
    words = {"actor": by, "after": until.isoformat(), "reason": reason}
    return Done(subject, _written(tx, subject, EventType.PAUSED, now, **words))


def resume(tx: sa.Connection, workspace_id: str, mql_id: int, by: str, now: datetime) -> ActionResult:
    """Go on counting before the pause is over. A rep who does so with what has no owner takes it."""
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None:
        return Refused(Refusal.NOT_FOUND)
    if refused := _refusal(tx, subject, by, now, "resume"):
        return refused
    if not clocks.paused(tx, subject):
        return Refused(Refusal.NOT_PAUSED, number=subject.number)
    subject = _taken(tx, subject, by, now)
    clocks.resume(tx, subject, now)
    return Done(subject, _written(tx, subject, EventType.RESUMED, now, actor=by))


def longest_pause(tx: sa.Connection, workspace_id: str, mql_id: int, by: str) -> int | None:
    """Return the days for which somebody may pause the clocks of an MQL, by the terms of each; None for leaders,
    whom nothing limits, and where no clock runs."""
    actor = members.get(tx, workspace_id, by)
    if actor is not None and actor.has(*team.LEADERS):
        return None
    running = [mqls.running_clock(tx, workspace_id, mql_id, kind) for kind in ClockKind]
    return min(
        (clocks.agreement_of(tx, clock).terms.pause_days for clock in running if clock is not None), default=None
    )


def take_responsibility(tx: sa.Connection, subject: Mql, by: str, now: datetime) -> None:
    """Whoever acts first on an MQL without an owner becomes its owner."""
    if subject.owner is None:
        assignment.hand_over(tx, subject, by, now, by=by)


def _taken(tx: sa.Connection, subject: Mql, by: str, now: datetime) -> Mql:
    """Return an MQL on which `by` acts: a rep has taken it by that where it had no owner, while a leader may see to it
    for whoever comes."""
    if subject.owner is not None or team.may_lead(members.get(tx, subject.workspace_id, by)):
        return subject
    assignment.hand_over(tx, subject, by, now, by=by)
    return mqls.locked(tx, subject.workspace_id, subject.id) or subject


def accepted(
    tx: sa.Connection, subject: Mql, by: str, at: datetime, now: datetime, workspace: Workspace | None = None
) -> int:
    """Write the acceptance down at its true time `at`, let the clocks follow, and return the event's id. `workspace`:
    where the caller has read it already."""
    mqls.update(tx, subject.workspace_id, subject.id, status=Status.ACCEPTED, accepted_at=at)
    agreed = clocks.stop_if_acceptance_counts(tx, subject, at, now)
    workspace = workspace or workspaces.get(tx, subject.workspace_id)
    if workspace is not None:
        clocks.start(tx, workspace, subject, ClockKind.FEEDBACK, at, agreed)
    words = {"actor": by, "before": subject.status, "after": Status.ACCEPTED}
    event_id = mqls.log(tx, subject, EventType.ACCEPTED, at, now, workspace, **words)
    notifications.update_card(tx, subject, event_id, now)
    return event_id


def _written(tx: sa.Connection, subject: Mql, kind: EventType, now: datetime, **words: str | None) -> int:
    event_id = mqls.log(tx, subject, kind, now, now, **words)
    notifications.update_card(tx, subject, event_id, now)
    return event_id


def _refusal(
    tx: sa.Connection, subject: Mql, by: str, now: datetime, act: str, *, taking: bool = False
) -> Refused | None:
    allowed = _allowed(tx, subject, by, now, act, taking=taking)
    return allowed if isinstance(allowed, Refused) else None


def _allowed(
    tx: sa.Connection, subject: Mql, by: str, now: datetime, act: str, *, taking: bool = False
) -> Workspace | Refused:
    """Return the workspace of an MQL on which `by` may act now, or why they may not."""
    if refused := gone(subject):
        return refused
    if subject.disposed:
        return Refused(Refusal.DISPOSED_ALREADY, team.name_of(tx, subject.workspace_id, subject.owner), subject.number)
    caller = members.caller(tx, subject.workspace_id, by)
    actor = caller.member if caller else None
    if caller is None or not (team.may_act_on(actor, subject) or (taking and team.may_take(actor, subject))):
        return _not_allowed(tx, subject, by, now, act)
    return caller.workspace


def _not_allowed(
    tx: sa.Connection, subject: Mql, by: str, now: datetime, act: str, reason: Refusal = Refusal.NOT_ALLOWED
) -> Refused:
    mqls.log(tx, subject, EventType.REFUSED, now, now, actor=by, reason=act)
    return Refused(reason, number=subject.number)
