"""What people did, read from the log, so that it can be done again under another policy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

import sqlalchemy as sa

from bot.core.mql import contact
from bot.core.mql.lead import Lead
from bot.core.whatif.figures import Figures, Period, count
from storage import members, replays, reports, turns
from storage.models import Assignment, Event, Member, Mql, Workspace
from storage.vocabulary import EventType, Source

# What people do, or the CRM tells of them; everything else in the log is the engine's.
DEEDS = (
    EventType.ASSIGNED,
    EventType.DECLINED,
    EventType.ACCEPTED,
    EventType.CONTACTED,
    EventType.EVIDENCE,
    EventType.DISPOSED,
    EventType.CORRECTED,
    EventType.DISPUTED,
    EventType.UPHELD,
    EventType.REOPENED,
    EventType.PAUSED,
    EventType.RESUMED,
    EventType.REMINDED,
)
# One press may say several things at one moment: whoever contacts a lead has taken the MQL and accepted it.
IMPLIED_BY = {
    EventType.ASSIGNED: (EventType.ACCEPTED, EventType.CONTACTED),
    EventType.ACCEPTED: (EventType.CONTACTED,),
}


@dataclass(frozen=True)
class Arrival:
    """An MQL comes in, with what a tier may ask of it, when it came, and nothing that tells who it is."""

    at: datetime
    """When it was read."""
    number: int
    source: Source
    lead: Lead
    by: str | None


@dataclass(frozen=True)
class Deed:
    """Somebody did something with an MQL, or the CRM told of it."""

    at: datetime
    """When that was written down; a contact may have been before."""
    number: int
    event: Event
    as_owner: bool
    """Who did it had the MQL then: under another policy whoever has it instead does it."""

    @property
    def reported(self) -> bool:
        """Whether the CRM told of it: then nobody needs to be allowed to."""
        return contact.REPORTED in self.event.data


@dataclass(frozen=True)
class Away:
    """A rep gets no new MQLs until then."""

    at: datetime
    user: str
    until: datetime


@dataclass(frozen=True)
class Back:
    """An absence is over: what waits without an owner may be given out."""

    at: datetime


@dataclass(frozen=True)
class Turn:
    """A turn was taken or given back for an MQL that is not replayed: it came in before, or was withdrawn."""

    at: datetime
    decision: Assignment
    """As it was made, but for the turns before it, which lie below zero."""
    weight: int


Moment = Arrival | Deed | Away | Back | Turn


@dataclass(frozen=True)
class Past:
    """All that a replay needs to know."""

    workspace: Workspace
    period: Period
    moments: tuple[Moment, ...]
    """In their order."""
    roster: tuple[Member, ...]
    """With the turns as they were when the first MQL of the period was given out."""
    happened: Figures


def read(tx: sa.Connection, workspace: Workspace, period: Period) -> Past:
    """Return what happened to the MQLs that were received in a period, until the present."""
    subjects = {subject.id: subject for subject in reports.received(tx, workspace.id, period.span)}
    recorded = replays.decisions(tx, workspace.id, period.span.start)
    decisions = [decision for decision in recorded if not decision.by_hand]
    first = next((decision for decision in decisions if decision.mql_id in subjects), None)
    moments: list[Moment] = [*_absences(tx, workspace.id, period)]
    if first is not None:
        moments += _turns_elsewhere(tx, first, subjects)
    log = replays.log(tx, workspace.id, period.span)
    for mql_id, events in groupby(
        sorted(log, key=lambda event: (event.mql_id, event.id)), lambda decision: decision.mql_id
    ):
        moments += _life(subjects[mql_id], list(events))
    moments.sort(key=_order)
    roster = tuple(_as_it_waited(member, first) for member in members.roster(tx, workspace.id))
    return Past(workspace, period, tuple(moments), roster, count(tx, workspace.id, period))


def _turns_elsewhere(tx: sa.Connection, first: Assignment, subjects: Collection[int]) -> Iterator[Turn]:
    for turn, decision in turns.ledger(tx, first.workspace_id, first.at):
        if decision.mql_id not in subjects and (turn.at > first.at or decision.id > first.id):
            before = (replace(member, last_turn=member.last_turn - first.id) for member in decision.considered)
            yield Turn(turn.at, decision.model_copy(update={"considered": tuple(before)}), turn.weight)


def _order(moment: Moment) -> tuple[datetime, int, int]:
    """By time; at one time the absences first, then what came in, then what was done as it was written down."""
    event_id = moment.event.id if isinstance(moment, Deed) else 0
    return moment.at, (Back, Away, Arrival, Turn, Deed).index(type(moment)), event_id


def _absences(tx: sa.Connection, workspace_id: str, period: Period) -> Iterator[Moment]:
    for absence in members.absences(tx, workspace_id, period.span.start):
        yield Away(max(absence.from_at, period.span.start), absence.user_id, absence.until_at)
        if absence.until_at <= period.until:
            yield Back(absence.until_at)


def _as_it_waited(member: Member, first: Assignment | None) -> Member:
    """Return a member as they stood before the first decision of the period: with its balance, and with a last turn
    below zero, because the replay counts its own from one on; never is the lowest."""
    waited, ahead = (first.waited_since(member.user_id), first.id) if first else (0, 0)
    balance = first.balance_of(member.user_id) if first else 0
    return member.model_copy(update={"last_turn": waited - ahead, "balance": balance})


def _life(subject: Mql, events: Sequence[Event]) -> Iterator[Moment]:
    """Yield an MQL's arrival, and what people did with it."""
    arrived = next((event for event in events if event.type == EventType.RECEIVED), None)
    values = {name: getattr(subject, name) for name in ("score", "channel", "campaign", "form", "attributes")}
    lead = Lead(**values, sent_at=subject.received_at)
    yield Arrival(subject.read_at, subject.number, subject.source, lead, arrived.actor if arrived else None)
    yield from _once(_deeds(subject.number, events))


def _deeds(number: int, events: Iterable[Event]) -> Iterator[Deed]:
    owner = None
    for event in events:
        by_person = event.actor is not None and event.type != EventType.EVIDENCE
        if event.type in DEEDS and (by_person or contact.REPORTED in event.data):
            yield Deed(event.recorded_at, number, event, as_owner=event.actor == owner)
        if event.type in (EventType.ASSIGNED, EventType.UNASSIGNED):
            owner = event.after


def _once(deeds: Iterable[Deed]) -> Iterator[Deed]:
    """One deed for what was one press: the last that it says, done by whom the first says."""
    waiting: Deed | None = None
    for deed in deeds:
        if waiting is not None and _implies(deed, waiting):
            waiting = replace(deed, as_owner=waiting.as_owner)
            continue
        if waiting is not None:
            yield waiting
        waiting = deed
    if waiting is not None:
        yield waiting


def _implies(later: Deed, earlier: Deed) -> bool:
    one_person = later.event.actor == earlier.event.actor
    if later.at != earlier.at or not (one_person or later.reported):
        return False
    takes = earlier.event.type != EventType.ASSIGNED or earlier.event.after == earlier.event.actor
    return takes and later.event.type in IMPLIED_BY.get(earlier.event.type, ())
