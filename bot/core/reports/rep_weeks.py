"""The week of each rep: what they got and answered, and where the time went of what they did not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.reports.figures import RepWeek
from bot.core.sla import clocks
from bot.core.sla.time_breakdown import TimeBreakdown, break_down
from storage import members, reports
from storage.models import Clock, Event, Workspace
from storage.reports import Answers, Span
from storage.vocabulary import ClockKind, EventType, Role


@dataclass(frozen=True)
class OfReps:
    """What a week says of everybody together and of each: read once for both."""

    answers: Mapping[str, Answers]
    debt: Counter[str]
    """Outcomes that were overdue at the end."""
    breached: Sequence[Clock]
    """Response clocks."""


def of_reps(tx: sa.Connection, workspace: Workspace, span: Span, as_of: datetime) -> OfReps:
    """Read it, as it was known at a moment not after the end of the week."""
    return OfReps(
        answers=reports.answers(tx, workspace.id, span, as_of),
        debt=reports.outcomes_overdue_at(tx, workspace.id, as_of),
        breached=reports.breaches(tx, workspace.id, ClockKind.RESPONSE, Span(span.start, as_of)),
    )


def each(tx: sa.Connection, workspace: Workspace, span: Span, as_of: datetime, of_reps: OfReps) -> Iterator[RepWeek]:
    """Yield the week of everybody who is a rep or has something to answer for, and of the MQLs that nobody had."""
    given, debt = reports.assigned(tx, workspace.id, span), of_reps.debt
    in_time = {owner: answers.in_time for owner, answers in of_reps.answers.items()}
    breaches = by_owner(tx, workspace, of_reps.breached, as_of)
    for member in members.roster(tx, workspace.id):
        mine = breaches.get(member.user_id, [])
        if member.has(Role.REP) or mine or debt[member.user_id]:
            counts = (given[member.user_id], in_time.get(member.user_id, 0), debt[member.user_id])
            yield rep_week(member.user_id, member.name, mine, *counts)
    if nobodys := breaches.get("", []):
        yield rep_week("", "", nobodys, 0, 0, 0)


def rep_week(
    user_id: str, name: str, breaches: Sequence[TimeBreakdown], received: int, in_time: int, debt: int
) -> RepWeek:
    """One rep's week, with the parts of the breaches added up."""
    return RepWeek(
        user_id=user_id,
        name=name,
        received=received,
        in_time=in_time,
        breached=len(breaches),
        idle=_total(dict(parts.with_owner).get(user_id, timedelta(0)) for parts in breaches),
        unassigned=_total(parts.unassigned for parts in breaches),
        off_duty=_total(parts.off_duty for parts in breaches),
        debt=debt,
    )


def _total(spans: Iterable[timedelta]) -> timedelta:
    return sum(spans, timedelta(0))


def by_owner(
    tx: sa.Connection, workspace: Workspace, breached: Sequence[Clock], as_of: datetime
) -> dict[str, list[TimeBreakdown]]:
    """Return where the time of breached clocks went until their answer or `as_of`, under whoever had the MQL when
    its deadline passed ("" for nobody)."""
    changes = reports.owner_changes(tx, workspace.id, [clock.mql_id for clock in breached])
    breakdowns: dict[str, list[TimeBreakdown]] = {}
    agreements = clocks.agreements_of(tx, breached)
    absences = members.absences(tx, workspace.id, min((clock.started_at for clock in breached), default=as_of))
    for clock in breached:
        history, agreed = changes[clock.mql_id], agreements[clock.policy_id, clock.tier]
        # By user id rather than by name: two reps may have one name.
        spent = break_down(history, absences, {}, agreed, clock.started_at, min(clock.stopped_at or as_of, as_of))
        breakdowns.setdefault(_owner_at(history, clock.breached_at or clock.breach_at), []).append(spent)
    return breakdowns


def _owner_at(history: Sequence[Event], moment: datetime) -> str:
    """Return who had it when a deadline passed. Whoever gets it in that very instant, by a step that moves it, had
    not."""
    kinds = (EventType.ASSIGNED, EventType.UNASSIGNED)
    held = [event.after or "" for event in history if event.type in kinds and event.at < moment]
    return held[-1] if held else ""
