"""Replay a past with the engine, in a database of its own, under another policy and roster."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core import teamfile
from bot.core.base.results import Refusal, Refused
from bot.core.base.wall_clock import day_in
from bot.core.messages import outgoing, relevance
from bot.core.messages.lookup import Lookup
from bot.core.mql import erasure, escalation, intake
from bot.core.mql.identity import Known
from bot.core.routing import absences, assignment, tables
from bot.core.teamfile import TeamFile
from bot.core.whatif import replayed_acts
from bot.core.whatif.figures import Figures, count
from bot.core.whatif.recorded_history import (
    Again,
    Arrival,
    Away,
    Back,
    Deed,
    Erasure,
    Moment,
    Past,
    Turn,
)
from bot.core.whatif.relations import NewOwner, Outsider
from storage import identifiers, members, models, mqls, person_keys, replays, routing, workspaces
from storage.models import Assignment, Mql
from storage.vocabulary import ErasedFor, Status

A_DAY, AN_INSTANT = timedelta(days=1), timedelta(microseconds=1)
A_TICK = timedelta(seconds=10)
"""How long the worker may take to notice what is due, with its decisions."""
AT_ONCE = 1000
# Refused because of who asks; other refusals say that nothing is left to be done.
NOBODY_MAY = (
    Refusal.NOT_FOUND,
    Refusal.NOT_ALLOWED,
    Refusal.NOT_OWNER,
    Refusal.OWNER_CHANGED,
    Refusal.NOT_ON_ROSTER,
    Refusal.CANNOT_TAKE,
    Refusal.DISPUTE_NOT_ALLOWED,
    Refusal.DECIDE_NOT_ALLOWED,
)


@dataclass(frozen=True)
class Simulated:
    """The result of a replay."""

    figures: Figures
    undone: int
    """How many recorded acts nobody on the roster could have done."""


def replay(tx: sa.Connection, past: Past, wanted: TeamFile, lived: Callable[[int], object]) -> Simulated:
    """Replay the past in an empty database, with the team file `wanted` from its beginning.

    The engine decides who gets an MQL and when to remind and escalate. People act as they did, at the same time; the
    acts of an MQL's owner are done by its owner in the replay. `lived` is called with 1 after each moment of the past,
    to show progress: ten thousand MQLs take minutes.
    """
    stage = _Stage(tx, past, wanted)
    for moment in past.moments:
        # An act at the very moment of a checkpoint comes first: the worker notices the checkpoint later.
        stage.until(moment.at if isinstance(moment, Back) else moment.at - AN_INSTANT)
        stage.live(moment)
        lived(1)
    stage.until(past.period.until)
    figures = count(tx, wanted.workspace_id, past.period, messages=past.messages)
    return Simulated(figures, stage.undone)


def _before(entry: models.Turn, at: datetime, mine: int | None) -> bool:
    """Return whether a ledger entry was written before another one: by id if it was recorded, else by time."""
    return entry.at <= at if mine is None else entry.id < mine


class _Stage:
    """A workspace in a database of its own, and the MQLs that have come in by now."""

    def __init__(self, tx: sa.Connection, past: Past, wanted: TeamFile) -> None:
        self._tx, self._id = tx, wanted.workspace_id
        self._mqls: dict[int, int] = {}
        self._numbers: dict[int, int] = {}
        self._outside, self._taken = deque(past.outside), past.taken
        self._elsewhere: dict[int, Assignment] = {}
        self._looks_at: datetime | None = None
        self._now = past.period.span.start - A_DAY
        self._delivered_at = past.period.span.start - A_DAY
        self.undone = 0
        (outgoing.write_only_counted if past.messages else outgoing.write_none)(tx)
        teamfile.apply(tx, wanted, past.period.span.start)
        workspace = workspaces.get(tx, self._id)
        if workspace is None:
            raise LookupError(self._id)
        self._workspace = workspace
        for member in past.roster:
            values = {name: getattr(member, name) for name in ("last_turn", "balance", "deactivated")}
            members.update(tx, self._id, member.user_id, **values)
        for (pool, user), standing in past.standings.items():
            routing.place(tx, self._id, pool, user, **standing._asdict())
        for absence in past.away:
            absences.add_as_recorded(tx, self._id, absence)
        for recorded, decision in past.earlier.items():
            self._elsewhere[recorded] = replays.put_decision(tx, self._outsider(past.outside[0].mql), decision)

    def until(self, moment: datetime) -> None:
        """Do what is due up to a moment, each at its time: fire checkpoints, assign waiting MQLs, deliver held
        messages. Of what is due at the same time this is the order, as in a tick."""
        while True:
            due = mqls.due_clocks(self._tx, moment, 1)
            coming = (
                (due[0].next_check_at if due else None, self._fire),
                (self._looks_at, self._look),
                (self._next_held(moment), self._deliver),
            )
            at, act = min(((at, act) for at, act in coming if at is not None), key=itemgetter(0), default=(None, None))
            # What somebody reported late may have been due before: the worker notices it afterwards.
            if at is None or act is None or (at := max(at, self._now)) > moment:
                break
            act(at)
        # What is held from now on is held until later.
        self._delivered_at = max(self._delivered_at, moment)

    def _next_held(self, moment: datetime) -> datetime | None:
        if outgoing.silent(self._tx):
            return None
        return replays.next_held(self._tx, self._id, self._delivered_at, moment)

    def _fire(self, at: datetime) -> None:
        _, aside = escalation.sweep(self._tx, at, AT_ONCE)
        for clock in aside:
            self._outside_takes_turns(at, self._numbers[clock.mql_id])
            escalation.check(self._tx, clock, at)
        if aside:  # what is told alone lets nobody's MQL go
            self._looks_at = at

    def _look(self, at: datetime) -> None:
        """Assign the MQLs that wait for an owner. The worker tries every few seconds; a replay tries after each event,
        and when time alone may have changed the answer."""
        self._looks_at = None
        if waiting := mqls.with_status(self._tx, self._id, Status.UNASSIGNED):
            self._outside_takes_turns(at, *(subject.number for subject in waiting))
            assignment.assign_waiting(self._tx, self._id, at)
            self._looks_at = self._next_look(at)

    def _next_look(self, at: datetime) -> datetime | None:
        """Return when time alone may change who can get an MQL: own hours begin, an offer lapses, or a day and its caps
        end."""
        waiting = mqls.with_status(self._tx, self._id, Status.UNASSIGNED)
        if not waiting:
            return None
        seats = tables.seats(self._tx, self._workspace, None, members.roster(self._tx, self._id), at)
        tomorrow = day_in(self._workspace.timezone, at) + A_DAY
        midnight = datetime.combine(tomorrow, time(), ZoneInfo(self._workspace.timezone)).astimezone(UTC)
        known = [*(seat.works_at for seat in seats), *(subject.offered_until for subject in waiting)]
        return min([midnight, *(then for then in known if then is not None and then > at)])

    def live(self, moment: Moment) -> None:
        """Apply one moment of the past, after which waiting MQLs may find an owner."""
        self._now = max(self._now, moment.at)
        self._happens(moment)
        if self._looks_at is None or self._looks_at > moment.at:
            self._looks_at = moment.at

    def _happens(self, moment: Moment) -> None:
        match moment:
            case Arrival():
                self._arrives(moment)
            case Again():
                intake.join(self._tx, self._subject(moment.number), moment.lead, moment.source, moment.at)
            case Deed():
                self._does(moment)
            case Erasure():
                erasure.erase(self._tx, self._id, self._mqls[moment.number], ErasedFor.REQUEST, moment.at)
            case Away():
                absences.refresh(self._tx, self._id, moment.user, moment.at)
            case Back():
                self._look(moment.at)
            case NewOwner():
                mqls.update(self._tx, self._id, self._outsider(moment.mql).id, owner=moment.owner)

    def _arrives(self, arrival: Arrival) -> None:
        self._outside_takes_turns(arrival.at, arrival.number)
        # Numbers of the period may have gaps: this one is to be called what it was called.
        workspaces.save(self._tx, self._id, arrival.at, last_number=arrival.number - 1)
        related, lead, source = arrival.related, arrival.lead, arrival.source
        known = Known(former=self._known(related.former), colleague=self._known(related.same_company))
        received = intake.receive_new(self._tx, self._workspace, lead, source, known, arrival.at, arrival.by)
        self._mqls[arrival.number], self._numbers[received.mql_id] = received.mql_id, arrival.number

    def _outside_takes_turns(self, at: datetime, *numbers: int) -> None:
        """Let the turns be taken that MQLs from outside of the period took by now, before the engine gives out those
        of the numbers: at the opening of a day many have the same moment, and the decisions that were recorded tell
        which came first."""
        recorded = [turn for number in numbers for turn in self._taken.get(number, ())]
        same = [turn.id for turn in recorded if timedelta(0) <= turn.at - at <= A_TICK]
        while self._outside and _before(self._outside[0].entry, at, min(same, default=None)):
            self._post(self._outside.popleft())

    def _post(self, turn: Turn) -> None:
        decision = self._elsewhere.get(turn.decision.id)
        if decision is None:
            waits = self._waits(turn.decision.pool)
            considered = [seen._replace(last_turn=waits.get(seen.user, 0)) for seen in turn.decision.considered]
            subject, chosen = self._outsider(turn.mql), turn.decision.chosen
            routed = {name: getattr(turn.decision, name) for name in ("route", "pool", "strategy", "matched")}
            decision = mqls.decide(self._tx, subject, chosen, considered, turn.entry.at, **routed)
            self._elsewhere[turn.decision.id] = decision
        assignment.post(self._tx, decision, turn.entry.weight, turn.entry.at)

    def _waits(self, pool: str | None) -> dict[str, int]:
        """Return everybody's last turn in a pool; None is the pool of all reps."""
        if pool is None:
            return {member.user_id: member.last_turn for member in members.roster(self._tx, self._id)}
        return {user: row.last_turn for user, row in routing.standings(self._tx, self._id, pool).items()}

    def _outsider(self, mql: Outsider) -> Mql:
        """Return the id of the stand-in for an MQL from outside of the period: withdrawn, so that nobody waits for it
        and no figure counts it."""
        if mql.number not in self._mqls:
            values = {"source": mql.source, "received_at": mql.received_at, "disposed_at": mql.received_at}
            added = mqls.add(self._tx, self._id, mql.number, status=Status.WITHDRAWN, attributes={}, **values)
            identifiers.add(self._tx, self._id, added.id, [person_keys.record(word, word) for word in mql.persons])
            self._mqls[mql.number] = added.id
        return self._subject(mql.number)

    def _deliver(self, at: datetime) -> None:
        """Deliver the messages that were held until a moment, if they are still true."""
        lookup = Lookup(self._tx, self._id, at)
        for row in replays.held(self._tx, self._id, self._delivered_at, at):
            replays.settle(self._tx, row, at if relevance.still_true(self._tx, row, lookup) else None)
        self._delivered_at = at

    def _does(self, deed: Deed) -> None:
        """Whoever did it, and whoever has the MQL, may have done it: the latter first where the former had it then."""
        self._outside_takes_turns(deed.at, deed.number)
        if deed.reported:
            self.undone += not replayed_acts.report(self._tx, self._id, deed)
            return
        owner = self._subject(deed.number).owner
        people = [owner, deed.event.actor] if deed.as_owner else [deed.event.actor, owner]
        for by in dict.fromkeys(people):
            if by is not None and self._may(deed, by):
                return
        self.undone += 1

    def _may(self, deed: Deed, by: str) -> bool:
        outcome = replayed_acts.do(self._tx, self._workspace, self._mqls[deed.number], deed, by)
        return not isinstance(outcome, Refused) or outcome.reason not in NOBODY_MAY

    def _known(self, number: int | None) -> Mql | None:
        mql_id = self._mqls.get(number or 0)
        return mqls.get(self._tx, self._id, mql_id) if mql_id else None

    def _subject(self, number: int) -> Mql:
        subject = mqls.locked(self._tx, self._id, self._mqls[number])
        if subject is None:
            raise LookupError(number)
        return subject
