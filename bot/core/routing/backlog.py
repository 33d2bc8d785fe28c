"""How what waits without an owner is shared out, once somebody is there again.

An MQL may be kept for a rep who is back before it is due soon, or within half an hour of open time. So whoever is back
first gets an even share, the most urgent of what waits, and the rest is kept for those who follow. What cannot wait so
long goes to whoever is there at once; who is back within the response time shares in it all the same, and the turns
that follow make up for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.routing import candidates, tables
from bot.core.routing.candidates import Seat
from bot.core.routing.fairness import Entry, first
from bot.core.routing.routes import Pool, Route
from bot.core.sla import clocks
from bot.core.sla.checkpoints import Agreement
from storage import members, mqls, workspaces
from storage.models import TURN, WHOLE, Clock, Mql, Workspace
from storage.vocabulary import ClockKind, Status, Strategy

KEPT_AT_MOST = timedelta(minutes=30)
"""So much open time an MQL that is late or due soon may still wait for a rep who is back by then."""


@dataclass(frozen=True)
class Lot:
    """An MQL that waits, as far as the deal asks."""

    mql_id: int
    due_at: datetime
    keep_until: datetime
    """It may be kept for somebody who is back by then."""
    share_until: datetime
    """Who is back by then shares in it."""
    barred: frozenset[str] = frozenset()
    """User ids of those who are not given it again."""


@dataclass
class Place:
    """A rep at the table."""

    user: str
    back_at: datetime
    """The end of their absence; not after now: they are there."""
    balance: int
    last_turn: int
    weight: int = WHOLE


@dataclass(frozen=True)
class Kept:
    """For whom an MQL waits."""

    user: str
    back_at: datetime


@dataclass(frozen=True)
class Plan:
    """What becomes of what waits. An MQL in neither can be given to nobody now."""

    dealt: tuple[int, ...]
    """The ids of the MQLs to be given out now, in this order."""
    kept: Mapping[int, Kept]
    expected: Mapping[int, frozenset[str]]
    """By MQL: who is away, and shares in it."""


class _Table:
    """The reps, and where they would stand after what has been dealt so far."""

    def __init__(self, reps: Iterable[Place], now: datetime) -> None:
        self.here, self.away = list[Place](), list[Place]()
        for place in reps:
            (self.here if place.back_at <= now else self.away).append(place)
        # Later than any real decision.
        self._count = max((place.last_turn for place in (*self.here, *self.away)), default=0)

    def takers(self, lot: Lot) -> list[Place]:
        return [place for place in self.here if place.user not in lot.barred]

    def rivals(self, lot: Lot) -> list[Place]:
        return [place for place in self.away if place.user not in lot.barred and place.back_at <= lot.keep_until]

    def expected(self, lot: Lot) -> frozenset[str]:
        return frozenset(place.user for place in self.away if place.back_at <= lot.share_until)

    def gives(self, lot: Lot, to: Place) -> None:
        expected = self.expected(lot)
        sharing = [*self.here, *(place for place in self.away if place.user in expected or place is to)]
        weights = tuple(place.weight for place in sharing)
        entry = Entry(to.user, tuple(place.user for place in sharing), 1, weights)
        parts = entry.parts
        for place in sharing:
            place.balance -= parts[place.user]
        self._count += 1
        to.balance, to.last_turn = to.balance + entry.whole, self._count

    def shares(self, lot: Lot) -> Place:
        """Give a lot to whose share it is, and return them: to somebody who is there, unless that would put them more
        than a turn ahead of whoever is still to come."""
        there, coming = first(self.takers(lot)), first(self.rivals(lot))
        to = there if there.balance - coming.balance < TURN else coming
        self.gives(lot, to)
        return to


def deal(lots: Iterable[Lot], reps: Sequence[Place], now: datetime) -> Plan:
    """Return who is to have what, the most urgent first; `reps`, who can be given MQLs or will be, in the order of the
    roster, are changed."""
    table = _Table(reps, now)
    ordered = sorted(lots, key=lambda lot: (lot.due_at, lot.mql_id))
    open_lots = [lot for lot in ordered if table.takers(lot)]
    at_once = [lot for lot in open_lots if not table.rivals(lot)]
    for lot in at_once:
        table.gives(lot, first(table.takers(lot)))
    shared = [lot for lot in open_lots if table.rivals(lot)]
    trial = deepcopy(table)
    shares = Counter(trial.shares(lot).user for lot in shared)
    mine = sum(shares[place.user] for place in table.here)
    dealt = (*at_once, *shared[:mine])
    expected = {lot.mql_id: table.expected(lot) for lot in ordered}
    return Plan(tuple(lot.mql_id for lot in dealt), _kept(shared[mine:], table, shares), expected)


def _kept(lots: Iterable[Lot], table: _Table, shares: Counter[str]) -> dict[int, Kept]:
    """Keep each lot for whoever has a share left: the more urgent, the sooner they are back."""
    kept = {}
    for lot in lots:
        place = min(table.rivals(lot), key=lambda place: (shares[place.user] <= 0, place.back_at))
        shares[place.user] -= 1
        kept[lot.mql_id] = Kept(place.user, place.back_at)
    return kept


def plan(tx: sa.Connection, workspace_id: str, waiting: Sequence[Mql], now: datetime) -> Plan:
    """Return what becomes now of MQLs that wait for an owner, or whose owner is no longer there: each pool by itself.
    What does not go in turn is given out at once."""
    workspace, routing = workspaces.get(tx, workspace_id), tables.current(tx, workspace_id)
    if workspace is None or not waiting:
        return Plan((), {}, {})
    at_once, by_pool = list[int](), dict[str | None, list[Mql]]()
    for subject in waiting:
        routed = routing.of(tables.facts(subject))
        if _in_turn(routed.route):
            by_pool.setdefault(routed.pool.name if routed.pool else None, []).append(subject)
        else:
            at_once.append(subject.id)
    plans = [_plan(tx, workspace, routing.pools_by_name.get(name or ""), mine, now) for name, mine in by_pool.items()]
    dealt = (*at_once, *(mql_id for part in plans for mql_id in part.dealt))
    expected = {mql_id: users for part in plans for mql_id, users in part.expected.items()}
    return Plan(dealt, {mql_id: place for part in plans for mql_id, place in part.kept.items()}, expected)


def _in_turn(route: Route) -> bool:
    """Return whether what waits may be kept for somebody: it goes in turn, or was offered and goes in turn by now."""
    return route.strategy in (Strategy.ROTATION, Strategy.FIRST_TO_ACCEPT) and not route.prefer


def _plan(tx: sa.Connection, workspace: Workspace, pool: Pool | None, waiting: Sequence[Mql], now: datetime) -> Plan:
    roster = members.roster(tx, workspace.id)
    seats = tables.seats(tx, workspace, pool, roster, now)
    reps = [_place(seat, now) for seat in seats if seat.may_ever]
    if not any(place.back_at <= now for place in reps):
        return Plan((), {}, {})
    ids = [subject.id for subject in waiting]
    counted = [clock for clock in mqls.clocks(tx, workspace.id, ids) if clock.kind == ClockKind.RESPONSE]
    agreements = clocks.agreements_of(tx, counted)
    over = candidates.passed_over(tx, workspace.id, waiting)
    lots = [_lot(clock, agreements[clocks.pin(clock)], frozenset(over[clock.mql_id]), now) for clock in counted]
    return deal(lots, reps, now)


def kept(tx: sa.Connection, workspace_id: str, now: datetime) -> Mapping[int, Kept]:
    """Return by MQL for whom it waits, of those without an owner that are kept for somebody."""
    return plan(tx, workspace_id, without_offer(tx, workspace_id, now), now).kept


def without_offer(tx: sa.Connection, workspace_id: str, now: datetime) -> list[Mql]:
    """Return what waits without an owner, and is not to be accepted first by somebody of a pool still."""
    waiting = mqls.with_status(tx, workspace_id, Status.UNASSIGNED)
    return [subject for subject in waiting if subject.offered_until is None or subject.offered_until <= now]


def _place(seat: Seat, now: datetime) -> Place:
    back_at = max(seat.member.away_until or now, seat.works_at or now)
    return Place(seat.member.user_id, back_at, seat.balance, seat.last_turn, seat.weight)


def _lot(clock: Clock, agreed: Agreement, barred: frozenset[str], now: datetime) -> Lot:
    soon = agreed.calendar.add(now, KEPT_AT_MOST)
    in_time = agreed.calendar.add(now, agreed.terms.target(ClockKind.RESPONSE))
    return Lot(clock.mql_id, clock.due_at, max(clock.soon_at, soon), max(clock.due_at, in_time), barred)
