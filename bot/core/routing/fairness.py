"""Who is next: a ledger of turns, and what each of its entries does to the balances. Pure.

A balance is the turns that a rep has had less those that were due to them. Each turn is due, in parts by their weights,
to everyone who shares in it: whoever of the pool is there and below their caps. So whoever is away falls neither behind
nor ahead, whoever joins begins where the pool is, at zero, and all balances of a pool together are zero.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from storage.models import TURN, WHOLE, Considered
from storage.vocabulary import AssignmentVerdict

_SHARES = (
    AssignmentVerdict.ELIGIBLE,
    AssignmentVerdict.CHOSEN,
    AssignmentVerdict.EXPECTED,
    AssignmentVerdict.DECLINED,
    AssignmentVerdict.HAD_IT,
)


class Standing(Protocol):
    """Where somebody stands among the others."""

    @property
    def balance(self) -> int | None:
        """The turns that they are ahead of their share, in parts of TURN; None counts as zero."""

    @property
    def last_turn(self) -> int:
        """The id of their last decision that counts; 0: none."""

    @property
    def weight(self) -> int:
        """Their part of the turns in percent of a whole one."""


Stands = TypeVar("Stands", bound=Standing)


@dataclass(frozen=True)
class Entry:
    """A turn of the ledger that was taken (weight 1), given back (-1) or taken again (1)."""

    chosen: str
    sharing: tuple[str, ...]
    """To whom it was due, in parts by their weights; the chosen one among them."""
    weight: int
    weights: tuple[int, ...] = ()
    """Those of `sharing`; empty: all have the same."""

    @classmethod
    def of(cls, chosen: str, considered: Iterable[Considered], weight: int) -> Entry:
        """Return the entry of a decision. What somebody declined or let lie was due to them too: it was their turn."""
        sharing = {member.user: member.weight for member in considered if shares(member)}
        sharing.setdefault(chosen, WHOLE)
        same = len(set(sharing.values())) == 1
        return cls(chosen, tuple(sharing), weight, () if same else tuple(sharing.values()))

    @property
    def parts(self) -> dict[str, int]:
        """What it takes from the balance of each who shares in it."""
        weights = self.weights or (1,) * len(self.sharing)
        whole = sum(weights)
        return {user: self.weight * (TURN * part // whole) for user, part in zip(self.sharing, weights, strict=True)}

    @property
    def whole(self) -> int:
        """What it adds to the balance of the chosen one, beside their part."""
        return self.weight * TURN


def shares(member: Considered) -> bool:
    """Return whether a turn is due to somebody in part, by the verdict on them and their weight."""
    return member.verdict in _SHARES and member.weight > 0


def first(standings: Sequence[Stands], sharing: Sequence[Standing] = ()) -> Stands:
    """Return whose turn it is: of those who are not ahead, who would be a whole turn behind their share first; then who
    has waited longest, then who stands first. Where all weigh the same that is who is furthest behind.

    `sharing`: to whom the turn is due, among them those who may take it; these alone where nothing is said. Their mean
    is where the pool stands: whoever is away has taken the rest with them. This order keeps everybody within a turn of
    their share, whatever the weights (Tijdeman, "The chairman assignment problem", 1980), where the order by balance
    alone does not. Raises ValueError where there is nobody.
    """
    weights = {standing.weight for standing in standings}
    if len(weights.union([standing.weight for standing in sharing])) <= 1:
        return min(standings, key=lambda standing: (standing.balance or 0, standing.last_turn))
    among = sharing or standings
    people, whole = len(among), sum([standing.weight for standing in among])
    level, common = sum([standing.balance or 0 for standing in among]), math.lcm(*weights)
    parts = {weight: people * (TURN * weight // whole) for weight in weights}

    def rank(standing: Stands) -> tuple[bool, int, int]:
        part, stands = parts[standing.weight], people * (standing.balance or 0) - level
        until_behind = (people * TURN - part + stands) * (common // standing.weight)
        return stands >= part, until_behind, standing.last_turn

    return min(standings, key=rank)


def replay(entries: Iterable[Entry]) -> dict[str, int]:
    """Return the balance of everyone whom a ledger names, which began at zero."""
    balances: Counter[str] = Counter()
    for entry in entries:
        for user, part in entry.parts.items():
            balances[user] -= part
        balances[entry.chosen] += entry.whole
    return dict(balances)
