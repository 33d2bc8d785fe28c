"""A rep's own week, told to nobody else: how it went, what is overdue, what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

import sqlalchemy as sa

from bot.core.base import team
from bot.core.base.figure import Figure
from bot.core.reports import charges, rep_weeks
from bot.core.reports import weekly as reporting
from bot.core.reports.figures import Overdue, RepWeek
from bot.core.views import mql
from bot.core.views.mql import MqlView
from storage import members, reports, weekly
from storage.models import Workspace
from storage.reports import Span
from storage.vocabulary import ClockKind, Status

LISTED = 5
AHEAD = timedelta(days=7)
PRIVATE = "told to the rep alone"


@dataclass(frozen=True)
class OwnWeek:
    """One rep's week. The figures as the digest has them, what waits as it is now."""

    first: date
    last: date
    week: RepWeek
    outcomes: Annotated[dict[Status, int], Figure("outcomes", csv=None, why=PRIVATE)]
    """First outcomes of the week, of the MQLs that the rep has."""
    waiting: Annotated[Overdue, Figure("waiting", csv=None, why=PRIVATE)]
    debt: Annotated[Overdue, Figure("outcomes overdue", csv=None, why=PRIVATE)]
    next: Annotated[Overdue, Figure("due within seven days", csv=None, why=PRIVATE)]
    """MQLs with a deadline in the coming seven days, the first of them first."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing at all to say."""
        week = self.week
        counts = (week.received, week.in_time, week.breached, *self.outcomes.values())
        return not any((*counts, self.waiting.count, self.debt.count, self.next.count))


def own_week(tx: sa.Connection, workspace: Workspace, user_id: str, period: str, now: datetime) -> OwnWeek:
    """Return the week of one rep. Raises ValueError if `period` is no ISO week."""
    monday = reporting.week_of(period)
    span = reporting.span_of(workspace, monday)
    as_of = reporting.known_before(span, now)
    deadlines = charges.passed(tx, workspace, Span(span.start, as_of), user_id)
    charged = charges.charges(tx, workspace, deadlines, min(now, span.end))
    names = team.names(members.roster(tx, workspace.id))
    debt = reporting.overdue(tx, workspace, ClockKind.FEEDBACK, now, LISTED, user_id)
    week = rep_weeks.rep_week(
        user_id,
        names.get(user_id, user_id),
        [charge for charge in charged if charge.user_id == user_id],
        weekly.given(tx, workspace.id, user_id, span),
        reports.in_time(tx, workspace.id, span, as_of, user_id)[user_id],
        debt.count,
    )
    return OwnWeek(
        first=monday,
        last=monday + timedelta(days=6),
        week=week,
        outcomes=weekly.disposed_by_owner(tx, workspace.id, user_id, Span(span.start, as_of)),
        waiting=reporting.overdue(tx, workspace, ClockKind.RESPONSE, now, LISTED, user_id),
        debt=debt,
        next=_next(tx, workspace, user_id, now),
    )


def _next(tx: sa.Connection, workspace: Workspace, user_id: str, now: datetime) -> Overdue:
    count, subjects = weekly.due_within(tx, workspace.id, user_id, Span(now, now + AHEAD), LISTED)
    views: tuple[MqlView, ...] = tuple(mql.mql_views(tx, workspace, subjects))
    return Overdue(count, views)
