"""Who could be given an MQL, and why not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.core.routing.routes import Load
from storage import mqls
from storage.models import WHOLE, Considered, Member, Mql
from storage.vocabulary import AssignmentVerdict, EventType

ESCALATED = "escalated"
"""The reason of an assignment that an escalation step made."""

Verdicts = Mapping[str, AssignmentVerdict]


def passed_over(tx: sa.Connection, workspace_id: str, subjects: Sequence[Mql]) -> Mapping[int, Verdicts]:
    """Return by the id of each MQL who has declined it, and who has it or let it lie before an escalation step gave it
    to the next one: they are not given it again."""
    over: dict[int, dict[str, AssignmentVerdict]] = {
        subject.id: {subject.owner: AssignmentVerdict.HAD_IT} if subject.owner else {} for subject in subjects
    }
    for event in mqls.events_of(tx, workspace_id, over, (EventType.DECLINED, EventType.ASSIGNED)):
        if event.type == EventType.DECLINED and event.actor is not None:
            over[event.mql_id][event.actor] = AssignmentVerdict.DECLINED
        elif event.reason == ESCALATED and event.before is not None:
            over[event.mql_id].setdefault(event.before, AssignmentVerdict.HAD_IT)
    return over


@dataclass(frozen=True)
class Seat:
    """Somebody of a pool, and where they stand in it."""

    member: Member
    balance: int
    last_turn: int
    weight: int = WHOLE
    load: Load | None = None
    """None: nothing depends on it."""
    cap: tuple[AssignmentVerdict, int] | None = None
    """The cap that they are at."""
    works_at: datetime | None = None
    """When they work again; None: it does not matter, or they do now."""

    @property
    def may_ever(self) -> bool:
        """Return whether they may have a turn now, or once they are back."""
        there = self.member.active and not self.member.deactivated and self.member.turns_paused_at is None
        return there and self.cap is None and self.weight > 0


def consider(seats: Sequence[Seat], over: Verdicts, now: datetime, expected: Collection[str] = ()) -> list[Considered]:
    """Return everybody of a pool with what speaks for or against them. `over`: who is not given this MQL again;
    `expected`: who is away now, and back in time for a share."""
    return [_considered(seat, _verdict(seat, over, now, expected)) for seat in seats]


def _considered(seat: Seat, verdict: AssignmentVerdict) -> Considered:
    load, cap = seat.load, seat.cap
    has, limit = load.open if load else None, cap[1] if cap and cap[0] == verdict else None
    return Considered(seat.member.user_id, verdict, seat.last_turn, seat.balance, None, seat.weight, has, limit)


def _verdict(seat: Seat, over: Verdicts, now: datetime, expected: Collection[str]) -> AssignmentVerdict:
    # What keeps them from any MQL first: in what nobody could have given them they do not share.
    member = seat.member
    if not member.active:
        return AssignmentVerdict.INACTIVE
    if member.deactivated:
        return AssignmentVerdict.DEACTIVATED
    if member.turns_paused_at is not None:
        return AssignmentVerdict.PAUSED
    if seat.weight == 0:
        return AssignmentVerdict.NO_SHARE
    if member.away_until is not None and member.away_until > now:
        return AssignmentVerdict.EXPECTED if member.user_id in expected else AssignmentVerdict.AWAY
    if seat.works_at is not None and seat.works_at > now:
        return AssignmentVerdict.EXPECTED if member.user_id in expected else AssignmentVerdict.OFF_HOURS
    if seat.cap is not None:
        return seat.cap[0]
    return over.get(member.user_id, AssignmentVerdict.ELIGIBLE)
