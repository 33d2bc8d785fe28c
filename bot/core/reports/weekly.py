"""The weekly figures and when their digest is due. A week is an ISO week in the workspace's timezone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.agreement.goals import Goals
from bot.core.base import team
from bot.core.base.period_words import iso_week
from bot.core.base.statistics import rank
from bot.core.messages import kinds, outgoing
from bot.core.messages.periodic import Occasion, PassedOver, PeriodicReport
from bot.core.reports import charges, kpi_target, lead_age, nurturing, pauses, rep_weeks
from bot.core.reports.figures import Contacts, Detail, Figures, Overdue, PeopleWeek, WeeklyReport
from bot.core.review import actions
from bot.core.sla import clocks, working_days
from bot.core.views import disputes, mql
from bot.core.views.lost_reasons import lost_reasons
from storage import members, next_touches, outbox, reports, unreadables
from storage import weekly as storage
from storage.models import Clock, Workspace
from storage.reports import Ran, Span
from storage.vocabulary import ClockKind, ReportKind, Status

WEEK = timedelta(days=7)
LISTED = 10
CHUNK = 500  # ids in one question
YEARS = range(2000, 2200)

Key = TypeVar("Key", bound=Hashable)


def week_of(period: str) -> date:
    """Return the Monday of an ISO week such as 2026-W47. Raises ValueError for anything else."""
    matched = re.fullmatch(r"(\d{4})-W(\d{2})", period)
    if matched is None or int(matched[1]) not in YEARS:
        raise ValueError(f"{period!r} is not an ISO week such as 2026-W47")
    return date.fromisocalendar(int(matched[1]), int(matched[2]), 1)


def weekly(
    tx: sa.Connection, workspace: Workspace, period: str, now: datetime, listed: int | None = LISTED
) -> WeeklyReport:
    """Return the figures of one week beside those of the week before. Raises ValueError if `period` is no ISO week.

    Figures count what was true before the end of the week, so that a report made late, or again, says the same. The
    lists of what to act on show what is overdue now, the first `listed` of each; None: all.
    """
    monday = week_of(period)
    span, before = span_of(workspace, monday), span_of(workspace, monday - WEEK)
    as_of = known_before(span, now)
    of_reps = rep_weeks.of_reps(tx, workspace, span, as_of, min(now, span.end))
    held, handed_over, nurtured = unreadables.count_held(tx, workspace.id, span.start, as_of)
    return WeeklyReport(
        period=period,
        first=monday,
        last=monday + timedelta(days=6),
        now=_figures(tx, workspace, span, as_of, len(of_reps.charges), of_reps.debt.total()),
        before=_week_before(tx, workspace, before),
        reps=tuple(rep_weeks.each(tx, workspace, of_reps)),
        charges=tuple(charged.charge for charged in of_reps.charges),
        debt=overdue(tx, workspace, ClockKind.FEEDBACK, now, listed),
        waiting=overdue(tx, workspace, ClockKind.RESPONSE, now, listed),
        unreadable=len(unreadables.waiting(tx, workspace.id)),
        set_aside=unreadables.count_set_aside(tx, workspace.id, span.start, as_of),
        held=held,
        handed_over=handed_over,
        nurtured=nurtured,
        plan=kpi_target.progress(tx, workspace, as_of),
        actions=actions.open_actions(tx, workspace, now),
        goals=Goals.of(workspace.goals),
        nurturing=_nurturing(tx, workspace.id, monday),
        undecided=disputes.undecided(tx, workspace, now),
    )


def people(tx: sa.Connection, workspace: Workspace, period: str, now: datetime) -> PeopleWeek:
    """Return those of the same figures that stand in the digest's thread. Raises ValueError if `period` is no ISO
    week."""
    monday = week_of(period)
    span, before = span_of(workspace, monday), span_of(workspace, monday - WEEK)
    as_of = known_before(span, now)
    of_reps = rep_weeks.of_reps(tx, workspace, span, as_of, min(now, span.end))
    return PeopleWeek(
        first=monday,
        last=monday + timedelta(days=6),
        now=_detail(tx, workspace, span, as_of),
        before=_detail(tx, workspace, before, before.end),
        reps=tuple(rep_weeks.each(tx, workspace, of_reps)),
        nurturing=_nurturing(tx, workspace.id, monday),
    )


def _nurturing(tx: sa.Connection, workspace_id: str, monday: date) -> nurturing.Nurturing:
    return nurturing.of_weeks(tx, workspace_id, [iso_week(monday)], [iso_week(monday - WEEK)])


def overdue(
    tx: sa.Connection,
    workspace: Workspace,
    kind: ClockKind,
    now: datetime,
    listed: int | None,
    owner: str | None = None,
) -> Overdue:
    """Return what is overdue now, of everybody or of one owner."""
    oldest = storage.oldest_overdue(tx, workspace.id, kind, now, listed, owner)
    count = len(oldest) if listed is None else storage.count_overdue(tx, workspace.id, kind, now, owner)
    views = (mql.mql_views(tx, workspace, oldest[i : i + CHUNK]) for i in range(0, len(oldest), CHUNK))
    return Overdue(count, tuple(view for chunk in views for view in chunk))


def _send_week(tx: sa.Connection, workspace: Workspace, occasion: Occasion, now: datetime) -> None:
    roster, period = members.roster(tx, workspace.id), occasion.period
    if span_of(workspace, week_of(period)).end > now:
        return  # passed over by a closure agreed since: the digest after it tells of this week too
    for reader in team.digest_readers(roster):
        _send(tx, workspace.id, period, reader.user_id, now)
    for rep in (member for member in roster if team.gets_own_week(member, workspace)):
        key = f"own_week:{period}:{rep.user_id}"
        outgoing.add(tx, workspace.id, key, kinds.OWN_WEEK(period=period), rep.user_id, now)


def _send(tx: sa.Connection, workspace_id: str, period: str, reader: str, now: datetime) -> None:
    """Send the digest, and what belongs to it in its thread."""
    key = f"digest:{period}:{reader}"
    outgoing.add(tx, workspace_id, key, kinds.DIGEST(period=period), reader, now)
    parent = outbox.by_key(tx, workspace_id, key)
    for kind in (kinds.DIGEST_PEOPLE, kinds.DIGEST_TREND):
        if parent is not None:
            below, content = f"{kind.word}:{period}:{reader}", kind(period=period)
            outgoing.add(tx, workspace_id, below, content, reader, now, parent_id=parent.id)


def digest_times(tx: sa.Connection, workspace: Workspace, after: datetime) -> Iterator[Occasion]:
    """Yield the digests after a moment, one a week, without end: about the last week that was over on its weekday.
    Where that is a holiday or a closure the digest comes on the next working day; of several on one day the last."""
    zone, at = ZoneInfo(workspace.timezone), time.fromisoformat(workspace.digest_time)
    opens = working_days.next_open_day(tx, workspace)
    day = after.astimezone(zone).date()
    day += timedelta(days=(workspace.digest_weekday - day.weekday()) % 7) - WEEK
    while True:
        due_at = datetime.combine(opens(day), at, zone).astimezone(UTC)
        if due_at > after and opens(day) < opens(day + WEEK):
            yield Occasion(due_at, iso_week(day - WEEK))
        day += WEEK


DIGEST = PeriodicReport(ReportKind.WEEKLY, digest_times, _send_week, PassedOver.SENT_NOW)
"""Due at the weekday and time of the team file, or on the next working day."""


def span_of(workspace: Workspace, monday: date) -> Span:
    """Return the week of a Monday, from 00:00 to 00:00 in the workspace's timezone."""
    zone = ZoneInfo(workspace.timezone)
    start, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (monday, monday + WEEK))
    return Span(start, end)


def known_before(span: Span, now: datetime) -> datetime:
    """Return the moment before which everything counts: the end of the week, or what comes right after `now`, if the
    week is not over. A week begins with its first moment and ends before that of the next."""
    return min(now + timedelta.resolution, span.end)


@dataclass(frozen=True)
class Speed:
    """How long answers took, and how long on the calendar of each one's policy."""

    raw: list[timedelta]
    open: list[timedelta]


def _week_before(tx: sa.Connection, workspace: Workspace, span: Span) -> Figures:
    breached = len(charges.passed(tx, workspace, span))
    debt = reports.outcomes_overdue_at(tx, workspace.id, span.end).total()
    return _figures(tx, workspace, span, span.end, breached, debt)


def _figures(tx: sa.Connection, workspace: Workspace, span: Span, as_of: datetime, breached: int, debt: int) -> Figures:
    came, answers = reports.came(tx, workspace.id, span), reports.answers(tx, workspace.id, span, as_of)
    by_age = lead_age.answers(tx, workspace, span, as_of, answers)
    took = speed(tx, reports.answered(tx, workspace.id, span, as_of))
    disposed = reports.disposed(tx, workspace.id, Span(span.start, as_of))
    touches = next_touches.of_week(tx, workspace.id, span, as_of)
    statuses = _summed((group.status, group.mqls) for group in disposed)
    return Figures(
        received=came.received,
        withdrawn=came.withdrawn,
        imported=came.imported,
        repeated=reports.repeated(tx, workspace.id, span),
        contactable=came.contactable,
        responded=answers.given,
        due=answers.due,
        in_time=answers.in_time,
        lead_due=by_age.due,
        lead_in_time=by_age.in_time,
        median=rank(took.raw, 0.5),
        p90=rank(took.raw, 0.9),
        median_open=rank(took.open, 0.5),
        p90_open=rank(took.open, 0.9),
        contacted=Contacts(*reports.contacted(tx, workspace.id, span, as_of)),
        proven=Contacts(*reports.contacted(tx, workspace.id, span, as_of, proven=True)),
        proven_by_crm=reports.contacted_by_crm(tx, workspace.id, span, as_of),
        breached=breached,
        escalated=reports.escalated(tx, workspace.id, ClockKind.RESPONSE, span),
        pauses=pauses.of_week(tx, workspace, span, as_of if as_of == span.end else as_of - timedelta.resolution),
        touches_due=touches.due,
        touches_kept=touches.kept,
        feedback_due=statuses.total() + debt,
        feedback_given=statuses.total(),
        qualified=statuses[Status.QUALIFIED],
        disqualified=statuses[Status.DISQUALIFIED],
        recycled=statuses[Status.RECYCLED],
        lost_reasons=lost_reasons(tx, workspace, disposed),
    )


def _detail(tx: sa.Connection, workspace: Workspace, span: Span, as_of: datetime) -> Detail:
    return Detail(
        received=reports.came(tx, workspace.id, span).received,
        contacted=Contacts(*reports.contacted(tx, workspace.id, span, as_of)),
        proven=Contacts(*reports.contacted(tx, workspace.id, span, as_of, proven=True)),
        proven_by_crm=reports.contacted_by_crm(tx, workspace.id, span, as_of),
        lost_reasons=lost_reasons(tx, workspace, reports.disposed(tx, workspace.id, Span(span.start, as_of))),
    )


def _summed(counts: Iterable[tuple[Key, int]]) -> Counter[Key]:
    total: Counter[Key] = Counter()
    for key, count in counts:
        total[key] += count
    return total


def speed(tx: sa.Connection, answered: Sequence[Clock | Ran]) -> Speed:
    """Return how long each of the clocks ran that have been stopped."""
    took = Speed([], [])
    agreements = clocks.agreements_of(tx, answered)
    for clock in answered:
        if clock.stopped_at is not None:
            calendar = agreements[clocks.pin(clock)].calendar
            took.raw.append(clock.stopped_at - clock.started_at)
            took.open.append(calendar.open_between(clock.started_at, clock.stopped_at))
    return took
