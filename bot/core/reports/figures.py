"""The figures of a week, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bot.core.agreement.goals import NO_GOALS, Goals
from bot.core.reports.kpi_target import Progress
from bot.core.review.actions import Action
from bot.core.views.disputes import Undecided
from bot.core.views.mql import MqlView
from storage.models import LostReason


@dataclass(frozen=True)
class RepWeek:
    """One rep's week. An empty user id: the MQLs whose deadline passed before anybody had them."""

    user_id: str
    name: str
    received: int
    in_time: int
    """MQLs received in the week that this rep has now and that were answered in time."""
    breached: int
    """Response deadlines that passed in the week while this rep had the MQL."""
    idle: timedelta
    """Open time that breached MQLs lay with the rep before response or now."""
    unassigned: timedelta
    off_duty: timedelta
    debt: int
    """MQLs whose disposition is overdue now."""


@dataclass(frozen=True)
class Contacts:
    """Of the MQLs received in a week those that were contacted, and the time from receipt to contact."""

    count: int
    median: timedelta | None
    p90: timedelta | None


@dataclass(frozen=True)
class Figures:
    """The figures of one week; every share is None where there is nothing to divide by."""

    received: int
    withdrawn: int
    """Received too, and taken back since: in no other figure."""
    repeated: int
    """The same lead came in again."""
    contactable: int
    """Of the received: with an e-mail address or a phone number."""
    responded: int
    """Of the received: answered by now."""
    due: int
    """Of the received: answered, or the deadline has passed."""
    in_time: int
    """Of `due`: answered by the deadline."""
    median: timedelta | None
    p90: timedelta | None
    median_open: timedelta | None
    """The same on the policy's calendar."""
    p90_open: timedelta | None
    contacted: Contacts
    """By whatever evidence, a press of the button included."""
    proven: Contacts
    """Those of `contacted` that are told by more than a press."""
    breached: int
    """Response deadlines that passed within the week."""
    escalated: int
    """MQLs of which a leader was told in the week because nobody had answered."""
    feedback_due: int
    """Dispositions given in the week, or overdue at its end."""
    feedback_given: int
    qualified: int
    disqualified: int
    recycled: int
    lost_reasons: tuple[tuple[LostReason, int], ...]
    """Most frequent first."""


@dataclass(frozen=True)
class Detail:
    """Of the figures of one week those that the digest leaves to its thread, as Figures has them."""

    received: int
    contacted: Contacts
    proven: Contacts
    lost_reasons: tuple[tuple[LostReason, int], ...]


@dataclass(frozen=True)
class PeopleWeek:
    """What stands in the thread of the digest."""

    first: date
    last: date
    now: Detail
    before: Detail
    reps: tuple[RepWeek, ...]


@dataclass(frozen=True)
class Overdue:
    """MQLs that are overdue now."""

    count: int
    oldest: tuple[MqlView, ...] = ()
    """The first of them, oldest deadline first; as many as were asked for."""


@dataclass(frozen=True)
class WeeklyReport:
    """A week beside the week before it."""

    period: str
    """2026-W47"""
    first: date
    last: date
    now: Figures
    before: Figures
    reps: tuple[RepWeek, ...]
    debt: Overdue = Overdue(0)
    """Accepted MQLs whose disposition is overdue."""
    waiting: Overdue = Overdue(0)
    """Unanswered MQLs past their deadline."""
    unreadable: int = 0
    """Intake messages that wait for a person."""
    plan: Progress | None = None
    """The month's MQLs so far against the plan, where there is a target."""
    actions: tuple[Action, ...] = ()
    """What marketing and sales have agreed to do and is not done, overdue first."""
    goals: Goals = NO_GOALS
    undecided: Undecided | None = None
    """None: no dispute waits for long."""
