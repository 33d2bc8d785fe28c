"""What a whole team has open, and what became of what came in, counted by the database however much that is."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from storage.models import clock, event, mql
from storage.mqls import is_open
from storage.reports import COUNTED, Span, count_if
from storage.vocabulary import BoardState, ClockKind, ClockState, DealResult, EventType, Status


class OpenOf(NamedTuple):
    """How many MQLs without an outcome somebody has, by the clock whose deadline presses."""

    owner: str | None
    open: int
    overdue: int
    today: int
    """Due today and not overdue."""
    paused: int
    unassigned: int


class Became(NamedTuple):
    """What became of the MQLs of one origin that came in during a time."""

    channel: str | None
    campaign: str | None
    received: int
    accepted: int
    qualified: int
    disqualified: int
    won: int


def by_owner(tx: sa.Connection, workspace_id: str, now: datetime, tonight: datetime) -> list[OpenOf]:
    """Return what each owner has open, and what nobody has. `tonight`: when the day ends."""
    states = _states(now, tonight)
    counts = [count_if(states[state]) for state in (BoardState.OVERDUE, BoardState.TODAY, BoardState.PAUSED)]
    counts.append(count_if(mql.c.status == Status.UNASSIGNED))
    query = sa.select(mql.c.owner, sa.func.count(), *counts).select_from(_JOINED).where(_pressing(workspace_id))
    return [OpenOf(*row) for row in tx.execute(query.group_by(mql.c.owner))]


def tiers(tx: sa.Connection, workspace_id: str) -> list[str]:
    """Return the tiers of what is open, in order."""
    mine = sa.and_(clock.c.workspace_id == workspace_id, clock.c.stopped_at.is_(None), clock.c.tier.is_not(None))
    return sorted(tx.execute(sa.select(clock.c.tier).where(mine).distinct()).scalars())


class Wanted(NamedTuple):
    """Which of all that is open; None: any."""

    owner: str | None = None
    owned: bool = True
    """False: nobody's, whatever `owner` says."""
    state: BoardState | None = None
    tier: str | None = None


def count(tx: sa.Connection, workspace_id: str, wanted: Wanted, now: datetime, tonight: datetime) -> int:
    """Return how many open MQLs are wanted."""
    passing = _passing(workspace_id, wanted, now, tonight)
    # A clock that is not stopped tells by itself that its MQL is open.
    asked = clock if wanted == Wanted() else _JOINED
    return int(tx.execute(sa.select(sa.func.count()).select_from(asked).where(passing)).scalar_one())


def page(
    tx: sa.Connection, workspace_id: str, wanted: Wanted, now: datetime, tonight: datetime, first: int, most: int
) -> list[int]:
    """Return the ids of so many wanted MQLs from the `first` on: by deadline, and last what is paused, by the end of
    its pause."""
    passing, paused = _passing(workspace_id, wanted, now, tonight), clock.c.state == ClockState.PAUSED
    query = sa.select(mql.c.id).select_from(_JOINED).where(passing)
    running = query.where(~paused).order_by(clock.c.due_at, mql.c.id).offset(first).limit(most)
    ids = list(tx.execute(running).scalars())
    if len(ids) < most:
        before = 0 if ids else max(0, first - _running(tx, passing))
        ended = sa.func.coalesce(clock.c.next_check_at, clock.c.due_at)
        rest = query.where(paused).order_by(ended, mql.c.id).offset(before).limit(most - len(ids))
        ids += tx.execute(rest).scalars()
    return ids


def _running(tx: sa.Connection, passing: sa.ColumnElement[bool]) -> int:
    runs = sa.and_(passing, clock.c.state != ClockState.PAUSED)
    return int(tx.execute(sa.select(sa.func.count()).select_from(_JOINED).where(runs)).scalar_one())


_JOINED = mql.join(clock, clock.c.mql_id == mql.c.id)


def _pressing(workspace_id: str) -> sa.ColumnElement[bool]:
    """Return the condition that it is this clock of an open MQL that presses: that of the response while it is not
    stopped, else that of the feedback. What closes an MQL stops both."""
    other = clock.alias()
    responds = sa.and_(
        other.c.mql_id == clock.c.mql_id, other.c.kind == ClockKind.RESPONSE, other.c.stopped_at.is_(None)
    )
    first = sa.or_(clock.c.kind == ClockKind.RESPONSE, ~sa.exists().where(responds))
    return sa.and_(clock.c.workspace_id == workspace_id, clock.c.stopped_at.is_(None), first)


def _states(now: datetime, tonight: datetime) -> dict[BoardState, sa.ColumnElement[bool]]:
    runs = clock.c.state == ClockState.RUNNING
    return {
        BoardState.OVERDUE: sa.and_(runs, clock.c.breach_at <= now),
        BoardState.TODAY: sa.and_(runs, clock.c.breach_at > now, clock.c.due_at < tonight),
        BoardState.UNACCEPTED: mql.c.status.in_((Status.ASSIGNED, Status.UNASSIGNED)),
        BoardState.ACCEPTED: mql.c.status.in_((Status.ACCEPTED, Status.CONTACTED)),
        BoardState.PAUSED: clock.c.state == ClockState.PAUSED,
    }


def _passing(workspace_id: str, wanted: Wanted, now: datetime, tonight: datetime) -> sa.ColumnElement[bool]:
    passing = [_pressing(workspace_id)]
    if wanted.owner is not None or not wanted.owned:
        # In the words of the index of open MQLs by owner.
        owned = mql.c.owner == wanted.owner if wanted.owned else mql.c.owner.is_(None)
        passing += [mql.c.workspace_id == workspace_id, is_open(), owned]
    passing += [_states(now, tonight)[wanted.state]] if wanted.state is not None else []
    passing += [clock.c.tier == wanted.tier] if wanted.tier is not None else []
    return sa.and_(*passing)


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
