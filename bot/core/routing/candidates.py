"""Who could be given an MQL, and why not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from storage import mqls
from storage.models import Considered, Member, Mql
from storage.vocabulary import AssignmentVerdict, EventType, Role

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


def consider(
    roster: Sequence[Member], over: Verdicts, now: datetime, expected: Collection[str] = ()
) -> list[Considered]:
    """Return every rep with what speaks for or against them. `over`: who is not given this MQL again; `expected`: who
    is away now, and back in time for a share."""
    reps = [member for member in roster if Role.REP in member.roles]
    return [_considered(member, _verdict(member, over, now, expected)) for member in reps]


def _considered(member: Member, verdict: AssignmentVerdict) -> Considered:
    return Considered(member.user_id, verdict, member.last_turn, member.balance)


def _verdict(member: Member, over: Verdicts, now: datetime, expected: Collection[str]) -> AssignmentVerdict:
    # Absence first: in what nobody could have given them they do not share.
    if not member.active:
        return AssignmentVerdict.INACTIVE
    if member.deactivated:
        return AssignmentVerdict.DEACTIVATED
    if member.away_until is not None and member.away_until > now:
        return AssignmentVerdict.EXPECTED if member.user_id in expected else AssignmentVerdict.AWAY
    return over.get(member.user_id, AssignmentVerdict.ELIGIBLE)
