"""Marketing disputes that an MQL was disqualified, and a leader decides.

Where the dispute is accepted the MQL is reopened: it goes back to its owner with a feedback clock that starts anew, and
whoever decides may hand it to somebody else. The log tells of each step; the MQL holds whether a dispute is open.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.base import permissions, team
from bot.core.base.permissions import Permission
from bot.core.base.results import ActionResult, Done, Refusal, Refused, gone
from bot.core.messages import kinds, notifications
from bot.core.mql import identity, marketing_updates, refusals
from bot.core.routing import assignment
from bot.core.sla import clocks
from storage import disputes, members, mqls, workspaces
from storage.models import Event, Member, Mql
from storage.vocabulary import ClockKind, EventType, Status

DECISIONS = (EventType.UPHELD, EventType.REOPENED)
ANSWERS = (EventType.DISPOSED, EventType.CORRECTED)


def open_of(tx: sa.Connection, subject: Mql) -> Event | None:
    """Return the event that opened the dispute of an MQL, while it waits for a decision."""
    if subject.disputed_at is None:
        return None
    return disputes.newest(tx, subject.workspace_id, [subject.id]).get(subject.id)


def refusal(tx: sa.Connection, actor: Member | None, subject: Mql) -> Refused | None:
    """Return why somebody cannot dispute an MQL now, or None where they can."""
    if not gone(subject) and not permissions.may(actor, Permission.DISPUTE):
        return Refused(Refusal.DISPUTE_NOT_ALLOWED, number=subject.number)
    return _settled(tx, subject)


def may_be_disputed(tx: sa.Connection, subject: Mql, answer: Event) -> bool:
    """Return whether an event tells of the disqualification that holds, and somebody may still dispute it."""
    if answer.type not in ANSWERS or answer.data.get("feedback") is None:
        return False
    return _settled(tx, subject) is None and answer.data["feedback"] == _about(tx, subject)["feedback"]


def _settled(tx: sa.Connection, subject: Mql) -> Refused | None:
    """Return why nobody can dispute an MQL now."""
    number = subject.number
    if refused := gone(subject):
        return refused
    if subject.status != Status.DISQUALIFIED:
        return Refused(Refusal.NOT_DISQUALIFIED, number=number)
    if opened := open_of(tx, subject):
        return Refused(Refusal.DISPUTED_ALREADY, team.name_of(tx, subject.workspace_id, opened.actor), number)
    if upheld := _upheld(tx, subject):
        return Refused(Refusal.UPHELD_ALREADY, team.name_of(tx, subject.workspace_id, upheld.actor), number)
    if back := identity.back_as(tx, subject):
        return Refused(Refusal.LEAD_IS_BACK, number=back.number)
    return None


def dispute(tx: sa.Connection, workspace_id: str, mql_id: int, by: str, why: str, now: datetime) -> ActionResult:
    """Say that a disqualification is wrong, and why; whoever answers for its owner is asked to decide. Once for each
    answer of sales: a repeat changes nothing."""
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None:
        return Refused(Refusal.NOT_FOUND)
    if refused := refusal(tx, members.get(tx, workspace_id, by), subject):
        if refused.reason == Refusal.DISPUTE_NOT_ALLOWED:
            refusals.note(tx, subject, by, Permission.DISPUTE, now)
        return refused
    mqls.update(tx, workspace_id, mql_id, disputed_at=now)
    words = {"actor": by, "before": subject.status, "after": subject.status, "reason": why}
    event_id = mqls.log(tx, subject, EventType.DISPUTED, now, now, data=_about(tx, subject), **words)
    renew_note(tx, subject, event_id, now)
    leaders = team.managers_of(members.roster(tx, workspace_id), subject.owner)
    notifications.send_dm(tx, kinds.DISPUTED(), leaders, subject, event_id, now)
    notifications.update_card(tx, subject, event_id, now)
    return Done(subject, event_id)


def uphold(
    tx: sa.Connection, workspace_id: str, dispute_id: int, by: str, now: datetime, why: str | None = None
) -> ActionResult:
    """Decide that the disqualification stands, and say why. `dispute_id` is the event that opened the dispute."""
    dispute = _to_decide(tx, workspace_id, dispute_id, by, now)
    if isinstance(dispute, Refused):
        return dispute
    subject, opened = dispute
    mqls.update(tx, workspace_id, subject.id, disputed_at=None)
    words = {"actor": by, "before": subject.status, "after": subject.status, "reason": why}
    data = {"dispute": opened.id, **_about(tx, subject)}
    event_id = mqls.log(tx, subject, EventType.UPHELD, now, now, data=data, **words)
    _say_decided(tx, subject, opened, event_id, now)
    return Done(subject, event_id)


def accept(tx: sa.Connection, workspace_id: str, dispute_id: int, by: str, now: datetime) -> ActionResult:
    """Decide that marketing is right: the MQL has no outcome any more and is its owner's again, with a new feedback
    clock. A turn that was given back because the lead was called unfit counts again."""
    # As for intake: the same lead must not come in as another MQL while this one is reopened.
    workspace = workspaces.locked(tx, workspace_id)
    dispute = _to_decide(tx, workspace_id, dispute_id, by, now)
    if isinstance(dispute, Refused):
        return dispute
    subject, opened = dispute
    if workspace is None:
        return Refused(Refusal.NOT_FOUND)
    if back := identity.back_as(tx, subject):
        return Refused(Refusal.LEAD_IS_BACK, number=back.number)
    status = Status.ACCEPTED if subject.contacted_at is None else Status.CONTACTED
    mqls.update(tx, workspace_id, subject.id, status=status, disposed_at=None, disputed_at=None)
    clocks.start_again(tx, workspace, subject, ClockKind.FEEDBACK, now)
    data: dict[str, Any] = {"dispute": opened.id, **_about(tx, subject)}
    if assignment.take_turns_again(tx, subject, now):
        data["turn"] = "taken_again"
    words = {"actor": by, "before": subject.status, "after": status}
    event_id = mqls.log(tx, subject, EventType.REOPENED, now, now, data=data, **words)
    _give_back(tx, subject, event_id, now)
    _say_decided(tx, subject, opened, event_id, now)
    marketing_updates.tell(tx, workspace, subject, event_id, now)
    return Done(subject, event_id)


def _to_decide(
    tx: sa.Connection, workspace_id: str, dispute_id: int, by: str, now: datetime
) -> tuple[Mql, Event] | Refused:
    """Return the MQL and the event that opened the dispute, for a leader who may decide it now; else why not."""
    opened = mqls.get_event(tx, workspace_id, dispute_id)
    if opened is None or opened.type != EventType.DISPUTED:
        return Refused(Refusal.NOT_FOUND)
    subject = mqls.locked(tx, workspace_id, opened.mql_id)
    if subject is None:
        return Refused(Refusal.NOT_FOUND)
    if not permissions.may(members.get(tx, workspace_id, by), Permission.DECIDE):
        refusals.note(tx, subject, by, Permission.DECIDE, now)
        return Refused(Refusal.DECIDE_NOT_ALLOWED, number=subject.number)
    if refused := gone(subject):
        return refused
    return over(tx, subject, opened) or (subject, opened)


def over(tx: sa.Connection, subject: Mql, opened: Event) -> Refused | None:
    """Return why nobody has to decide a dispute any more; None where a decision is awaited."""
    waits = open_of(tx, subject)
    if waits is not None and waits.id == opened.id:
        return None
    decided = decision_of(tx, opened)
    if decided is None:
        return Refused(Refusal.DISPUTE_OVER, number=subject.number)
    return Refused(Refusal.DECIDED_ALREADY, team.name_of(tx, subject.workspace_id, decided.actor), subject.number)


def decision_of(tx: sa.Connection, opened: Event) -> Event | None:
    """Return the event by which a dispute was decided; None while it waits, or where a correction made it needless."""
    log = mqls.history(tx, opened.workspace_id, opened.mql_id)
    return next((event for event in log if event.type in DECISIONS and event.data.get("dispute") == opened.id), None)


def corrected(tx: sa.Connection, subject: Mql, status: Status, event_id: int, by: str, now: datetime) -> None:
    """Follow the correction of a disqualification (`subject` as it was before) to `status`: where that is something
    else, whoever disputed it is told that nobody has to decide any more."""
    opened = open_of(tx, subject) if status != Status.DISQUALIFIED else None
    if opened is not None and opened.actor not in (None, by):
        notifications.send_dm(tx, kinds.DISPUTE_DECIDED(), [opened.actor or ""], subject, event_id, now)
    renew_note(tx, subject, event_id, now)


def renew_note(tx: sa.Connection, subject: Mql, event_id: int, now: datetime) -> None:
    """Have the note of the last answer before an event edited: whether it offers to dispute it has changed."""
    log = mqls.history(tx, subject.workspace_id, subject.id)
    answers = [event.id for event in log if event.type in ANSWERS and event.id < event_id]
    if answers:
        notifications.edit_message(tx, subject.workspace_id, notifications.note_key(answers[-1]), str(event_id), now)


def _about(tx: sa.Connection, subject: Mql) -> dict[str, Any]:
    """Return the answer of sales that is in question."""
    return {"feedback": next((row.id for row in mqls.last_feedback(tx, subject.workspace_id, [subject.id])), None)}


def _upheld(tx: sa.Connection, subject: Mql) -> Event | None:
    """Return the decision by which the present answer of sales stands."""
    about = _about(tx, subject)["feedback"]
    log = mqls.history(tx, subject.workspace_id, subject.id)
    return next(
        (event for event in log if event.type == EventType.UPHELD and event.data.get("feedback") == about), None
    )


def _give_back(tx: sa.Connection, subject: Mql, event_id: int, now: datetime) -> None:
    """Tell the owner; where they are not here any more, whoever can find another one."""
    owner = members.get(tx, subject.workspace_id, subject.owner or "")
    if owner is not None and owner.active and not owner.deactivated:
        notifications.send_dm(tx, kinds.REOPENED(), [owner], subject, event_id, now)
        return
    # So that its time is nobody's from now on.
    left = mqls.log(tx, subject, EventType.OWNER_LEFT, now, now, before=subject.owner)
    leaders = team.managers_of(members.roster(tx, subject.workspace_id), subject.owner)
    notifications.send_dm(tx, kinds.OWNER_LEFT(left=subject.owner), leaders, subject, left, now)


def _say_decided(tx: sa.Connection, subject: Mql, opened: Event, event_id: int, now: datetime) -> None:
    if opened.actor is not None:
        notifications.send_dm(tx, kinds.DISPUTE_DECIDED(), [opened.actor], subject, event_id, now)
    renew_note(tx, subject, event_id, now)
    notifications.update_card(tx, subject, event_id, now)
