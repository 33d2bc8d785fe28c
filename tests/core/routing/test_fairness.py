"""Nobody is more than a turn from the share that was meant for them, and the ledger says why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random

import pytest

from bot.core.routing.fairness import Entry, first, replay
from storage.models import TURN, Considered
from storage.vocabulary import AssignmentVerdict

ONE = Fraction(1)


@dataclass
class Rep:
    user: str
    balance: int = 0
    last_turn: int = 0
    weight: int = 100
    here: bool = True


@dataclass
class Story:
    """What happened, as somebody would tell it who knows no ledger."""

    turns: dict[int, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    """The turns that count, with who was there."""

    def ahead(self) -> dict[str, Fraction]:
        """Return by how many turns each is ahead of the share that was meant for them."""
        had, meant = Counter[str](), dict[str, Fraction]()
        for user, there in self.turns.values():
            had[user] += 1
            for other in there:
                meant[other] = meant.get(other, Fraction(0)) + Fraction(1, len(there))
        return {user: had[user] - share for user, share in meant.items()}


class Office:
    """Reps who come and go, and turns that go round by the ledger."""

    def __init__(self, reps: int, seed: int = 0) -> None:
        self.random, self.story, self.ledger = Random(seed), Story(), list[Entry]()
        self.reps = [Rep(f"U{i}") for i in range(reps)]
        self.count, self.unfit = 0, list[tuple[int, int]]()
        self._given: dict[int, Entry] = {}

    def here(self) -> list[Rep]:
        return [rep for rep in self.reps if rep.here]

    def gives(self) -> Rep:
        """A lead comes in."""
        self.count += 1
        there, chosen = tuple(rep.user for rep in self.here()), first(self.here())
        chosen.last_turn = self.count
        self._given[self.count] = Entry(chosen.user, there, 1)
        self.counts(self.count)
        return chosen

    def counts(self, turn: int, weight: int = 1) -> None:
        """A turn is taken or given back."""
        entry = self._given[turn]
        entry = Entry(entry.chosen, entry.sharing, weight)
        self.ledger.append(entry)
        for rep in self.reps:
            rep.balance -= entry.parts.get(rep.user, 0)
            rep.balance += entry.whole if rep.user == entry.chosen else 0
        if weight > 0:
            self.story.turns[turn] = entry.chosen, entry.sharing
        else:
            del self.story.turns[turn]

    def lives(self, turns: int) -> None:
        """So many leads come in, while people join, leave, are away and back; some leads were unfit, which is said up
        to hundreds of leads later, some were fit after all."""
        for _ in range(turns):
            chance = self.random.random()
            if chance < 0.02:
                rep = self.random.choice(self.reps)
                rep.here = not rep.here or len(self.here()) == 1
            elif chance < 0.021 and len(self.reps) < 16:
                self.reps.append(Rep(f"U{len(self.reps)}"))
            self.gives()
            if self.random.random() < 0.15:
                self.unfit.append((self.count + self.random.choice([1, 7, 60, 400]), self.count))
            self.unfit.sort()
            while self.unfit and self.unfit[0][0] <= self.count:
                _, turn = self.unfit.pop(0)
                taken_back = turn in self.story.turns
                self.counts(turn, -1 if taken_back else 1)
                if taken_back and self.random.random() < 0.2:  # a dispute is accepted
                    self.unfit.append((self.count + 30, turn))

    def settles(self) -> None:
        """Some leads more, while nothing else happens."""
        for _ in range(30 * len(self.reps)):
            self.gives()


def checked(office: Office, turns: int, checks: int) -> Iterator[tuple[list[Fraction], Fraction]]:
    """Let time pass, and tell at some moments how far those who are there are ahead, and how far they may be because
    of those who are away."""
    for _ in range(checks):
        office.lives(turns // checks)
        office.settles()
        ahead = office.story.ahead()
        assert {rep.user: Fraction(rep.balance, TURN) for rep in office.reps if rep.user in ahead} == ahead
        assert replay(office.ledger) == {rep.user: rep.balance for rep in office.reps if rep.user in ahead}
        assert sum(ahead.values()) == 0
        away = sum((ahead.get(rep.user, Fraction(0)) for rep in office.reps if not rep.here), Fraction(0))
        here = [ahead[rep.user] for rep in office.here()]
        yield here, -away / len(here)


@pytest.mark.parametrize(
    ("seed", "turns"), [(1, 2_000), pytest.param(2, 100_000, marks=pytest.mark.thorough)], ids=["short", "long"]
)
def test_nobody_is_more_than_a_turn_from_their_share_but_for_what_absence_explains(seed: int, turns: int) -> None:
    office = Office(8, seed)
    for here, explained in checked(office, turns, 10):
        assert max(here) - min(here) <= 1
        assert all(abs(ahead - explained) < 1 for ahead in here)
    assert len(office.reps) > 8
    assert len(office.ledger) - office.count > turns / 10


def test_while_nobody_is_away_nobody_is_ever_a_turn_from_their_share() -> None:
    office = Office(7)
    for _ in range(700):
        office.gives()
        assert all(abs(rep.balance) < TURN for rep in office.reps)
    assert {rep.balance for rep in office.reps} == {0}


def test_the_turns_of_unfit_leads_are_made_good_though_they_are_reported_a_round_later() -> None:
    office, fit = Office(5), Counter[str]()
    reported: list[int] = []
    for number in range(1500):
        chosen = office.gives()
        unfit = chosen.user == "U0" and len(reported) <= fit["U0"]
        fit[chosen.user] += not unfit
        reported += [office.count] if unfit else []
        due = [turn for turn in reported if turn == office.count - 5 or (number == 1499 and turn > office.count - 5)]
        for turn in due:
            office.counts(turn, -1)
    assert max(fit.values()) - min(fit.values()) <= 2
    assert fit["U0"] > 240


def test_who_comes_back_has_missed_nothing_and_is_owed_nothing() -> None:
    office = Office(5)
    office.settles()
    office.reps[2].here = False
    office.settles()
    office.reps[2].here = True
    had = Counter(office.gives().user for _ in range(25))
    assert had == {rep.user: 5 for rep in office.reps}
    assert office.gives().user != office.gives().user


def test_who_joins_begins_where_the_team_is() -> None:
    office = Office(4)
    office.settles()
    office.reps.append(Rep("U4"))
    assert Counter(office.gives().user for _ in range(25)) == {rep.user: 5 for rep in office.reps}


def test_equal_balances_go_by_the_longest_wait_and_then_by_the_roster() -> None:
    assert first([Rep("A", 0, 7), Rep("B", 0, 3), Rep("C", 0, 3)]).user == "B"
    assert first([Rep("A", 0, 0), Rep("B", -1, 9)]).user == "B"


def test_who_shares_in_a_turn_is_whoever_was_there_or_will_be_in_time() -> None:
    verdicts = {verdict: Considered(verdict.value, verdict, 0) for verdict in AssignmentVerdict}
    entry = Entry.of("chosen", verdicts.values(), -1)
    assert entry.sharing == ("chosen", "eligible", "expected", "declined", "had_it")
    assert (set(entry.parts.values()), entry.whole) == ({-TURN // 5}, -TURN)
    assert replay([entry])["chosen"] == -TURN + TURN // 5


def test_a_turn_of_whom_nobody_else_shares_moves_nothing() -> None:
    assert replay([Entry.of("U1", (), 1)]) == {"U1": 0}


def test_the_parts_of_a_turn_are_whole_up_to_twenty_people_and_nearly_so_beyond() -> None:
    assert all(TURN % people == 0 for people in range(1, 21))
    assert all((TURN % people) / TURN < 1e-6 for people in range(21, 200))
