"""What people did, read from the log, so that it can be done again under another policy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

import sqlalchemy as sa

from bot.core.mql import contact
from bot.core.mql.lead import Lead
from bot.core.whatif import relations
from bot.core.whatif.figures import Figures, Period, count
from bot.core.whatif.relations import NewOwner, Outsider, Relations
from storage import absences, members, models, mqls, replays, routing, turns
from storage.models import AS_RECEIVED, Absence, Assignment, Event, Member, Mql, Workspace
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
    EventType.COVERED,
    EventType.COVER_ENDED,
    EventType.WITHDRAWN,
    EventType.MERGED,
)
OF_COVER = (EventType.COVERED, EventType.COVER_ENDED)
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
    related: Relations = relations.NONE


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
    """An absence of a rep begins."""

    at: datetime
    user: str


@dataclass(frozen=True)
class Back:
    """An absence is over: what waits without an owner may be given out."""

    at: datetime


@dataclass(frozen=True)
class Again:
    """The lead of an MQL comes in once more, with what a tier may ask of it."""

    at: datetime
    number: int
    event: Event
    source: Source
    lead: Lead


@dataclass(frozen=True)
class Erasure:
    """Nothing names the person of an MQL any more; one that is open is withdrawn by it."""

    at: datetime
    number: int
    event: Event


@dataclass(frozen=True)
class Turn:
    """A turn was taken or given back for an MQL from outside of the period."""

    mql: Outsider
    decision: Assignment
    entry: models.Turn


Moment = Arrival | Again | Deed | Erasure | Away | Back | NewOwner


class Standing(NamedTuple):
    """Where somebody stood in a pool."""

    balance: int
    last_turn: int
    """Below zero, because the replay counts its own decisions from one on; never is the lowest."""


@dataclass(frozen=True)
class Past:
    """All that a replay needs to know."""

    workspace: Workspace
    period: Period
    moments: tuple[Moment, ...]
    """In their order."""
    roster: tuple[Member, ...]
    """With their balances and turns as they were when the first MQL of the period was given out."""
    standings: Mapping[tuple[str, str], Standing]
    """Likewise where people stood in pools with a name, by pool and user id."""
    away: tuple[Absence, ...]
    """The absences of the period, those too that were still to come: somebody may cover for them beforehand."""
    earlier: Mapping[int, Assignment]
    """The decisions before of whoever had a turn given back or taken again since, from the first of these on, by their
    ids; here their ids lie below zero."""
    outside: tuple[Turn, ...]
    """What the ledger says since then of MQLs from outside of the period, in its order."""
    taken: Mapping[int, tuple[models.Turn, ...]]
    """By number of an MQL of the period: the turns that it cost, in their order."""
    happened: Figures
    messages: bool = True
    """Whether those that people got are counted."""


def read(tx: sa.Connection, workspace: Workspace, period: Period, *, messages: bool = True) -> Past:
    """Return what happened to the MQLs that were received in a period, until the present: also to those that were
    withdrawn later, because until then they took turns like any other. `messages`: with those that people got, also in
    its replays, which take longer by them."""
    subjects = {subject.id: subject for subject in replays.received(tx, workspace.id, period.span)}
    recorded = routing.decisions(tx, workspace.id, period.span.start)
    decisions = [decision for decision in recorded if not decision.by_hand]
    first = next((decision for decision in decisions if decision.mql_id in subjects), None)
    away = absences.since(tx, workspace.id, period.span.start)
    related = relations.read(tx, workspace.id, subjects)
    moments: list[Moment] = [*_absences(away, period), *(move for move in related.moves if move.at < period.until)]
    turns_since = _Ledger() if first is None else _ledger(tx, first, subjects)
    log = replays.log(tx, workspace.id, period.span, counted=False)
    in_order = sorted(log, key=lambda event: (event.mql_id, event.id))
    for mql_id, events in groupby(in_order, lambda event: event.mql_id):
        moments += _life(subjects[mql_id], list(events), related.of[mql_id])
    moments.sort(key=_order)
    stood = _standings(tx, workspace.id, decisions, first)
    roster = tuple(_as_it_waited(member, stood) for member in members.roster(tx, workspace.id))
    return Past(
        workspace,
        period,
        tuple(moments),
        roster,
        standings={(pool, user): standing for (pool, user), standing in stood.items() if pool is not None},
        away=tuple(away),
        earlier=turns_since.earlier,
        outside=turns_since.outside,
        taken=turns_since.taken,
        happened=count(tx, workspace.id, period, messages=messages),
        messages=messages,
    )


@dataclass(frozen=True)
class _Ledger:
    """What Past says of turns."""

    earlier: Mapping[int, Assignment] = field(default_factory=dict)
    outside: tuple[Turn, ...] = ()
    taken: Mapping[int, tuple[models.Turn, ...]] = field(default_factory=dict)


def _ledger(tx: sa.Connection, first: Assignment, subjects: Mapping[int, Mql]) -> _Ledger:
    """Return what the ledger says from the first decision of the period on."""
    workspace_id = first.workspace_id
    since = [
        posting
        for posting in turns.ledger(tx, workspace_id, first.at)
        if posting.turn.at > first.at or posting.decision.id >= first.id
    ]
    others = [posting for posting in since if posting.decision.mql_id not in subjects]
    known = {
        subject.id: Outsider.of(subject)
        for subject in mqls.of_ids(tx, workspace_id, {posting.decision.mql_id for posting in others})
    }
    outside = tuple(Turn(known[posting.decision.mql_id], posting.decision, posting.turn) for posting in others)
    before = {posting.decision.mql_id for posting in others if posting.decision.id < first.id}
    counted = {posting.decision.id: posting.turn.weight < 0 for posting in reversed(others)}
    taken: dict[int, tuple[models.Turn, ...]] = defaultdict(tuple)
    for posting in since:
        if posting.decision.mql_id in subjects and posting.turn.weight > 0:
            taken[subjects[posting.decision.mql_id].number] += (posting.turn,)
    earlier = {
        decision.id: _before(decision, first, counted=counted.get(decision.id, decision.turn))
        for decision in replays.turns_of(tx, workspace_id, before, first.id)
    }
    return _Ledger(earlier, outside, dict(taken))


def _order(moment: Moment) -> tuple[datetime, int, int]:
    """By time; at one time the absences first, then what came in, then what was done as it was written down, then what
    the worker does about absences that are over."""
    event_id = moment.event.id if isinstance(moment, Again | Deed | Erasure) else 0
    kinds = ((Away, NewOwner), (Arrival,), (Again, Deed, Erasure), (Back,))
    return moment.at, next(place for place, kind in enumerate(kinds) if isinstance(moment, kind)), event_id


def _absences(away: Iterable[Absence], period: Period) -> Iterator[Moment]:
    for absence in away:
        if absence.from_at > period.until:
            continue  # planned: nothing may be lived through that has not been yet
        yield Away(max(absence.from_at, period.span.start), absence.user_id)
        if absence.until_at <= period.until:
            yield Back(absence.until_at)


def _standings(
    tx: sa.Connection, workspace_id: str, decisions: Iterable[Assignment], first: Assignment | None
) -> Mapping[tuple[str | None, str], Standing]:
    """Return where everybody stood before the first decision of the period in each pool; that of all reps is None. It
    is written in the next decision of the pool that considered them; whoever was considered in none since stands there
    still."""
    if first is None:
        return {}
    stood: dict[tuple[str | None, str], Standing] = {}
    for decision in decisions:
        for seen in decision.considered if decision.id >= first.id else ():
            standing = Standing(seen.balance or 0, seen.last_turn - first.id)
            stood.setdefault((decision.pool, seen.user), standing)
    stands: dict[tuple[str | None, str], Standing] = {}
    for member in members.roster(tx, workspace_id):
        stands[None, member.user_id] = Standing(member.balance, member.last_turn - first.id)
    for row in routing.every_standing(tx, workspace_id):
        stands[row.pool, row.user_id] = Standing(row.balance, row.last_turn - first.id)
    return stands | {known: standing for known, standing in stood.items() if known in stands}


def _as_it_waited(member: Member, stood: Mapping[tuple[str | None, str], Standing]) -> Member:
    standing = stood.get((None, member.user_id), Standing(0, 0))
    return member.model_copy(update=standing._asdict())


def _before(decision: Assignment, first: Assignment, *, counted: bool) -> Assignment:
    """Return an earlier decision with ids below zero, as those of the roster. `counted`: whether it counted as a turn
    when the period began."""
    considered = tuple(seen._replace(last_turn=seen.last_turn - first.id) for seen in decision.considered)
    return decision.model_copy(update={"id": decision.id - first.id, "considered": considered, "turn": counted})


def _life(subject: Mql, events: Sequence[Event], related: Relations) -> Iterator[Moment]:
    """Yield an MQL's arrival as it came in, what its lead brought later, and what people did with it."""
    arrived = next((event for event in events if event.type == EventType.RECEIVED), None)
    came_with = {name: getattr(subject, f"received_{name}") for name in AS_RECEIVED}
    lead = Lead(
        **came_with,
        title=subject.title,
        record_ids={word: word for word in related.persons},
        attributes=subject.attributes,
        sent_at=subject.received_at,
    )
    yield Arrival(subject.read_at, subject.number, subject.source, lead, arrived.actor if arrived else None, related)
    for event in events:
        if event.type == EventType.RECEIVED_AGAIN:
            brought = {name: event.data[name] for name in AS_RECEIVED if name in event.data}
            yield Again(
                event.recorded_at, subject.number, event, Source(str(event.after)), Lead(**brought, sent_at=event.at)
            )
        elif event.type == EventType.ERASED:
            yield Erasure(event.recorded_at, subject.number, event)
    yield from _once(_deeds(subject.number, events))


def _deeds(number: int, events: Iterable[Event]) -> Iterator[Deed]:
    owner, declined = None, None
    for event in _lasting(events):
        by_person = event.actor is not None and event.type != EventType.EVIDENCE
        press = event.actor, event.recorded_at
        if event.type == EventType.DECLINED:
            declined = press
        if event.type in OF_COVER and press == declined:
            continue  # whom it went to, or that nobody was left: the engine says so
        if event.type in DEEDS and (by_person or contact.REPORTED in event.data):
            yield Deed(event.recorded_at, number, event, as_owner=event.actor == owner)
        if event.type in (EventType.ASSIGNED, EventType.UNASSIGNED):
            owner = event.after


def _lasting(events: Iterable[Event]) -> Iterator[Event]:
    """Yield the events without a merge that was undone."""
    known = list(events)
    undone = {event.id for event in known if event.type == EventType.MERGE_UNDONE and "into" in event.data}
    for place, event in enumerate(known):
        if event.type != EventType.MERGED or not any(later.id in undone for later in known[place:]):
            yield event


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
