"""A time of a workspace, recounted: every figure of every week and month, from the log and by docs/metrics.md alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.base import period_words
from bot.core.base.figure import figures_in
from bot.core.reports import monthly, weekly
from storage import models, rows, workspaces
from tests.core.reports import slow_monthly
from tests.simulation.slow_figures import WEEK, Week, compare, differences
from tests.simulation.story import Story


@dataclass
class Recount:
    """How many numbers were held against each other, and in what they do not agree."""

    compared: int = 0
    disagreements: list[str] = field(default_factory=list)

    def week(
        self, tx: sa.Connection, workspace: models.Workspace, known: Collection[Story], day: date, now: datetime
    ) -> None:
        """Recount the week of a Monday."""
        zone = ZoneInfo(workspace.timezone)
        absences = list(tx.execute(sa.select(models.absence)))
        report = weekly.weekly(tx, workspace, period_words.iso_week(day), now)
        week, before = (Week(known, monday, zone, now) for monday in (day, day - WEEK))
        self.disagreements += differences(report, week, before, absences)
        expected = (week.figures(), before.figures(), week.reps(absences), week.charges(absences))
        self.compared += _numbers(expected)

    def month(self, tx: sa.Connection, workspace: models.Workspace, period: str, now: datetime) -> None:
        """Recount a month, with the five before it."""
        report = monthly.report(tx, workspace, period, now)
        by_month: dict[str, list[slow_monthly.Story]] = defaultdict(list)
        for story in _monthly_stories(tx):
            day = story.received_at.astimezone(ZoneInfo(workspace.timezone)).date()
            by_month[monthly.period_of(day)].append(story)
        for cohort in report.cohorts:
            mine = by_month[cohort.period]
            times = {name: figures_in(span) for name, span in figures_in(cohort).items()}
            self._holds(f"{cohort.period}, times", times, slow_monthly.times(mine, workspace.timezone))
            self._holds(f"{cohort.period}", figures_in(cohort.total), slow_monthly.conversion(mine))
            self._holds(f"{cohort.period}, wins", figures_in(cohort.wins), slow_monthly.wins(mine))

    def _holds(self, what: str, figures: dict[str, Any], expected: dict[str, Any]) -> None:
        self.disagreements += compare(what, figures, expected)
        self.compared += _numbers(expected)


def recount(tx: sa.Connection, workspace_id: str, known: Collection[Story], since: datetime, now: datetime) -> Recount:
    """Recount every week and month from one moment to another, the first and the last of them in part."""
    workspace = workspaces.get(tx, workspace_id)
    assert workspace is not None
    zone, recounted = ZoneInfo(workspace.timezone), Recount()
    first, last = (moment.astimezone(zone).date() for moment in (since, now))
    monday = first - timedelta(days=first.weekday())
    while monday <= last:
        recounted.week(tx, workspace, known, monday, now)
        monday += WEEK
    for period in sorted({monthly.period_of(first + timedelta(days=days)) for days in range((last - first).days + 1)}):
        recounted.month(tx, workspace, period, now)
    return recounted


def _monthly_stories(tx: sa.Connection) -> Iterator[slow_monthly.Story]:
    logs: dict[int, list[models.Event]] = defaultdict(list)
    for event in rows.many(tx, models.Event, sa.select(models.event).order_by(models.event.c.id)):
        logs[event.mql_id].append(event)
    for mql in rows.many(tx, models.Mql, sa.select(models.mql)):
        story = slow_monthly.Story(mql, logs[mql.id][0].at)
        for event in logs[mql.id]:
            story.hears(event)
        if story.counts:
            yield story


def _numbers(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(_numbers(part) for part in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return sum(_numbers(part) for part in value)
    return 1
