"""A rep's own week, told to nobody else: how it went, what is overdue, what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

import sqlalchemy as sa

from bot.core.base import team
from bot.core.base.figure import Figure
from bot.core.messages import kinds, payloads
from bot.core.reports import charges, rep_weeks
from bot.core.reports import weekly as reporting
from bot.core.reports.figures import Overdue, RepWeek
from bot.core.views import mql
from bot.core.views.mql import MqlView
from storage import claims, listings, members, mqls, reports, weekly, workspaces
from storage.models import Outbox, Workspace
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

    def over(self, view: MqlView) -> bool:
        """Return whether nothing more is asked of the rep: it has an outcome, or somebody else has it, or what was
        overdue was the first response, and that is there."""
        late = any(view.mql.id == listed.mql.id for listed in self.waiting.oldest)
        return (
            view.mql.disposed or view.mql.owner != self.week.user_id or (late and view.response.stopped_at is not None)
        )

    @property
    def empty(self) -> bool:
        """Whether there is nothing at all to say."""
        week = self.week
        counts = (week.received, week.in_time, week.breached, *self.outcomes.values())
        return not any((*counts, self.waiting.count, self.debt.count, self.next.count))


def settle(tx: sa.Connection, row: Outbox, now: datetime) -> Outbox:
    """Note which MQLs a week lists before it is first sent, and return it as it is to be sent."""
    workspace, payload = workspaces.get(tx, row.workspace_id), kinds.OWN_WEEK.read(row)
    if workspace is None or row.maybe_sent:
        return row
    fresh = own_week(tx, workspace, row.target, payloads.OwnWeek(period=payload.period), now)
    lists = {name: [view.mql.id for view in getattr(fresh, name).oldest] for name in ("waiting", "debt", "next")}
    named = [mql_id for ids in lists.values() for mql_id in ids]
    # Whoever changes one of them now is done when we render it, or sees that the week names it.
    mqls.hold(tx, row.workspace_id, named)
    data = payload.model_copy(update={name: tuple(ids) for name, ids in lists.items()}).to_json()
    if not claims.amend(tx, row, data=data):
        return row
    listings.replace(tx, row.workspace_id, row.id, named)
    return row.model_copy(update={"data": data})


def own_week(
    tx: sa.Connection, workspace: Workspace, user_id: str, payload: payloads.OwnWeek, now: datetime
) -> OwnWeek:
    """Return the week of one rep: with the MQLs that it has listed, where it was sent before. Raises ValueError if its
    period is no ISO week."""
    monday = reporting.week_of(payload.period)
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
        waiting=_listed(
            tx, workspace, reporting.overdue(tx, workspace, ClockKind.RESPONSE, now, LISTED, user_id), payload.waiting
        ),
        debt=_listed(tx, workspace, debt, payload.debt),
        next=_listed(tx, workspace, _next(tx, workspace, user_id, now), payload.next),
    )


def _listed(tx: sa.Connection, workspace: Workspace, fresh: Overdue, shown: Sequence[int] | None) -> Overdue:
    """Return what is listed: what there is now, or what was shown when it was sent."""
    if shown is None:
        return fresh
    subjects = {subject.id: subject for subject in mqls.of_ids(tx, workspace.id, shown)}
    views = mql.mql_views(tx, workspace, [subjects[mql_id] for mql_id in shown if mql_id in subjects])
    return Overdue(fresh.count, tuple(views))


def _next(tx: sa.Connection, workspace: Workspace, user_id: str, now: datetime) -> Overdue:
    count, subjects = weekly.due_within(tx, workspace.id, user_id, Span(now, now + AHEAD), LISTED)
    views: tuple[MqlView, ...] = tuple(mql.mql_views(tx, workspace, subjects))
    return Overdue(count, views)
