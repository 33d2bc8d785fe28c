"""What everybody was to have of the MQLs of a pool, and what they had, over the last 90 days.

What was meant follows from the weights of those who were there at each turn; nothing is taken from an average.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.base import team
from bot.core.base.wall_clock import day_in
from bot.core.routing import tables
from bot.core.routing.fairness import Entry
from storage import members, routing
from storage.models import TURN, WHOLE, Assignment, Workspace
from storage.vocabulary import AssignmentVerdict

LOOK_BACK = timedelta(days=90)
_KINDS = {
    AssignmentVerdict.AWAY: "away",
    AssignmentVerdict.EXPECTED: "away",
    AssignmentVerdict.OFF_HOURS: "away",
    AssignmentVerdict.CAP_OPEN: "capped",
    AssignmentVerdict.CAP_DAY: "capped",
    AssignmentVerdict.CAP_WEEK: "capped",
    AssignmentVerdict.PAUSED: "paused",
}


@dataclass(frozen=True)
class Share:
    """What somebody had of a pool's MQLs, beside what was meant."""

    user: str
    name: str
    weight: int
    """Now, in percent of a whole part; 0: they have left the pool."""
    given: int
    """Turns that count: a lead that was unfit or withdrawn is none."""
    due: float
    """The turns that were meant for them."""
    beside: int
    """MQLs that came otherwise: as the owner of a company or in the CRM, as the former owner, by the fewest open."""
    away: int
    """Turns at which they were away; so with caps, and with turns that a leader had paused."""
    capped: int
    paused: int

    @property
    def ahead(self) -> float:
        """Return by how many turns they are ahead of what was meant."""
        return self.given - self.due


@dataclass(frozen=True)
class PoolShares:
    """A pool, and everybody who was in it."""

    pool: str | None
    """None: all reps."""
    turns: int
    people: tuple[Share, ...]

    @property
    def weighted(self) -> bool:
        """Return whether they have different parts."""
        return len({share.weight for share in self.people if share.weight}) > 1


class _Counts:
    """What the decisions of one pool come to, by user."""

    def __init__(self) -> None:
        self.given, self.beside, self.due = Counter[str](), Counter[str](), Counter[str]()
        self.missed: dict[str, Counter[str]] = {kind: Counter() for kind in set(_KINDS.values())}
        self.turns = 0

    def add(self, decision: Assignment) -> None:
        """Count one decision."""
        if decision.chosen is not None and not decision.by_turn and not decision.by_hand:
            self.beside[decision.chosen] += 1
        if not decision.turn or decision.chosen is None:
            return
        self.turns += 1
        self.given[decision.chosen] += 1
        self.due.update(Entry.of(decision.chosen, decision.considered, 1).parts)
        for member in decision.considered:
            if member.verdict in _KINDS:
                self.missed[_KINDS[member.verdict]][member.user] += 1

    def users(self) -> set[str]:
        """Return everybody who was in the pool."""
        return {*self.given, *self.beside, *self.due, *(user for missed in self.missed.values() for user in missed)}


def shares(tx: sa.Connection, workspace: Workspace, now: datetime) -> list[PoolShares]:
    """Return every pool that is there or was in use in the last 90 days, in the order of the team file; all reps
    last."""
    counts: dict[str | None, _Counts] = {}
    for decision in routing.decisions(tx, workspace.id, now - LOOK_BACK):
        counts.setdefault(decision.pool, _Counts()).add(decision)
    weights = weights_now(tx, workspace, now)
    names = team.names(members.roster(tx, workspace.id))
    shown = [name for name in weights if name is not None or weights[name] or None in counts]
    shown += sorted(name for name in counts if name is not None and name not in weights)
    return [
        _pool(name, counts.get(name) or _Counts(), weights.get(name, {}), names)
        for name in sorted(shown, key=lambda name: name is None)
    ]


def weights_now(tx: sa.Connection, workspace: Workspace, now: datetime) -> dict[str | None, dict[str, int]]:
    """Return the weights by pool and user; without a route that has no pool nobody has any among all reps."""
    routes, today = tables.current(tx, workspace.id), day_in(workspace.timezone, now)
    roster = {member.user_id: member for member in members.roster(tx, workspace.id) if team.is_rep(member)}
    weights: dict[str | None, dict[str, int]] = {
        pool.name: {member.user: member.percent(today) for member in pool.members if member.user in roster}
        for pool in routes.pools
    }
    return weights | {None: dict.fromkeys(roster, WHOLE)}


def _pool(name: str | None, counts: _Counts, weights: dict[str, int], names: dict[str, str]) -> PoolShares:
    users = [*weights, *sorted(counts.users() - set(weights))]
    people = tuple(
        Share(
            user,
            names.get(user, user),
            weights.get(user, 0),
            counts.given[user],
            counts.due[user] / TURN,
            counts.beside[user],
            **{kind: missed[user] for kind, missed in counts.missed.items()},
        )
        for user in users
    )
    return PoolShares(name, counts.turns, people)
