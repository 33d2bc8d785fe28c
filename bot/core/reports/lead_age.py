"""Whether leads were answered by their own age, whatever time their later owners got.

With `on_reassign = "restart"` a new owner has the whole time again, and an MQL may be in time although its lead has
waited for much longer than the policy allows. Of every other MQL the clock says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.sla import clocks
from bot.core.sla.checkpoints import Agreement
from bot.core.sla.time_breakdown import Part, break_down
from storage import reports
from storage.models import Clock, Event, Workspace, clock
from storage.reports import Answers, Span
from storage.vocabulary import ClockKind


def answers(tx: sa.Connection, workspace: Workspace, span: Span, as_of: datetime, by_clock: Answers) -> Answers:
    """Return what came before a moment of the MQLs received in the span, by the age of their leads. `by_clock`: what
    their clocks say."""
    begun_anew = reports.restarted(tx, workspace.id, span, as_of)
    if not begun_anew:
        return by_clock
    ids = [response.mql_id for response in begun_anew]
    theirs = reports.answers(tx, workspace.id, span, as_of, clock.c.mql_id.in_(ids))
    logs, agreements = reports.clock_logs(tx, workspace.id, ids), clocks.agreements_of(tx, begun_anew)
    given = late = late_answers = 0
    for response in begun_anew:
        answered = response.stopped_at is not None and response.stopped_at < as_of
        # Before `as_of`: a lead that comes of age in that very moment is not late yet.
        judged = response.stopped_at if answered and response.stopped_at else as_of - timedelta.resolution
        agreed = agreements[clocks.pin(response)]
        too_old = _age(logs[response.mql_id], agreed, response, judged) >= _allowed(agreed)
        given, late, late_answers = given + answered, late + too_old, late_answers + (answered and too_old)
    due = given + late - late_answers
    return Answers(
        by_clock.given, by_clock.due - theirs.due + due, by_clock.in_time - theirs.in_time + given - late_answers
    )


def _age(log: Sequence[Event], agreed: Agreement, response: Clock, moment: datetime) -> timedelta:
    """Return the open time since the lead came in, without the pauses."""
    whole = break_down(log, (), {}, agreed, response.started_at, moment)
    return whole.total - whole[Part.OUTSIDE] - whole[Part.PAUSED]


def _allowed(agreed: Agreement) -> timedelta:
    return agreed.terms.target(ClockKind.RESPONSE) + agreed.terms.grace
