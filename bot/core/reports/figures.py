"""The figures of a week, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from bot.core.agreement.goals import NO_GOALS, Goals
from bot.core.base.figure import Figure
from bot.core.reports.charges import Charge
from bot.core.reports.kpi_target import Progress
from bot.core.reports.nurturing import NO_NURTURING, Nurturing
from bot.core.reports.pauses import PAUSES, Pauses
from bot.core.review.actions import Action
from bot.core.views.disputes import Undecided
from bot.core.views.mql import MqlView
from storage.models import LostReason

LostReasons = tuple[tuple[LostReason, int], ...]

# Lines of docs/metrics.md that define several figures.
IN_TIME = "answered in time"
OWN_AGE = "answered in time by the lead's own age"
SPEED = "time to answer, median and 90 %"
CONTACTED = "contacted, all and with proof"
BY_CRM = "contacted, as the CRM tells"
REPORTED = "outcomes reported"
OUTCOMES = "qualified, disqualified, recycled, lost reasons"
LISTS = "unread intake messages, overdue and waiting, outcomes overdue (the lists)"
TOUCHES = "next contacts kept"
REP_OVERDUE = "by rep: overdue, with its parts"


@dataclass(frozen=True)
class RepWeek:
    """One rep's week. An empty user id: what is nobody's."""

    user_id: str
    name: str
    received: Annotated[int, Figure("by rep: given")]
    in_time: Annotated[int, Figure("by rep: in time")]
    """MQLs received in the week that this rep had when they were answered in time."""
    breached: Annotated[int, Figure(REP_OVERDUE)]
    """Response deadlines that passed in the week and are this rep's."""
    idle: Annotated[timedelta, Figure(REP_OVERDUE)]
    """Working time for which those MQLs lay with the rep before response or now."""
    others: Annotated[timedelta, Figure(REP_OVERDUE)]
    """For which they lay with other owners."""
    parts: Annotated[dict[str, timedelta], Figure(REP_OVERDUE, csv=None, why="a column for each part")]
    """For which no owner could be asked about them, by `time_breakdown.COLUMNS`."""
    debt: Annotated[int, Figure("by rep: outcomes overdue")]
    """MQLs that the rep had at the end of the week whose disposition was overdue then."""

    @property
    def total(self) -> Annotated[timedelta, Figure(REP_OVERDUE)]:
        """The whole time of those MQLs, from receipt to response or now: the sum of the others."""
        return sum(self.parts.values(), self.idle + self.others)


@dataclass(frozen=True)
class Contacts:
    """Of the MQLs received in a week those that were contacted, and the time from receipt to contact."""

    count: Annotated[int, Figure(CONTACTED)]
    median: Annotated[timedelta | None, Figure(CONTACTED)]
    p90: Annotated[timedelta | None, Figure(CONTACTED)]


@dataclass(frozen=True)
class Figures:
    """The figures of one week; every share is None where there is nothing to divide by."""

    received: Annotated[int, Figure("MQLs received")]
    withdrawn: Annotated[int, Figure("withdrawn")]
    """Received too, and taken back since: in no other figure."""
    imported: Annotated[int, Figure("imported")]
    """Of the past, written down by an import: in no other figure."""
    repeated: Annotated[int, Figure("same lead again")]
    """The same lead came in again."""
    contactable: Annotated[int, Figure("with e-mail or phone", of="received", goal="contactable")]
    """Of the received: with an e-mail address or a phone number."""
    responded: Annotated[int, Figure("answered so far", csv="answered", of="received")]
    """Of the received: answered by now."""
    due: Annotated[int, Figure(IN_TIME, csv=None, why="the whole of in_time")]
    """Of the received: answered, or the deadline has passed."""
    in_time: Annotated[int, Figure(IN_TIME, csv="answered_in_time", of="due", goal="answered_in_time")]
    """Of `due`: answered by the deadline."""
    lead_due: Annotated[int, Figure(OWN_AGE, csv=None, why="the whole of lead_in_time")]
    """Of the received: answered, or older than the policy allows."""
    lead_in_time: Annotated[int, Figure(OWN_AGE, csv="answered_in_time_by_age", of="lead_due")]
    """Of `lead_due`: answered before the lead was older than the policy allows, whatever new owners got."""
    median: Annotated[timedelta | None, Figure(SPEED)]
    p90: Annotated[timedelta | None, Figure(SPEED)]
    median_open: Annotated[timedelta | None, Figure(SPEED)]
    """The same on the policy's calendar."""
    p90_open: Annotated[timedelta | None, Figure(SPEED)]
    contacted: Annotated[Contacts, Figure(CONTACTED, of="received")]
    """By whatever evidence, a press of the button included."""
    proven: Annotated[Contacts, Figure(CONTACTED, of="received")]
    """Those of `contacted` that are told by more than a press."""
    proven_by_crm: Annotated[int, Figure(BY_CRM, of="received")]
    """Those of `proven` that a CRM has told."""
    breached: Annotated[int, Figure("first response overdue")]
    """Response deadlines that passed within the week, of every owner whom the policy gave the whole time."""
    escalated: Annotated[int, Figure("escalated")]
    """MQLs of which somebody beside the reps was told in the week because nobody had answered."""
    pauses: Annotated[Pauses, Figure(PAUSES)]
    touches_due: Annotated[int, Figure(TOUCHES, csv=None, why="the whole of touches_kept")]
    """Promises of a next contact whose day ended in the week."""
    touches_kept: Annotated[int, Figure(TOUCHES, csv="next_contacts_kept", of="touches_due")]
    """Of these: kept by the end of that day."""
    feedback_due: Annotated[int, Figure(REPORTED, "outcomes overdue", csv=None, why="the whole of feedback_given")]
    """Dispositions given in the week, or overdue at its end."""
    feedback_given: Annotated[
        int, Figure(REPORTED, csv="outcomes_reported", of="feedback_due", goal="outcomes_reported")
    ]
    qualified: Annotated[int, Figure(OUTCOMES)]
    disqualified: Annotated[
        int,
        Figure(OUTCOMES),
        Figure("disqualified of those reported", csv="disqualified_of_outcomes", of="reported", goal="disqualified"),
    ]
    recycled: Annotated[int, Figure(OUTCOMES)]
    lost_reasons: Annotated[LostReasons, Figure(OUTCOMES, csv=None, why="a row for each")]
    """Most frequent first."""

    @property
    def reported(self) -> Annotated[int, Figure("disqualified of those reported", csv=None, why="a sum of three")]:
        """Those whose first outcome fell in the week, whatever it is."""
        return self.qualified + self.disqualified + self.recycled


IN_THREAD = "in the figures of the whole report"


@dataclass(frozen=True)
class Detail:
    """Of the figures of one week those that the digest leaves to its thread, as Figures has them."""

    received: Annotated[int, Figure("MQLs received", csv=None, why=IN_THREAD)]
    contacted: Annotated[Contacts, Figure(CONTACTED, csv=None, why=IN_THREAD)]
    proven: Annotated[Contacts, Figure(CONTACTED, csv=None, why=IN_THREAD)]
    proven_by_crm: Annotated[int, Figure(BY_CRM, csv=None, why=IN_THREAD)]
    lost_reasons: Annotated[LostReasons, Figure(OUTCOMES, csv=None, why=IN_THREAD)]


@dataclass(frozen=True)
class PeopleWeek:
    """What stands in the thread of the digest."""

    first: date
    last: date
    now: Detail
    before: Detail
    reps: tuple[RepWeek, ...]
    nurturing: Nurturing = NO_NURTURING


@dataclass(frozen=True)
class Overdue:
    """MQLs that are overdue now."""

    count: Annotated[int, Figure(LISTS, csv=None, why="a row for each MQL")]
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
    charges: tuple[Charge, ...] = ()
    """The response deadlines that passed in the week."""
    debt: Overdue = Overdue(0)
    """Accepted MQLs whose disposition is overdue."""
    waiting: Overdue = Overdue(0)
    """Unanswered MQLs past their deadline."""
    unreadable: Annotated[int, Figure(LISTS, csv="unread_messages")] = 0
    """What could not be read and waits for a person."""
    set_aside: Annotated[int, Figure("set aside as no lead", csv="set_aside")] = 0
    """What the bot took for no lead in the week."""
    held: Annotated[int, Figure("held by the definition", csv="held")] = 0
    """Leads that failed a rule of the definition in the week, for marketing to decide about."""
    handed_over: Annotated[int, Figure("held by the definition", csv="handed_over")] = 0
    """Held leads that became MQLs in the week."""
    nurtured: Annotated[int, Figure("held by the definition", csv="back_to_nurturing")] = 0
    """Held leads that marketing sent back to nurturing in the week."""
    plan: Progress | None = None
    """The month's MQLs so far against the plan, where there is a target."""
    actions: tuple[Action, ...] = ()
    """What marketing and sales have agreed to do and is not done, overdue first."""
    goals: Goals = NO_GOALS
    nurturing: Nurturing = NO_NURTURING
    undecided: Undecided | None = None
    """None: no dispute waits for long."""
