"""The self-check of how marketing and sales work together: twelve points, those that the bot can see answered by what
it sees, the rest by people; what to do first; and a reminder each quarter once the first one was done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.base import team, wall_clock
from bot.core.messages import kinds, outgoing
from bot.core.messages.periodic import Occasion, PassedOver, PeriodicReport
from bot.core.reports import kpi_target, weekly
from bot.core.sla import clocks
from storage import checkups, definitions, kpi_targets, meetings, members, policies, reports
from storage.models import Checkup, Workspace
from storage.reports import Span
from storage.vocabulary import ReportKind

LOOK_BACK = timedelta(days=90)
A_MONTH = timedelta(days=28)
A_YEAR = timedelta(days=365)
ENOUGH = 10
"""Cases; below this a share says too little, and people are asked."""
MANY_GAPS = 6
REGULAR = 2
"""Meetings in four weeks."""


class Point(StrEnum):
    """What is checked. Persisted, the name of an input, and part of a catalogue key."""

    DEFINITION = "definition"
    SCORING = "scoring"
    SCORING_REVIEWED = "scoring_reviewed"
    CONNECTED = "connected"
    SLA = "sla"
    FEEDBACK = "feedback"
    MEETING = "meeting"
    KPI = "kpi"
    RATES = "rates"
    SEGMENTS = "segments"
    NURTURING = "nurturing"
    CONTENT = "content"


# What the rest stands on comes first; then the order of the points.
FIRST = (Point.DEFINITION, Point.SLA, Point.FEEDBACK)
PRIORITY = (*FIRST, *(point for point in Point if point not in FIRST))


class Answer(StrEnum):
    """How a point stands. Persisted, and part of a catalogue key."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


@dataclass(frozen=True)
class Seen:
    """What the bot holds on a point."""

    answer: Answer | None
    """None: it cannot tell, and what it sees only helps whoever answers."""
    words: Mapping[str, int | float | datetime]
    """What the sentence of the point names."""
    how: str = ""
    """Which of the point's sentences it is, where it has several."""


Sight = Mapping[Point, Seen]


@dataclass(frozen=True)
class Result:
    """A self-check: each point's answer, and those that the bot gave."""

    at: datetime
    answers: Mapping[Point, Answer]
    seen: frozenset[Point]
    before: int | None
    """How many points the one before had; None: it is the first."""

    @property
    def score(self) -> int:
        """How many points are in place."""
        return sum(answer == Answer.YES for answer in self.answers.values())

    @property
    def gaps(self) -> tuple[Point, ...]:
        """What is not, or only partly, in place; what to do first comes first."""
        return tuple(point for point in PRIORITY if self.answers[point] != Answer.YES)

    @property
    def begin_with_basics(self) -> bool:
        """Whether so much is missing that the definition and the SLA come before all else."""
        return len(self.gaps) >= MANY_GAPS and bool({Point.DEFINITION, Point.SLA} & {*self.gaps})


def look(tx: sa.Connection, workspace: Workspace, now: datetime) -> Sight:
    """Return what the bot sees by itself."""
    span = Span(now - LOOK_BACK, now)
    return {
        Point.DEFINITION: _definition(tx, workspace, now),
        Point.SCORING: _scoring(tx, workspace, span),
        Point.SCORING_REVIEWED: _definition(tx, workspace, now, scored=True),
        Point.CONNECTED: _connected(tx, workspace, span),
        Point.SLA: _sla(tx, workspace),
        Point.FEEDBACK: _feedback(tx, workspace, span),
        Point.MEETING: _meeting(tx, workspace, now),
        Point.KPI: _kpi(tx, workspace, now),
        Point.RATES: _rates(tx, workspace, span),
    }


def _definition(tx: sa.Connection, workspace: Workspace, now: datetime, *, scored: bool = False) -> Seen:
    """Return whether both sides have agreed on a definition; with `scored` on one that names a threshold."""
    agreed, newest = definitions.agreed(tx, workspace.id, scored=scored), definitions.newest(tx, workspace.id)
    if agreed is not None and agreed.agreed_at is not None:
        fresh = agreed.agreed_at > now - A_YEAR
        words: dict[str, int | float | datetime] = {"number": agreed.number, "at": agreed.agreed_at}
        return Seen(Answer.YES if fresh else Answer.PARTLY, words, "agreed" if fresh else "old")
    if (
        newest is not None
        and newest.agreed_at is None
        and newest.closed_at is None
        and (newest.threshold is not None or not scored)
    ):
        return Seen(Answer.PARTLY, {"number": newest.number, "at": newest.proposed_at}, "proposed")
    # It may well stand elsewhere.
    return Seen(None, {}, "none")


def _scoring(tx: sa.Connection, workspace: Workspace, span: Span) -> Seen:
    part, whole = checkups.scored(tx, workspace.id, span)
    words = {"part": part, "whole": whole}
    # A score that does not reach the bot may well exist.
    return Seen(grade(part, whole) if part and whole >= ENOUGH else None, words)


def _connected(tx: sa.Connection, workspace: Workspace, span: Span) -> Seen:
    leads, activities = checkups.automatic(tx, workspace.id, span), checkups.crm_activities(tx, workspace.id, span)
    return Seen(Answer.YES if leads and activities else None, {"leads": leads, "activities": activities})


def _sla(tx: sa.Connection, workspace: Workspace) -> Seen:
    version = policies.current(tx, workspace.id)
    if version is None:
        return Seen(Answer.NO, {"version": 0, "at": workspace.created_at, "hours": 0})
    hours = clocks.read(version).response_hours
    return Seen(Answer.YES, {"version": version.version, "at": version.created_at, "hours": hours})


def _feedback(tx: sa.Connection, workspace: Workspace, span: Span) -> Seen:
    disposed = reports.disposed(tx, workspace.id, span)
    given = sum(group.mqls for group in disposed)
    due = given + reports.outcomes_overdue_at(tx, workspace.id, span.end).total()
    words = {"part": given, "whole": due, "reasons": len({group.lost_reason for group in disposed} - {None})}
    return Seen(grade(given, due) if due >= ENOUGH else None, words)


def _meeting(tx: sa.Connection, workspace: Workspace, now: datetime) -> Seen:
    day = wall_clock.day_in(workspace.timezone, now)
    held = meetings.count(tx, workspace.id, day - A_MONTH, day)
    words = {"count": held, "digests": checkups.digests_sent(tx, workspace.id, Span(now - A_MONTH, now))}
    if not held:
        # Who meets need not tell the bot.
        return Seen(None, words)
    return Seen(Answer.YES if held >= REGULAR else Answer.PARTLY, words)


def _kpi(tx: sa.Connection, workspace: Workspace, now: datetime) -> Seen:
    stored = kpi_targets.newest(tx, workspace.id, now)
    if not stored:
        return Seen(Answer.NO, {})
    last = kpi_target.target_of(stored[0]).last
    over = last < wall_clock.day_in(workspace.timezone, now).replace(day=1)
    return Seen(Answer.PARTLY if over else Answer.YES, {"at": stored[0].at})


def _rates(tx: sa.Connection, workspace: Workspace, span: Span) -> Seen:
    won, lost = checkups.decided(tx, workspace.id, span)
    # Whether anybody looks at the rates is not to be seen.
    return Seen(None, {"count": kpi_targets.qualified(tx, workspace.id, span), "won": won, "lost": lost})


def grade(part: int, whole: int) -> Answer:
    """Return how much of a whole is in place: yes from four fifths on, partly from a half on."""
    if part * 5 >= whole * 4:
        return Answer.YES
    return Answer.PARTLY if part * 2 >= whole else Answer.NO


def asked(sight: Sight) -> list[Point]:
    """Return the points that people answer."""
    return [point for point in Point if point not in sight or sight[point].answer is None]


def store(
    tx: sa.Connection, workspace: Workspace, answers: Mapping[Point, Answer], sight: Sight, by: str, now: datetime
) -> None:
    """Keep a self-check, and plan the reminder for the next quarter. `answers`: to all that `asked` names."""
    seen = {point.value: shown.answer.value for point, shown in sight.items() if shown.answer is not None}
    given = {point.value: answers[point].value for point in asked(sight)}
    checkups.add(tx, workspace.id, answers=given, evidence=seen, by=by, at=now)
    REMINDER.schedule(tx, workspace, now)


def newest(tx: sa.Connection, workspace_id: str) -> Result | None:
    """Return the last self-check; None while there is none."""
    stored = checkups.newest(tx, workspace_id, most=2)
    if not stored:
        return None
    before = _result(stored[1], None).score if len(stored) > 1 else None
    return _result(stored[0], before)


def last_answers(tx: sa.Connection, workspace_id: str) -> dict[Point, Answer]:
    """Return what people said last."""
    stored = checkups.newest(tx, workspace_id)
    return {Point(point): Answer(answer) for point, answer in stored[0].answers.items()} if stored else {}


def _result(stored: Checkup, before: int | None) -> Result:
    both = stored.answers | stored.evidence
    answers = {point: Answer(both.get(point.value, Answer.NO)) for point in Point}
    return Result(stored.at, answers, frozenset(Point(point) for point in stored.evidence), before)


# The reminder


def next_quarter(day: date) -> date:
    """Return the first day of the quarter after a day's."""
    month = (day.month - 1) // 3 * 3 + 4
    return date(day.year + month // 13, 1 if month == 13 else month, 1)


def _times(tx: sa.Connection, workspace: Workspace, after: datetime) -> Iterator[Occasion]:
    """Yield the first digest time of each quarter after that of a moment."""
    zone = ZoneInfo(workspace.timezone)
    first = next_quarter(after.astimezone(zone).date())
    while True:
        start = datetime.combine(first, time(), zone).astimezone(UTC)
        digest = next(weekly.digest_times(tx, workspace, start - timedelta(microseconds=1)))
        yield Occasion(digest.due_at, f"{first.year}-Q{(first.month + 2) // 3}")
        first = next_quarter(first)


def _send(tx: sa.Connection, workspace: Workspace, occasion: Occasion, now: datetime) -> None:
    for reader in team.checkup_readers(members.roster(tx, workspace.id)):
        key = f"checkup:{occasion.period}:{reader.user_id}"
        outgoing.add(tx, workspace.id, key, kinds.CHECKUP(period=occasion.period), reader.user_id, now)


REMINDER = PeriodicReport(ReportKind.CHECKUP, _times, _send, PassedOver.KEPT)
"""Due in the quarter after a self-check: whoever leads the team is reminded of the next."""
