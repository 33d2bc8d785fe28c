"""Lets the engine live through a past again, on a database of its own, under another policy and roster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core import teamfile
from bot.core.base.results import Refusal, Refused
from bot.core.messages import relevance
from bot.core.mql import escalation, intake
from bot.core.routing import assignment
from bot.core.teamfile import TeamFile
from bot.core.whatif import replayed_acts
from bot.core.whatif.figures import Figures, count
from bot.core.whatif.recorded_history import Arrival, Away, Back, Deed, Moment, Past, Turn
from storage import members, mqls, replays, workspaces
from storage.models import Assignment, Mql

A_DAY = timedelta(days=1)
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
    """What a replay came to."""

    figures: Figures
    undone: int
    """Recorded deeds that nobody on the roster could have done."""


@dataclass(frozen=True)
class Morning:
    """Quiet hours are over: what was held back goes out, if it is still true."""

    at: datetime


def replay(tx: sa.Connection, past: Past, wanted: TeamFile, lived: Callable[[int], object]) -> Simulated:
    """Live through the past on an empty database, with `wanted` from its beginning on.

    The engine decides as it would: who gets an MQL, when it reminds and escalates. People do what they did, when they
    did it; what the owner of an MQL did is done by whoever has it in the replay. `lived` is called with 1 after each
    of the past's moments, because ten thousand MQLs take minutes.
    """
    stage = _Stage(tx, past, wanted)
    for moment in sorted([*past.moments, *_mornings(past, wanted)], key=_at):
        stage.until(moment.at)
        stage.live(moment)
        lived(0 if isinstance(moment, Morning) else 1)
    stage.until(past.period.until)
    return Simulated(count(tx, wanted.workspace_id, past.period), stage.undone)


def _at(moment: Moment | Morning) -> tuple[datetime, bool]:
    # Mornings first: what goes out at eight tells of the night. The sort keeps the order of the others.
    return moment.at, not isinstance(moment, Morning)


def _mornings(past: Past, wanted: TeamFile) -> Iterator[Morning]:
    policy, zone = wanted.policy, ZoneInfo(wanted.timezone)
    terms = (policy, *(tier.over(policy) for tier in policy.tiers))
    for quiet in {agreed_terms.quiet for agreed_terms in terms if agreed_terms.quiet is not None}:
        begins = time.fromisoformat(quiet.start)
        day = past.moments[0].at.astimezone(zone).date() - A_DAY
        while (at := datetime.combine(day, begins, zone).astimezone(UTC)) < past.period.until:
            yield Morning(quiet.over_at(at, wanted.timezone))
            day += A_DAY


class _Stage:
    """A workspace in a database of its own, and the MQLs that have come in by now."""

    def __init__(self, tx: sa.Connection, past: Past, wanted: TeamFile) -> None:
        self._tx, self._id = tx, wanted.workspace_id
        self._mqls: dict[int, int] = {}
        self._elsewhere: dict[int, Assignment] = {}
        self.undone = 0
        teamfile.apply(tx, wanted, past.period.span.start)
        workspace = workspaces.get(tx, self._id)
        if workspace is None:
            raise LookupError(self._id)
        self._workspace = workspace
        for member in past.roster:
            values = {name: getattr(member, name) for name in ("last_turn", "balance", "deactivated")}
            members.update(tx, self._id, member.user_id, **values)

    def until(self, moment: datetime) -> None:
        """Let every checkpoint fire that comes up to a moment, each at its time."""
        while due := mqls.due_clocks(self._tx, moment, 1):
            escalation.check(self._tx, due[0], due[0].next_check_at or moment)

    def live(self, moment: Moment | Morning) -> None:
        """Let one thing happen."""
        match moment:
            case Arrival():
                self._arrives(moment)
            case Deed():
                self._does(moment)
            case Away():
                members.set_away(self._tx, self._id, moment.user, moment.at, moment.until)
            case Back():
                assignment.assign_waiting(self._tx, self._id, moment.at)
            case Turn():
                self._takes_a_turn(moment)
            case Morning():
                self._delivers_what_was_held(moment)

    def _arrives(self, arrival: Arrival) -> None:
        # Numbers of the period may have gaps: this one is to be called what it was called.
        workspaces.save(self._tx, self._id, arrival.at, last_number=arrival.number - 1)
        received = intake.receive(self._tx, self._id, arrival.lead, arrival.source, arrival.at, by=arrival.by)
        self._mqls[arrival.number] = received.mql_id

    def _takes_a_turn(self, turn: Turn) -> None:
        decision = self._elsewhere.get(turn.decision.id)
        if decision is None:
            # A turn is that of a decision, and a decision is about some MQL.
            newest, made = self._subject(next(reversed(self._mqls))), turn.decision
            decision = mqls.decide(self._tx, newest, made.chosen, made.considered, turn.at)
            self._elsewhere[made.id] = decision
        assignment.post(self._tx, decision, turn.weight, turn.at)

    def _delivers_what_was_held(self, morning: Morning) -> None:
        for row in replays.held_due(self._tx, self._id, morning.at):
            replays.settle(self._tx, row, morning.at if relevance.still_true(self._tx, row) else None)

    def _does(self, deed: Deed) -> None:
        """Whoever did it, and whoever has the MQL, may have done it: the latter first where the former had it then."""
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

    def _subject(self, number: int) -> Mql:
        subject = mqls.locked(self._tx, self._id, self._mqls[number])
        if subject is None:
            raise LookupError(number)
        return subject
