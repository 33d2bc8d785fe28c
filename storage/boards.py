"""What a whole team has open, and what became of what came in, each in one statement however much that is."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from storage.models import UNDECIDED, clock, event, mql
from storage.reports import COUNTED, Span, count_if
from storage.vocabulary import ClockKind, ClockState, DealResult, EventType, Status


class OpenMql(NamedTuple):
    """An MQL without an outcome, and the clock whose deadline presses."""

    id: int
    owner: str | None
    status: Status
    tier: str | None
    """As its clock has it."""
    kind: ClockKind
    state: ClockState
    due_at: datetime
    breach_at: datetime
    next_check_at: datetime | None
    """Of a paused clock the end of the pause."""

    def late(self, now: datetime) -> bool:
        """Return whether its deadline has passed with its clock running."""
        return self.state == ClockState.RUNNING and now >= self.breach_at


class Became(NamedTuple):
    """What became of the MQLs of one origin that came in during a time."""

    channel: str | None
    campaign: str | None
    received: int
    accepted: int
    qualified: int
    disqualified: int
    won: int


def open_mqls(tx: sa.Connection, workspace_id: str) -> list[OpenMql]:
    """Return everything that is open and has a clock which is not stopped: that of the response, else of the
    feedback."""
    columns = (mql.c.id, mql.c.owner, mql.c.status, clock.c.tier, clock.c.kind, clock.c.state)
    times = (clock.c.due_at, clock.c.breach_at, clock.c.next_check_at)
    waits = sa.and_(clock.c.mql_id == mql.c.id, clock.c.stopped_at.is_(None))
    mine = sa.and_(mql.c.workspace_id == workspace_id, mql.c.status.in_(UNDECIDED))
    query = sa.select(*columns, *times).select_from(mql.join(clock, waits)).where(mine)
    by_id: dict[int, OpenMql] = {}
    for row in map(OpenMql._make, tx.execute(query)):
        if row.id not in by_id or row.kind == ClockKind.RESPONSE:
            by_id[row.id] = row
    return list(by_id.values())


def given(tx: sa.Connection, workspace_id: str, since: datetime) -> Counter[str]:
    """Return how many MQLs that count were given to each rep since then."""
    mine = sa.and_(event.c.workspace_id == workspace_id, event.c.type == EventType.ASSIGNED, event.c.at >= since)
    joined = event.join(mql, mql.c.id == event.c.mql_id)
    query = sa.select(event.c.after, sa.func.count()).select_from(joined).where(mine, COUNTED).group_by(event.c.after)
    return Counter({user: count for user, count in tx.execute(query) if user})


def became(tx: sa.Connection, workspace_id: str, span: Span) -> list[Became]:
    """Return by channel and campaign what became of the MQLs that came in during a span, the most first."""
    origin = (mql.c.received_channel, mql.c.received_campaign)
    counts = (
        sa.func.count(),
        count_if(mql.c.accepted_at.is_not(None)),
        count_if(mql.c.status == Status.QUALIFIED),
        count_if(mql.c.status == Status.DISQUALIFIED),
        count_if(mql.c.deal_result == DealResult.WON),
    )
    mine = sa.and_(mql.c.workspace_id == workspace_id, span.holds(mql.c.received_at), COUNTED)
    query = sa.select(*origin, *counts).where(mine).group_by(*origin)
    origins = [Became(*row) for row in tx.execute(query)]
    return sorted(origins, key=lambda row: (-row.received, row.channel or "", row.campaign or ""))
