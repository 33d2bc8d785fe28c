"""The weeks up to a week side by side, and how far their MQLs have come."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

import sqlalchemy as sa

from bot.core.agreement.goals import NO_GOALS, Goals
from bot.core.base.figure import Figure
from bot.core.base.statistics import rank
from bot.core.reports import weekly as reporting
from bot.core.reports.figures import SPEED
from bot.core.reports.weekly import WEEK
from storage import weekly
from storage.models import Workspace
from storage.reports import Span
from storage.weekly import Answer, Stages

WEEKS = 12
IN_SLACK = "each week's own report has it; the stages are for the eye"


@dataclass(frozen=True)
class Point:
    """One week of the trend; each figure as the digest of that week has it."""

    first: date
    received: Annotated[int, Figure("MQLs received", csv=None, why=IN_SLACK)]
    due: Annotated[int, Figure("answered in time", csv=None, why=IN_SLACK)]
    in_time: Annotated[int, Figure("answered in time", csv=None, why=IN_SLACK)]
    median: Annotated[timedelta | None, Figure(SPEED, csv=None, why=IN_SLACK)]
    p90: Annotated[timedelta | None, Figure(SPEED, csv=None, why=IN_SLACK)]


@dataclass(frozen=True)
class Trend:
    """The weeks up to one, the oldest first."""

    period: str
    points: tuple[Point, ...]
    stages: Annotated[Stages, Figure("taken on", "contacted", "qualified", "won", csv=None, why=IN_SLACK)]
    """How far the MQLs of all these weeks had come by the end of the last."""
    goals: Goals = NO_GOALS

    @property
    def answered(self) -> tuple[Point, ...]:
        """The weeks in which there was something to answer."""
        return tuple(point for point in self.points if point.due)

    @property
    def timed(self) -> tuple[Point, ...]:
        """Those of them in which anything was answered: only they have a time."""
        return tuple(point for point in self.answered if point.median is not None)


def look_back(tx: sa.Connection, workspace: Workspace, period: str, now: datetime, weeks: int = WEEKS) -> Trend:
    """Return the trend up to a week. Raises ValueError if `period` is no ISO week."""
    last = reporting.week_of(period)
    firsts = [last - back * WEEK for back in reversed(range(weeks))]
    spans = [reporting.span_of(workspace, first) for first in firsts]
    whole = Span(spans[0].start, spans[-1].end)
    weekly_answers: list[list[Answer]] = [[] for _ in spans]
    starts = [span.start for span in spans]
    for answer in weekly.answers(tx, workspace.id, whole):
        weekly_answers[bisect_right(starts, answer.received_at) - 1].append(answer)
    parts = zip(firsts, weekly_answers, spans, strict=True)
    points = tuple(_point(first, answers, reporting.known_before(span, now)) for first, answers, span in parts)
    stages = weekly.stages(tx, workspace.id, whole, reporting.known_before(whole, now))
    return Trend(period, points, stages, Goals.of(workspace.goals))


def _point(first: date, answers: list[Answer], as_of: datetime) -> Point:
    answered = [answer for answer in answers if answer.stopped_at is not None and answer.stopped_at < as_of]
    took = [answer.stopped_at - answer.started_at for answer in answered if answer.stopped_at is not None]
    return Point(
        first=first,
        received=len(answers),
        due=len(answered) + sum(_missed(answer, as_of) for answer in answers),
        in_time=sum(answer.met for answer in answered),
        median=rank(took, 0.5),
        p90=rank(took, 0.9),
    )


def _missed(answer: Answer, as_of: datetime) -> bool:
    """Return whether the deadline of a clock had passed that had not been stopped, as storage.reports has it for one
    week."""
    if answer.stopped_at is not None and answer.stopped_at < as_of:
        return False
    if answer.breached_at is not None:
        return answer.breached_at < as_of
    ran = answer.paused_at is None or answer.paused_at >= answer.breach_at
    return answer.stopped_at is None and answer.breach_at < as_of and ran
