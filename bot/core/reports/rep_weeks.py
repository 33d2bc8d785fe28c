"""The week of each rep: what they got and answered, and where the time went of what they did not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.base import team
from bot.core.reports import charges
from bot.core.reports.charges import Charged
from bot.core.reports.figures import RepWeek
from bot.core.sla.time_breakdown import COLUMNS, NOTHING
from storage import members, reports
from storage.models import Workspace
from storage.reports import Span

NOBODY = ""


@dataclass(frozen=True)
class OfReps:
    """What a week says of each: the columns sum to what it says of everybody together."""

    given: Counter[str]
    in_time: Counter[str]
    debt: Counter[str]
    """Outcomes that were overdue at the end."""
    charges: Sequence[Charged]


def of_reps(tx: sa.Connection, workspace: Workspace, span: Span, as_of: datetime, until: datetime) -> OfReps:
    """Read it, as it was known just before `as_of`; times are measured to `until`."""
    deadlines = charges.passed(tx, workspace, Span(span.start, as_of))
    return OfReps(
        given=reports.assigned(tx, workspace.id, span),
        in_time=reports.in_time(tx, workspace.id, span, as_of),
        debt=reports.outcomes_overdue_at(tx, workspace.id, as_of),
        charges=charges.charges(tx, workspace, deadlines, until),
    )


def each(tx: sa.Connection, workspace: Workspace, of_reps: OfReps) -> Iterator[RepWeek]:
    """Yield the week of everybody who is a rep or of whom there is anything to tell; last what is nobody's."""
    charged: dict[str, list[Charged]] = {}
    for charge in of_reps.charges:
        charged.setdefault(charge.user_id, []).append(charge)
    roster = members.roster(tx, workspace.id)
    names = team.names(roster)
    reps = [member.user_id for member in roster if team.is_rep(member)]
    known = [user for counts in (of_reps.given, of_reps.in_time, of_reps.debt, charged) for user in counts]
    for user in sorted(dict.fromkeys((*reps, *sorted(known))), key=lambda user: user == NOBODY):
        counts = (of_reps.given[user], of_reps.in_time[user], of_reps.debt[user])
        yield rep_week(user, names.get(user, user), charged.get(user, []), *counts)


def rep_week(user_id: str, name: str, charged: Sequence[Charged], received: int, in_time: int, debt: int) -> RepWeek:
    """One rep's week, with the parts of the MQLs whose deadlines are theirs added up, each MQL once."""
    whole = {charge.deadline.clock.mql_id: charge.whole for charge in charged}.values()
    owned = [(owner, span) for parts in whole for owner, span in parts.with_owner]
    return RepWeek(
        user_id=user_id,
        name=name,
        received=received,
        in_time=in_time,
        breached=len(charged),
        idle=_total(span for owner, span in owned if owner == user_id),
        others=_total(span for owner, span in owned if owner != user_id),
        parts={name: _total(parts.columns[name] for parts in whole) for name in COLUMNS},
        debt=debt,
    )


def _total(spans: Iterable[timedelta]) -> timedelta:
    return sum(spans, NOTHING)
