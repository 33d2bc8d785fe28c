"""Was I treated fairly? Every turn of a quarter at which somebody could have been chosen, decided once more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.core.base import team
from bot.core.routing.shares import LOOK_BACK, PoolShares, Share, shares
from bot.core.whatif import turns_again
from bot.core.whatif.turns_again import Again
from storage import members, routing, turns
from storage.models import Workspace
from storage.vocabulary import AssignmentVerdict


@dataclass(frozen=True)
class Line:
    """One turn, as one rep sees it."""

    at: datetime
    number: int
    """Of the MQL."""
    chosen: str
    """Display name of whose turn it was."""
    verdict: AssignmentVerdict
    """On the rep."""
    place: int | None
    """Where the rep stood among those who could have it, from 1; None: they could not."""
    people: int
    """How many could have it."""


@dataclass(frozen=True)
class Account:
    """What one rep can hold the bot to."""

    name: str
    shares: tuple[tuple[PoolShares, Share], ...]
    """Each pool that they are or were in."""
    lines: tuple[Line, ...]
    """The newest first."""
    turns: int
    """Turns of these pools in the last 90 days, all decided once more."""
    same: int
    """Those that went to whom they go by the rule."""

    @property
    def agrees(self) -> bool:
        """Return whether every turn did."""
        return self.same == self.turns


def account(tx: sa.Connection, workspace: Workspace, user: str, now: datetime) -> Account:
    """Return how the turns of the last 90 days came about for a rep. The ledger of
    these days is read, and what everybody began them with."""
    since = now - LOOK_BACK
    names = team.names(members.roster(tx, workspace.id))
    numbers = routing.numbers(tx, workspace.id, since)
    every = turns_again.again(turns.ledger(tx, workspace.id, since), since)
    recent = [turn for turn in every if turn.decision.at >= since and turn.decision.mql_id in numbers]
    mine = [turn for turn in recent if any(seen.user == user for seen in turn.decision.considered)]
    own = [
        (pool, share)
        for pool in shares(tx, workspace, now)
        for share in pool.people
        if share.user == user and (share.given or share.due or share.beside)
    ]
    return Account(
        name=names.get(user, user),
        shares=tuple(own),
        lines=tuple(_line(turn, user, names, numbers) for turn in reversed(mine)),
        turns=len(mine),
        same=sum(turn.agrees for turn in mine),
    )


def _line(turn: Again, user: str, names: dict[str, str], numbers: dict[int, int]) -> Line:
    decision = turn.decision
    verdict = next(seen.verdict for seen in decision.considered if seen.user == user)
    place = turn.order.index(user) + 1 if user in turn.order else None
    chosen = str(decision.chosen)
    return Line(decision.at, numbers[decision.mql_id], names.get(chosen, chosen), verdict, place, len(turn.order))
