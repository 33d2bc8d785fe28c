"""What the database counts of everything that is open is what counting it one by one gives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from bot.core.sla.policy import Policy
from bot.core.views import board
from bot.core.views.board import NOBODY, Filter
from storage import members, workspaces
from storage.database import Database
from storage.models import UNDECIDED, Clock, clock, mql
from storage.vocabulary import BoardState, ClockKind, ClockState, Status
from tests.core.whatif.living import START, Living, office
from tests.thorough import thoroughly

pytestmark = pytest.mark.rules  # the statements are asked of both databases by test_board.py

DAYS = 6


class Seen(NamedTuple):
    """An open MQL, and the clock that presses."""

    id: int
    owner: str | None
    status: Status
    clock: Clock

    def is_in(self, state: BoardState, now: datetime, tonight: datetime) -> bool:
        runs = self.clock.state == ClockState.RUNNING
        late = runs and now >= self.clock.breach_at
        return {
            BoardState.OVERDUE: late,
            BoardState.TODAY: runs and not late and self.clock.due_at < tonight,
            BoardState.UNACCEPTED: self.status in (Status.ASSIGNED, Status.UNASSIGNED),
            BoardState.ACCEPTED: self.status in (Status.ACCEPTED, Status.CONTACTED),
            BoardState.PAUSED: self.clock.state == ClockState.PAUSED,
        }[state]

    @property
    def urgency(self) -> tuple[bool, datetime, int]:
        paused = self.clock.state == ClockState.PAUSED
        return paused, (self.clock.next_check_at or self.clock.due_at) if paused else self.clock.due_at, self.id


def one_by_one(tx: sa.Connection) -> list[Seen]:
    """Return all that is open by the statuses of the MQLs, the most urgent first."""
    seen = []
    for row in tx.execute(sa.select(mql.c.id, mql.c.owner, mql.c.status)):
        clocks = tx.execute(sa.select(clock).where(clock.c.mql_id == row.id, clock.c.stopped_at.is_(None))).all()
        if row.status not in UNDECIDED:
            assert not clocks, "what closes an MQL stops its clocks"
            continue
        by_kind = {each.kind: Clock(**each._mapping) for each in clocks}
        pressing = by_kind.get(ClockKind.RESPONSE) or by_kind.get(ClockKind.FEEDBACK)
        if pressing is not None:
            seen.append(Seen(row.id, row.owner, row.status, pressing))
    return sorted(seen, key=lambda each: each.urgency)


def passing(seen: Sequence[Seen], wanted: Filter, now: datetime, tonight: datetime) -> list[int]:
    owner = None if wanted.rep == NOBODY else wanted.rep
    return [
        each.id
        for each in seen
        if (not wanted.rep or each.owner == owner)
        and (not wanted.state or each.is_in(BoardState(wanted.state), now, tonight))
        and (not wanted.tier or each.clock.tier == wanted.tier)
    ]


@pytest.mark.parametrize("seed", thoroughly([2, 3], but=[1]))
def test_every_number_and_every_page_is_what_counting_one_by_one_gives(any_database: Database, seed: int) -> None:
    with any_database.transaction() as tx:
        living = Living(tx, office(Policy()), seed=seed)
        living.receives(45, DAYS)
        counted = 0
        for day in range(2, DAYS + 3, 2):
            now = START + timedelta(days=day, hours=5)
            living.until(now)
            counted += must_agree(tx, now)
    assert counted > 40


def must_agree(tx: sa.Connection, now: datetime) -> int:
    """Compare; returns how many were open."""
    workspace = workspaces.get(tx, "T1")
    assert workspace is not None
    roster, tonight, seen = members.roster(tx, "T1"), board._tonight(workspace, now), one_by_one(tx)
    whole = board.board(tx, workspace, now, roster)
    assert whole.open == len(seen)
    for rep in whole.reps:
        mine = [each for each in seen if each.owner == rep.member.user_id]
        states = (BoardState.OVERDUE, BoardState.TODAY, BoardState.PAUSED)
        assert (rep.open, rep.overdue, rep.today, rep.paused) == (
            len(mine),
            *(sum(each.is_in(state, now, tonight) for each in mine) for state in states),
        )
    users = [NOBODY, *(member.user_id for member in roster)]
    wanted = [Filter(), *(Filter(state=state) for state in BoardState), *(Filter(rep=user) for user in users)]
    wanted += [Filter(rep=user, state=BoardState.ACCEPTED) for user in users]
    for each in wanted:
        ids = passing(seen, each, now, tonight)
        for number in range(len(ids) // 3 + 2):
            page = board.page(tx, workspace, now, Filter(each.rep, each.state, each.tier, number), roster, 3)
            first = page.filter.page * 3
            assert (page.count, [view.mql.id for view in page.shown]) == (len(ids), ids[first : first + 3])
    return len(seen)
