"""What a team has open: by rep, and as one list that can be filtered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from bot.core.base import team
from bot.core.base.wall_clock import day_in, midnight, week_start
from bot.core.views.mql import MqlView, mql_views
from storage import boards, members, mqls
from storage.boards import OpenMql
from storage.models import TURN, Member, Workspace
from storage.vocabulary import ClockState, Status

NOBODY = "nobody"
"""The value of a filter for what has no owner."""


class State(StrEnum):
    """How an open MQL stands. Part of a catalogue key."""

    OVERDUE = "overdue"
    TODAY = "today"
    UNACCEPTED = "unaccepted"
    ACCEPTED = "accepted"
    PAUSED = "paused"


@dataclass(frozen=True)
class Filter:
    """What a reader wants to see of all open MQLs. Empty: everything."""

    rep: str = ""
    state: str = ""
    tier: str = ""
    page: int = 0

    @classmethod
    def of(cls, chosen: Mapping[str, str]) -> Filter:
        """Read one as it is stored."""
        page = chosen.get("page", "0")
        return cls(chosen.get("rep", ""), chosen.get("state", ""), chosen.get("tier", ""), int(page or 0))

    def to_json(self) -> dict[str, str]:
        """Return what `of` reads."""
        return {"rep": self.rep, "state": self.state, "tier": self.tier, "page": str(self.page)}


@dataclass(frozen=True)
class Page:
    """A part of the list of all open MQLs, the most urgent first."""

    shown: list[MqlView]
    count: int
    """How many pass the filter."""
    filter: Filter
    """As it holds: no page behind the last one."""
    last: int
    """Number of the last page, from 0."""
    tiers: tuple[str, ...] = ()
    """Of everything that is open."""


@dataclass(frozen=True)
class OfRep:
    """What one rep has."""

    member: Member
    open: int
    today: int
    """Due today and not overdue."""
    overdue: int
    paused: int
    given: int
    """This week."""
    ahead: float
    """Turns that they have had beyond an even share; negative: behind it."""
    away: bool


@dataclass(frozen=True)
class Board:
    """The team, whoever has most overdue first."""

    reps: tuple[OfRep, ...]
    open: int
    overdue: int
    unassigned: int


@dataclass(frozen=True)
class Everything:
    """All that is open, read once for the board and for the list."""

    rows: Sequence[OpenMql]
    now: datetime
    tonight: datetime
    """When the day ends where the workspace counts its days."""

    def state(self, row: OpenMql) -> frozenset[State]:
        """Return everything that holds of an open MQL."""
        late = row.late(self.now)
        holds = {
            State.OVERDUE: late,
            State.TODAY: not late and row.state == ClockState.RUNNING and row.due_at < self.tonight,
            State.UNACCEPTED: row.status in (Status.ASSIGNED, Status.UNASSIGNED),
            State.ACCEPTED: row.status in (Status.ACCEPTED, Status.CONTACTED),
            State.PAUSED: row.state == ClockState.PAUSED,
        }
        return frozenset(state for state, true in holds.items() if true)


def everything(tx: sa.Connection, workspace: Workspace, now: datetime) -> Everything:
    """Return all that is open in a workspace."""
    tomorrow = day_in(workspace.timezone, now) + timedelta(days=1)
    return Everything(boards.open_mqls(tx, workspace.id), now, midnight(workspace.timezone, tomorrow))


def board(tx: sa.Connection, workspace: Workspace, known: Everything, roster: Sequence[Member]) -> Board:
    """Return what each rep has open, and whoever else owns something that is, and who is away."""
    given = boards.given(tx, workspace.id, week_start(workspace.timezone, known.now))
    counts: Counter[tuple[str | None, State | None]] = Counter()
    for row in known.rows:
        counts.update((row.owner, state) for state in (None, *known.state(row)))
    owners = {row.owner for row in known.rows}
    people = [member for member in roster if team.is_rep(member) or member.user_id in owners]
    reps = [_of_rep(member, counts, given, known.now) for member in people]
    overdue = sum(row.late(known.now) for row in known.rows)
    unassigned = sum(row.status == Status.UNASSIGNED for row in known.rows)
    order = sorted(reps, key=lambda rep: (-rep.overdue, -rep.today, -rep.open, rep.member.id))
    return Board(tuple(order), len(known.rows), overdue, unassigned)


def _of_rep(
    member: Member, counts: Mapping[tuple[str | None, State | None], int], given: Mapping[str, int], now: datetime
) -> OfRep:
    user = member.user_id
    by_state = {state: counts.get((user, state), 0) for state in State}
    return OfRep(
        member,
        open=counts.get((user, None), 0),
        today=by_state[State.TODAY],
        overdue=by_state[State.OVERDUE],
        paused=by_state[State.PAUSED],
        given=given.get(user, 0),
        ahead=member.balance / TURN,
        away=team.is_away(member, now),
    )


def page(
    tx: sa.Connection, workspace: Workspace, known: Everything, wanted: Filter, roster: Sequence[Member], most: int
) -> Page:
    """Return one page of `most` MQLs that pass a filter: what is overdue first, then by deadline, what is paused
    last."""
    passing = [row for row in known.rows if all(test(row, wanted, known) for test in _TESTS)]
    passing.sort(key=_urgency)
    last = max(0, (len(passing) - 1) // most)
    holds = replace(wanted, page=min(max(wanted.page, 0), last))
    ids = [row.id for row in passing[holds.page * most : (holds.page + 1) * most]]
    subjects = {subject.id: subject for subject in mqls.of_ids(tx, workspace.id, ids)}
    views = mql_views(tx, workspace, [subjects[mql_id] for mql_id in ids], roster)
    tiers = tuple(sorted({row.tier for row in known.rows if row.tier}))
    return Page(views, len(passing), holds, last, tiers)


def _urgency(row: OpenMql) -> tuple[bool, datetime, int]:
    paused = row.state == ClockState.PAUSED
    return paused, (row.next_check_at or row.due_at) if paused else row.due_at, row.id


def open_mqls(tx: sa.Connection, workspace: Workspace, wanted: Filter, now: datetime, most: int) -> list[MqlView]:
    """Return the first MQLs that pass a filter, whatever page it names."""
    roster = members.roster(tx, workspace.id)
    return page(tx, workspace, everything(tx, workspace, now), replace(wanted, page=0), roster, most).shown


def may_be_reminded(view: MqlView) -> bool:
    """Return whether a leader may have the owner asked: a first response is missing, and no pause holds."""
    return view.mql.owner is not None and view.response.state == ClockState.RUNNING


_Test = Callable[[OpenMql, Filter, Everything], bool]
_TESTS: tuple[_Test, ...] = (
    lambda row, wanted, _: not wanted.rep or row.owner == (None if wanted.rep == NOBODY else wanted.rep),
    lambda row, wanted, known: not wanted.state or wanted.state in known.state(row),
    lambda row, wanted, _: not wanted.tier or row.tier == wanted.tier,
)
