"""Withdrawing an MQL that is none: a test, or a mistake. Nobody waits for it any more, and no figure counts it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.base import permissions
from bot.core.base.permissions import Permission
from bot.core.base.results import ActionResult, Done, Refusal, Refused
from bot.core.messages import notifications
from bot.core.mql import followup_question, refusals, undo
from bot.core.routing import assignment
from bot.core.sla import clocks
from storage import members, mqls, next_touches, workspaces
from storage.models import Member, Mql
from storage.vocabulary import EventType, Status


def withdraw(
    tx: sa.Connection, workspace_id: str, mql_id: int, by: str, reason: str | None, now: datetime
) -> ActionResult:
    """Take an open MQL back. The same lead starts as a new MQL afterwards. Safe to repeat."""
    # As for intake: the same lead must not be added to an MQL that is being withdrawn, nor its turn be taken meanwhile.
    workspaces.locked(tx, workspace_id)
    subject = mqls.locked(tx, workspace_id, mql_id)
    if subject is None:
        return Refused(Refusal.NOT_FOUND)
    if refused := refusal(members.get(tx, workspace_id, by), subject):
        if refused.reason == Refusal.WITHDRAW_NOT_ALLOWED:
            refusals.note(tx, subject, by, Permission.WITHDRAW, now)
        return refused
    before = undo.begin(tx, subject, by, now, turns=True)
    mqls.update(tx, workspace_id, mql_id, **close(tx, subject, now))
    words = {"actor": by, "before": subject.status, "after": Status.WITHDRAWN, "reason": reason}
    event_id = mqls.log(tx, subject, EventType.WITHDRAWN, now, now, **words)
    undo.offer(tx, before, event_id, by, now)
    notifications.update_card(tx, subject, event_id, now)
    return Done(subject, event_id)


def refusal(actor: Member | None, subject: Mql) -> Refused | None:
    """Return why somebody cannot withdraw an MQL, or None where they can."""
    if not permissions.may(actor, Permission.WITHDRAW):
        return Refused(Refusal.WITHDRAW_NOT_ALLOWED, number=subject.number)
    if subject.merged_into_id is not None:
        return Refused(Refusal.MERGED, number=subject.number)
    if subject.status == Status.WITHDRAWN:
        return Refused(Refusal.WITHDRAWN, number=subject.number)
    return Refused(Refusal.HAS_DISPOSITION, number=subject.number) if subject.disposed else None


def close(tx: sa.Connection, subject: Mql, now: datetime) -> dict[str, Any]:
    """Stop the clocks of an open MQL that has no outcome, let those who were given it keep their turn, and return the
    columns that are to change. The caller holds the workspace."""
    clocks.cancel(tx, subject, now)
    next_touches.drop(tx, subject.workspace_id, subject.id, now)
    assignment.give_turns_back(tx, subject, now)
    return {"status": Status.WITHDRAWN, "disposed_at": now, "offered": False, **followup_question.NOTHING}
