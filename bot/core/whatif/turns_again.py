"""Every turn of the ledger decided once more, slowly and by other code: what anybody can hold the bot to.

Nothing of `bot.core.routing` is used. What is read is the ledger and who was considered, with the weight of each; the
balances, who had waited longest, and whose turn it was are worked out here in fractions. A part of a turn is a whole
number of the ledger's units, rounded down: that is the rule, and not an inaccuracy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from storage.models import Assignment, Considered
from storage.turns import Posting
from storage.vocabulary import AssignmentVerdict as Verdict

UNITS = 232_792_560
NO_PART = {
    Verdict.AWAY,
    Verdict.INACTIVE,
    Verdict.DEACTIVATED,
    Verdict.PAUSED,
    Verdict.OFF_HOURS,
    Verdict.NO_SHARE,
    Verdict.CAP_OPEN,
    Verdict.CAP_DAY,
    Verdict.CAP_WEEK,
    Verdict.BY_HAND,
}
COULD = (Verdict.CHOSEN, Verdict.ELIGIBLE)


@dataclass(frozen=True)
class Again:
    """A turn that was decided once more."""

    decision: Assignment
    order: tuple[str, ...]
    """Slack user ids of those who could have it, the first in turn first."""
    ahead: dict[str, Fraction]
    """By how many turns each of those was ahead of their share."""
    agrees: bool
    """It went to the first, and each balance was what the ledger gives."""


@dataclass
class _Table:
    """A pool as the ledger leaves it."""

    balance: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    turns: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    before_any: dict[str, int] = field(default_factory=dict)

    def last(self, user: str) -> int:
        counting = self.turns.get(user)
        return max(counting) if counting else self.before_any.get(user, 0)


def again(ledger: Iterable[Posting], since: datetime | None = None) -> list[Again]:
    """Return every turn that was taken for the first time, in the order of the ledger: that of a workspace from its
    beginning, or from a moment on. Then everybody begins in each pool with what the first decision of the period that
    considered them has written down, their opening balance."""
    pools: dict[str | None, _Table] = defaultdict(_Table)
    seen, decided = set[int](), list[Again]()
    for posting in ledger:
        decision, table = posting.decision, pools[posting.decision.pool]
        is_earlier = since is not None and decision.at < since
        for member in () if is_earlier else decision.considered:
            table.before_any.setdefault(member.user, member.last_turn)
            if since is not None and decision.id not in seen:
                table.balance.setdefault(member.user, member.balance or 0)
        if is_earlier:
            _post_earlier(posting.turn.weight, decision, table)
            continue
        if decision.id not in seen:
            seen.add(decision.id)
            decided.append(_decided(decision, table))
        _post(posting.turn.weight, decision, table)
    return decided


def _post_earlier(weight: int, decision: Assignment, table: _Table) -> None:
    """Post what became in the period of a turn from before it: on those whose balance is known by then. Since when its
    owner waits is read anew from the next decision."""
    opened = set(table.balance)
    _post(weight, decision, table)
    for user in [user for user in table.balance if user not in opened]:
        del table.balance[user]
    table.turns[str(decision.chosen)].discard(decision.id)
    table.before_any.pop(str(decision.chosen), None)


def _decided(decision: Assignment, table: _Table) -> Again:
    sharing = _sharing(decision)
    weighs = sum(member.weight for member in sharing)
    mean = Fraction(sum(table.balance[member.user] for member in sharing), len(sharing) * UNITS)
    could = [member for member in decision.considered if member.verdict in COULD]

    def place(member: Considered) -> tuple[bool, Fraction, int]:
        part = Fraction(UNITS * member.weight // weighs, UNITS)
        lead = Fraction(table.balance[member.user], UNITS) - mean
        # So many turns from now they would be a whole turn behind, were they passed over until then.
        return lead >= part, (1 - part + lead) / member.weight, table.last(member.user)

    order = [member.user for member in sorted(could, key=place)]
    stood = all(member.balance == table.balance[member.user] for member in could)
    ahead = {member.user: Fraction(table.balance[member.user], UNITS) for member in could}
    return Again(decision, tuple(order), ahead, stood and order[0] == decision.chosen)


def _sharing(decision: Assignment) -> list[Considered]:
    return [member for member in decision.considered if member.verdict not in NO_PART and member.weight]


def _post(weight: int, decision: Assignment, table: _Table) -> None:
    sharing = {member.user: member.weight for member in _sharing(decision)}
    chosen = str(decision.chosen)
    whole = sum(sharing.values())
    for user, part in sharing.items():
        table.balance[user] -= weight * (UNITS * part // whole)
    table.balance[chosen] += weight * UNITS
    (table.turns[chosen].add if weight > 0 else table.turns[chosen].discard)(decision.id)


def differing(turns: Sequence[Again]) -> list[Again]:
    """Return the turns that do not agree."""
    return [turn for turn in turns if not turn.agrees]
