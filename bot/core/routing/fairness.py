"""Who is next: a ledger of turns, and what each of its entries does to the balances. Pure.

A balance is the turns that a rep has had less those that were due to them. Each turn is due, in equal parts, to
everyone who shares in it: whoever is there. So whoever is away falls neither behind nor ahead, whoever joins begins
where the team is, at zero, and all balances together are zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from storage.models import TURN, Considered
from storage.vocabulary import AssignmentVerdict

_SHARES = (
    AssignmentVerdict.CHOSEN,
    AssignmentVerdict.ELIGIBLE,
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


Stands = TypeVar("Stands", bound=Standing)


@dataclass(frozen=True)
class Entry:
    """A turn of the ledger that was taken (weight 1), given back (-1) or taken again (1)."""

    chosen: str
    sharing: tuple[str, ...]
    """To whom it was due, in equal parts; the chosen one among them."""
    weight: int

    @classmethod
    def of(cls, chosen: str, considered: Iterable[Considered], weight: int) -> Entry:
        """Return the entry of a decision. What somebody declined or let lie was due to them too: it was their turn."""
        sharing = {member.user: None for member in considered if member.verdict in _SHARES}
        return cls(chosen, tuple(sharing | {chosen: None}), weight)

    @property
    def part(self) -> int:
        """What it takes from the balance of each who shares in it."""
        return self.weight * (TURN // len(self.sharing))

    @property
    def whole(self) -> int:
        """What it adds to the balance of the chosen one, beside their part."""
        return self.weight * TURN


def first(standings: Iterable[Stands]) -> Stands:
    """Return whose turn it is: who is furthest behind their share, then who has waited longest, then who stands first.

    Raises ValueError where there is nobody.
    """
    return min(standings, key=lambda standing: (standing.balance or 0, standing.last_turn))


def replay(entries: Iterable[Entry]) -> dict[str, int]:
    """Return the balance of everyone whom a ledger names, which began at zero."""
    balances: Counter[str] = Counter()
    for entry in entries:
        for user in entry.sharing:
            balances[user] -= entry.part
        balances[entry.chosen] += entry.whole
    return dict(balances)
