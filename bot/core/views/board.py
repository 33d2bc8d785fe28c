"""What a team has open: by rep, and as one list that can be filtered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.base import team
from bot.core.base.wall_clock import day_in, midnight, week_start
from bot.core.views.mql import MqlView, mql_views
from storage import boards, members, mqls
from storage.boards import OpenOf, Wanted
from storage.models import TURN, Member, Workspace
from storage.vocabulary import BoardState, ClockState

NOBODY = "nobody"
"""The value of a filter for what has no owner."""


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

    @property
    def wanted(self) -> Wanted | None:
        """What is asked of the database; None: nothing, for a state that is not known passes none."""
        if self.state not in (*BoardState, ""):
            return None
        owner = self.rep if self.rep not in ("", NOBODY) else None
        state = BoardState(self.state) if self.state else None
        return Wanted(owner, owned=self.rep != NOBODY, state=state, tier=self.tier or None)

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


def board(tx: sa.Connection, workspace: Workspace, now: datetime, roster: Sequence[Member]) -> Board:
    """Return what each rep has open, and whoever else owns something that is, and who is away."""
    given = boards.given(tx, workspace.id, week_start(workspace.timezone, now))
    of = {each.owner: each for each in boards.by_owner(tx, workspace.id, now, _tonight(workspace, now))}
    people = [member for member in roster if team.is_rep(member) or member.user_id in of]
    reps = [_of_rep(member, of.get(member.user_id), given, now) for member in people]
    order = sorted(reps, key=lambda rep: (-rep.overdue, -rep.today, -rep.open, rep.member.id))
    return Board(
        tuple(order),
        open=sum(each.open for each in of.values()),
        overdue=sum(each.overdue for each in of.values()),
        unassigned=sum(each.unassigned for each in of.values()),
    )


def _tonight(workspace: Workspace, now: datetime) -> datetime:
    """Return when the day ends where the workspace counts its days."""
    return midnight(workspace.timezone, day_in(workspace.timezone, now) + timedelta(days=1))


def _of_rep(member: Member, has: OpenOf | None, given: Mapping[str, int], now: datetime) -> OfRep:
    has = has or OpenOf(member.user_id, 0, 0, 0, 0, 0)
    return OfRep(
        member,
        open=has.open,
        today=has.today,
        overdue=has.overdue,
        paused=has.paused,
        given=given.get(member.user_id, 0),
        ahead=member.balance / TURN,
        away=team.is_away(member, now),
    )


def page(
    tx: sa.Connection,
    workspace: Workspace,
    now: datetime,
    wanted: Filter,
    roster: Sequence[Member],
    most: int,
    counted: Board | None = None,
) -> Page:
    """Return one page of `most` MQLs that pass a filter: what is overdue first, then by deadline, what is paused last.
    `counted`: where the board has counted all that is open."""
    asked, tonight = wanted.wanted, _tonight(workspace, now)
    if asked is None:
        count = 0
    elif counted is not None and asked == Wanted():
        count = counted.open
    else:
        count = boards.count(tx, workspace.id, asked, now, tonight)
    last = max(0, (count - 1) // most)
    holds = replace(wanted, page=min(max(wanted.page, 0), last))
    ids = boards.page(tx, workspace.id, asked, now, tonight, holds.page * most, most) if asked and count else []
    subjects = {subject.id: subject for subject in mqls.of_ids(tx, workspace.id, ids)}
    views = mql_views(tx, workspace, [subjects[mql_id] for mql_id in ids], roster)
    return Page(views, count, holds, last, tuple(boards.tiers(tx, workspace.id)))


def open_mqls(tx: sa.Connection, workspace: Workspace, wanted: Filter, now: datetime, most: int) -> list[MqlView]:
    """Return the first MQLs that pass a filter, whatever page it names."""
    roster = members.roster(tx, workspace.id)
    return page(tx, workspace, now, replace(wanted, page=0), roster, most).shown


def may_be_reminded(view: MqlView) -> bool:
    """Return whether a leader may have the owner asked: a first response is missing, and no pause holds."""
    return view.mql.owner is not None and view.response.state == ClockState.RUNNING
