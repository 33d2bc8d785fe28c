"""What the screens show: plain values read in one transaction, rendered later by slack/blocks without I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.core.agreement.goals import NO_GOALS, Goals
from bot.core.reports.kpi_target import Progress
from bot.core.review.actions import Action
from storage.models import Clock, Event, Feedback, LostReason, Member, Mql, Outbox, Unreadable


@dataclass(frozen=True)
class MqlView:
    """One MQL with everything its card and messages name."""

    mql: Mql
    owner: Member | None
    response: Clock
    feedback_clock: Clock | None
    feedback: Feedback | None
    reason: LostReason | None
    """The lost reason of `feedback`, also one that has since been switched off."""
    permalink: str | None = None
    """The card's address in Slack, once it is there."""
    reasons: tuple[LostReason, ...] = ()
    """The lost reasons that may be chosen now, in the team's order."""


@dataclass(frozen=True)
class Parts:
    """Where the time of a clock went. The parts sum exactly to `total`."""

    total: timedelta
    unassigned: timedelta
    outside: timedelta
    """Outside the calendar's hours."""
    quiet: timedelta
    """Within them, but in the quiet hours, while somebody had it."""
    away: timedelta
    """While its owner was away."""
    paused: timedelta
    with_owner: tuple[tuple[str, timedelta], ...]
    """(name, open time) for each owner, in the order they had it."""
    by_day: bool = False
    """Whether the calendar has whole days: outside of it lie days off, and no hours."""

    @property
    def off_duty(self) -> timedelta:
        """The time in which nobody was expected to answer."""
        return self.outside + self.quiet + self.away


@dataclass(frozen=True)
class Timeline:
    """An event with the names its sentence needs."""

    event: Event
    actor: str | None
    """Display name of who did it; None: the bot."""
    before: str | None
    """Display name where the event's before is a person, else the word."""
    after: str | None


@dataclass(frozen=True)
class Considered:
    """One member in an assignment decision."""

    name: str
    verdict: str
    """chosen, eligible, away, inactive, deactivated, declined."""
    last_turn: int


@dataclass(frozen=True)
class Decision:
    """Why an MQL went to whom."""

    at: datetime
    chosen: str | None
    considered: tuple[Considered, ...]


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
class Undecided:
    """Disputes that wait for a decision longer than they should. The MQL is named by its number alone."""

    count: int
    oldest: int
    """Number of the MQL whose dispute has waited longest."""
    since: datetime


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


@dataclass(frozen=True)
class OpenDispute:
    """A dispute that waits for a decision."""

    view: MqlView
    told: Timeline
    """The event that opened it: who, when, and why in its reason."""


@dataclass(frozen=True)
class HomeView:
    """The App Home of one reader."""

    member: Member | None
    """None: not on the roster."""
    mine: tuple[MqlView, ...]
    """The reader's open MQLs, most urgent first."""
    breaches: tuple[MqlView, ...]
    """Managers, heads and admins: the team's unanswered MQLs past their deadline."""
    unassigned: tuple[MqlView, ...]
    debt: tuple[MqlView, ...]
    unreadable: tuple[tuple[Unreadable, str | None], ...]
    """Marketers, managers and admins: intake messages that wait, each with its permalink if known."""
    undelivered: tuple[tuple[Outbox, int | None], ...]
    """Admins: the newest messages that Slack refuses for good, each with the number of its MQL."""
    undelivered_count: int
    gets_own_week: bool | None = None
    """Whether a rep gets their own week by message; None: no rep."""
    disputes: tuple[OpenDispute, ...] = ()
    """Managers, heads and admins: all disputes that wait for a decision; anybody else: those that they opened. The
    oldest first."""
