"""The outcome of an MQL that its reporter may not have accepted yet: both are written down at once."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.core.base.results import ActionResult, Refusal, Refused
from bot.core.mql import feedback, response
from bot.core.mql.feedback import Answer
from storage import mqls, workspaces


def report(tx: sa.Connection, workspace_id: str, mql_id: int, by: str, answer: Answer, now: datetime) -> ActionResult:
    """Store an answer (`feedback.give`). What nobody has accepted and its reporter may accept is accepted by that, in
    the same moment; whoever only looks at the form, or gives it up, has accepted nothing."""
    workspaces.locked(tx, workspace_id)
    subject = mqls.locked(tx, workspace_id, mql_id)
    early = feedback.too_early(tx, subject, by) if subject is not None else None
    if early is not None and early.reason == Refusal.NOT_ACCEPTED:
        taken = response.accept(tx, workspace_id, mql_id, by, now)
        if isinstance(taken, Refused):
            return taken
    return feedback.give(tx, workspace_id, mql_id, by, answer, now)
