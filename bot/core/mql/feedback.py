"""What became of an MQL, as sales says it. Stored as rows; a correction is a new row and an event."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Self

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.core.base import permissions, team
from bot.core.base.permissions import Permission
from bot.core.base.results import ActionResult, Done, Refusal, Refused, gone
from bot.core.messages import notifications
from bot.core.mql import disputes, followup_question, identity, marketing_updates, next_touch, refusals, undo
from bot.core.routing import assignment
from bot.core.sla import clocks
from storage import members, mqls, next_touches, workspaces
from storage.models import CLOSED, Mql
from storage.vocabulary import AskWhy, ClockKind, CrmKind, Disposition, EventType, Status

UNACCEPTED = (Status.UNASSIGNED, Status.ASSIGNED)
Comment = Annotated[str, StringConstraints(strip_whitespace=True, max_length=3000)]


class Answer(BaseModel):
    """One answer. What does not belong to its disposition is refused, so that no figure counts a stray field."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)

    disposition: Disposition
    lost_reason: str | None = None
    comment: Comment | None = None
    amount: Annotated[int, Field(ge=0, le=10**15)] | None = None
    next_step: Comment | None = None
    recycle_on: date | None = None

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if (self.lost_reason is not None) != (self.disposition == Disposition.DISQUALIFIED):
            raise ValueError("a lost reason goes with disqualified, and disqualified with a lost reason")
        if self.disposition != Disposition.QUALIFIED and (self.amount is not None or self.next_step):
            raise ValueError("amount and next step go with qualified")
        if self.disposition != Disposition.RECYCLED and self.recycle_on is not None:
            raise ValueError("a date to come back goes with recycled")
        if self.disposition == Disposition.RECYCLED and not (self.recycle_on or self.comment):
            raise ValueError("recycled needs a date to come back or a comment that says why")
        return self


def too_early(tx: sa.Connection, subject: Mql, by: str) -> Refused | None:
    """Return why somebody who may act on an MQL cannot report its outcome yet: nobody has accepted it. None where
    they can."""
    if subject.status not in UNACCEPTED:
        return None
    if by == subject.cover or subject.owner in (None, by):
        return Refused(Refusal.NOT_ACCEPTED, number=subject.number)
    owner = team.name_of(tx, subject.workspace_id, subject.owner)
    return Refused(Refusal.OWNER_HAS_NOT_ACCEPTED, owner, subject.number)


def handed_on(tx: sa.Connection, subject: Mql, by: str) -> Refused | None:
    """Return why somebody who had an MQL before cannot say any more what became of it: somebody else has it now.
    None where they can, and for whoever never had it: they are not told whose it is."""
    may = permissions.may(members.get(tx, subject.workspace_id, by), Permission.FEEDBACK, subject)
    if may or subject.owner is None or not mqls.was_owner(tx, subject.workspace_id, subject.id, by):
        return None
    return Refused(Refusal.OWNER_CHANGED, team.name_of(tx, subject.workspace_id, subject.owner), subject.number)


def back_as(tx: sa.Connection, subject: Mql) -> int | None:
    """Return the number as which the lead of a closed MQL is with sales again: then this one cannot be corrected to
    qualified. None where it can."""
    if subject.status not in CLOSED:
        return None
    back = identity.back_as(tx, subject)
    return back.number if back else None


def stands(tx: sa.Connection, workspace_id: str, mql_id: int, answer: Answer) -> bool:
    """Return whether this very answer is the one that counts already."""
    subject = mqls.get(tx, workspace_id, mql_id)
    if subject is None or not subject.disposed:
        return False  # there is none yet, or what there was has been reopened
    values = answer.model_dump(mode="json")
    newest = mqls.last_feedback(tx, workspace_id, [mql_id])
    return any(all(getattr(row, name) == value for name, value in values.items()) for row in newest)


def give_first(
    tx: sa.Connection, workspace_id: str, mql_id: int, by: str, answer: Answer, now: datetime
) -> ActionResult:
    """Store an answer that was given without seeing an earlier one: where there is one already it stands, so that a
    tap on an old message corrects nothing."""
    workspaces.locked(tx, workspace_id)
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is not None and subject.disposed and not gone(subject):
        return Refused(Refusal.DISPOSED_ALREADY, number=subject.number)
    return give(tx, workspace_id, mql_id, by, answer, now)


def give(
    tx: sa.Connection,
    workspace_id: str,
    mql_id: int,
    by: str,
    answer: Answer,
    now: datetime,
    crm: CrmKind | None = None,
) -> ActionResult:
    """Store an answer, stop both clocks, and say so. A second answer corrects the first; the log keeps both. Nobody
    knows what became of an MQL that nobody has accepted: its outcome is refused. So is the correction to qualified of
    an MQL whose lead is with sales again: it goes on there.

    An answer that the lead was unfit gives the turn back that it cost, and its correction takes it again. A dispute of
    a disqualification is over once the MQL is corrected to something else. `crm`: where `by` has said so, if that was
    not in Slack.
    """
    # Before the MQL, like everyone who changes turns.
    workspace = workspaces.locked(tx, workspace_id)
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None:
        return Refused(Refusal.NOT_FOUND)
    if refused := gone(subject):
        return refused
    if not permissions.may(members.get(tx, workspace_id, by), Permission.FEEDBACK, subject):
        refusals.note(tx, subject, by, Permission.FEEDBACK, now)
        return handed_on(tx, subject, by) or Refused(Refusal.NOT_ALLOWED, number=subject.number)
    if refused := too_early(tx, subject, by) or _is_back(tx, subject, answer):
        return refused
    before = undo.begin(tx, subject, by, now, turns=True)
    for clock in ClockKind:  # where contact is the response, an accepted MQL still waits for it
        clocks.stop(tx, subject, clock, now, now)
    feedback_id = mqls.add_feedback(tx, subject, by=by, at=now, **answer.model_dump(mode="json"))
    status = Status(answer.disposition)
    mqls.update(tx, workspace_id, mql_id, **_changes(subject, status, now))
    if answer.recycle_on is not None:
        followup_question.schedule_on(tx, subject, AskWhy.RETURN, answer.recycle_on)
    kind = EventType.CORRECTED if subject.disposed else EventType.DISPOSED
    words = {"actor": by, "before": subject.status, "after": status, "reason": answer.lost_reason}
    data = {"feedback": feedback_id, **_turns(tx, subject, answer, now)} | ({"crm": crm} if crm else {})
    event_id = mqls.log(tx, subject, kind, now, now, data=data, **words)
    next_touch.keep(tx, subject, now, event_id)
    next_touches.drop(tx, workspace_id, mql_id, now)
    if kind == EventType.DISPOSED and crm is None:
        undo.offer(tx, before, event_id, by, now)
    if subject.status == Status.DISQUALIFIED:
        disputes.corrected(tx, subject, status, event_id, by, now)
    notifications.update_card(tx, subject, event_id, now)
    marketing_updates.tell(tx, workspace, subject, event_id, now)
    return Done(subject, event_id)


def _changes(subject: Mql, status: Status, now: datetime) -> dict[str, Any]:
    """Return the columns of an MQL that an answer changes."""
    changes: dict[str, Any] = {"status": status, "disposed_at": subject.disposed_at or now}
    if status != Status.QUALIFIED:  # there is no opportunity that could be won or lost
        changes |= {"deal_result": None, "deal_result_at": None, "amount": None}
    if status != Status.DISQUALIFIED:
        changes["disputed_at"] = None
    return changes | followup_question.NOTHING


def _is_back(tx: sa.Connection, subject: Mql, answer: Answer) -> Refused | None:
    """Return why a closed MQL cannot be corrected to qualified: its lead has come to sales again, and a lead is
    with sales once."""
    number = back_as(tx, subject) if answer.disposition == Disposition.QUALIFIED else None
    return Refused(Refusal.LEAD_IS_BACK, number=number) if number is not None else None


def _turns(tx: sa.Connection, subject: Mql, answer: Answer, now: datetime) -> dict[str, Any]:
    """Let the turn that the MQL cost count or not, as the answer says; returns what was changed, for the log."""
    known = workspaces.reasons(tx, subject.workspace_id, only_active=False) if answer.lost_reason else []
    if any(reason.unfit for reason in known if reason.key == answer.lost_reason):
        return {"turn": "given_back"} if assignment.give_turns_back(tx, subject, now) else {}
    again = subject.status == Status.DISQUALIFIED and assignment.take_turns_again(tx, subject, now)
    return {"turn": "taken_again"} if again else {}
