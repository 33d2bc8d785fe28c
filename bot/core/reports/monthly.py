"""The monthly report, and when it is due: on the first working day of the next month, at the digest's time. A month is
one in the workspace's timezone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.base import team, wall_clock
from bot.core.base.period_words import iso_week
from bot.core.messages import kinds, outgoing
from bot.core.messages.periodic import Occasion, PassedOver, PeriodicReport
from bot.core.reports import cohorts, nurturing
from bot.core.reports.cohorts import Cohort, Dimension, MonthlyReport, Times
from bot.core.sla import clocks
from storage import members, monthly, outbox, workspaces
from storage.models import Workspace
from storage.monthly import Tally
from storage.reports import Span
from storage.vocabulary import CalendarKind, ReportKind

COHORTS = 6
A_DAY = timedelta(days=1)
THURSDAY, SATURDAY = 3, 5
YEARS = range(2000, 2200)


def month_of(period: str) -> date:
    """Return the first day of a month such as 2026-10. Raises ValueError for anything else."""
    matched = re.fullmatch(r"([0-9]{4})-([0-9]{2})", period)
    if matched is None or int(matched[1]) not in YEARS or not 1 <= int(matched[2]) <= 12:
        raise ValueError(f"{period!r} is not a month such as 2026-10")
    return date(int(matched[1]), int(matched[2]), 1)


def period_of(day: date) -> str:
    """Return the month that a day lies in, as 2026-10."""
    return f"{day.year}-{day.month:02}"


def months_on(first: date, months: int) -> date:
    """Return the first day of the month so many months after (or, negative, before) that of `first`."""
    years, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(years, month + 1, 1)


def last_period(workspace: Workspace, now: datetime) -> str:
    """Return the last month that is over."""
    return period_of(months_on(wall_clock.day_in(workspace.timezone, now), -1))


def span_of(workspace: Workspace, first: date, last: date) -> Span:
    """From the month of `first` to that of `last`, both included."""
    zone = ZoneInfo(workspace.timezone)
    ends = (months_on(first, 0), months_on(last, 1))
    return Span(*(datetime.combine(day, time(), zone).astimezone(UTC) for day in ends))


def report(tx: sa.Connection, workspace: Workspace, period: str, now: datetime) -> MonthlyReport:
    """Return the cohort of one month and of the five before it, as they are known now. Raises ValueError if `period`
    is no month."""
    newest = month_of(period)
    firsts = [months_on(newest, -back) for back in reversed(range(COHORTS))]
    spans = [span_of(workspace, first, first) for first in firsts]
    counted = [monthly.tallies(tx, workspace.id, span) for span in spans]
    reached = [
        {stage: Times(*monthly.time_to(tx, workspace.id, span, stage)) for stage in monthly.STAGES} for span in spans
    ]
    names = team.names(members.roster(tx, workspace.id))
    reasons = {reason.key: reason for reason in workspaces.reasons(tx, workspace.id, only_active=False)}
    return MonthlyReport(
        period=period,
        as_of=now,
        cohorts=tuple(_cohort(*parts) for parts in zip(firsts, counted, reached, strict=True)),
        total=cohorts.total(chain(*counted)),
        wins=cohorts.wins(chain(*counted)),
        groups={
            dimension: cohorts.groups(counted, dimension, names if dimension == Dimension.REP else {})
            for dimension in Dimension
        },
        losses=cohorts.losses(monthly.lost(tx, workspace.id, span_of(workspace, firsts[0], newest)), reasons),
        nurturing=nurturing.of_weeks(tx, workspace.id, weeks_of(newest), weeks_of(months_on(newest, -1))),
    )


def weeks_of(first: date) -> list[str]:
    """Return the ISO weeks of a month: those whose Thursday lies in it, so that each is of one month."""
    days = [first + offset * A_DAY for offset in range((months_on(first, 1) - first).days)]
    return [iso_week(day) for day in days if day.weekday() == THURSDAY]


def _cohort(first: date, tallies: list[Tally], times: Mapping[str, Times]) -> Cohort:
    return Cohort(period_of(first), first, cohorts.total(tallies), cohorts.wins(tallies), **times)


def _send_month(tx: sa.Connection, workspace: Workspace, occasion: Occasion, now: datetime) -> None:
    for reader in team.digest_readers(members.roster(tx, workspace.id)):
        _send(tx, workspace.id, occasion.period, reader.user_id, now)


def _send(tx: sa.Connection, workspace_id: str, period: str, reader: str, now: datetime) -> None:
    key = f"monthly:{period}:{reader}"
    outgoing.add(tx, workspace_id, key, kinds.MONTHLY(period=period), reader, now)
    parent = outbox.by_key(tx, workspace_id, key)
    if parent is not None:
        # The check of the scoring rule stands in its thread.
        below, content = f"scoring:{period}:{reader}", kinds.SCORING(period=period)
        outgoing.add(tx, workspace_id, below, content, reader, now, parent_id=parent.id)


def _times(tx: sa.Connection, workspace: Workspace, after: datetime) -> Iterator[Occasion]:
    zone, at = ZoneInfo(workspace.timezone), time.fromisoformat(workspace.digest_time)
    works = _workdays(tx, workspace)
    first = months_on(after.astimezone(zone).date(), 0)
    while True:
        days = [first + offset * A_DAY for offset in range((months_on(first, 1) - first).days)]
        # A month in which nobody works is no reason to skip the report of the one before.
        day = next((day for day in days if works(day)), days[-1])
        due_at = datetime.combine(day, at, zone).astimezone(UTC)
        if due_at > after:
            yield Occasion(due_at, period_of(months_on(first, -1)))
        first = months_on(first, 1)


def _workdays(tx: sa.Connection, workspace: Workspace) -> Callable[[date], bool]:
    """Return whether a day is a working day: of the policy, or Monday to Friday where its calendar never closes."""
    agreed = clocks.current_agreement(tx, workspace.id)
    if agreed is None or agreed.calendar.rules.kind == CalendarKind.ALWAYS:
        return lambda day: day.weekday() < SATURDAY
    return lambda day: bool(agreed.calendar.rules.blocks_on(day, agreed.calendar.pinned))


MONTHLY = PeriodicReport(ReportKind.MONTHLY, _times, _send_month, PassedOver.SENT_NOW)
"""Due on the first working day of the next month, at the digest's time."""
