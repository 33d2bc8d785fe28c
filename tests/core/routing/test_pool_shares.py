"""In every pool nobody is a turn from the share that their weight gives them, but for what absences and caps explain;
and other code, which shares nothing with the bot's, comes to the same turns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

import pytest

from bot.core.routing.fairness import Entry, first
from bot.core.routing.routes import Pool, PoolMember
from bot.core.whatif import turns_again
from storage.models import TURN
from tests.core.routing.pool_life import BEGINS, Life

A_TURN = 1 + Fraction(1, 1_000_000)
"""And what is lost where the parts of a turn are rounded down."""
A_FEW = [(seed, 250, 350) for seed in (1, 2)]
MANY = [pytest.param(seed, 4000, 1000, marks=pytest.mark.thorough) for seed in range(10, 30)]


@pytest.mark.alike
@pytest.mark.parametrize(("seed", "eventful", "quiet"), [*A_FEW, *MANY])
def test_shares_are_kept_to_the_turn_and_other_code_comes_to_the_same(seed: int, eventful: int, quiet: int) -> None:
    life = Life(seed)
    beyond = 0
    for number, (pool, _) in enumerate(life.lives(eventful)):
        if number % 7 == 0:
            beyond += max(map(abs, life.ahead(pool).values()), default=Fraction(0)) > A_TURN
    # Whoever comes, goes, or gives turns back moves where the pool stands: made good within the next turns.
    assert beyond <= eventful / 350
    for rep in life.reps.values():
        rep.active, rep.paused, rep.back_at = True, False, life.now
    for number, (pool, _) in enumerate(life.lives(quiet, eventful=False)):
        if number > 2 * quiet // 3 and number % 3 == 0:
            assert all(abs(ahead) <= A_TURN for ahead in life.ahead(pool).values())
    assert {"away", "cap_day", "cap_open"} <= life.skips.keys()
    assert len(life.ledger) - life.decisions > eventful / 40, "turns were taken back"
    for (name, user), ahead in life.had.items():
        assert abs(Fraction(life.stands[name, user].balance, TURN) - ahead) < Fraction(1, 1000)
    recounted = turns_again.again(life.ledger)
    assert len(recounted) == life.decisions
    assert turns_again.differing(recounted) == []


def test_the_other_code_notices_a_turn_that_went_to_somebody_else() -> None:
    life = Life(3)
    for _ in life.lives(60):
        pass
    posting = next(
        posting for posting in life.ledger[20:] if sum(m.verdict == "eligible" for m in posting.decision.considered)
    )
    other = next(member.user for member in posting.decision.considered if member.verdict == "eligible")
    posting.decision.chosen = other
    assert turns_again.differing(turns_again.again(life.ledger))


@dataclass
class Rep:
    user: str
    weight: int
    balance: int = 0
    last_turn: int = 0


@pytest.mark.parametrize(
    "weights", [(50, 100, 100), (25, 50, 75, 100, 100, 100, 150, 200), (1, 2, 5, 10, 400, 400, 50)]
)
def test_whatever_the_weights_nobody_is_ever_more_than_a_turn_from_their_share(weights: tuple[int, ...]) -> None:
    reps = [Rep(f"U{n}", weight) for n, weight in enumerate(weights)]
    had = Counter[str]()
    for turn in range(1, 1501):
        chosen = first(reps)
        entry = Entry(chosen.user, tuple(rep.user for rep in reps), 1, weights)
        for rep in reps:
            rep.balance -= entry.parts[rep.user]
        chosen.balance, chosen.last_turn = chosen.balance + TURN, turn
        had[chosen.user] += 1
        for rep in reps:
            assert abs(had[rep.user] - Fraction(turn * rep.weight, sum(weights))) <= A_TURN


def test_a_ramp_gives_half_in_the_first_month_and_three_quarters_in_the_second() -> None:
    today = BEGINS.date()
    rep = PoolMember(user="U1", weight=1.0, ramp=(50, 75), since=today)
    percents = {day: rep.percent(day) for day in (today, today.replace(month=2, day=4), today.replace(month=2))}
    assert list(percents.values()) == [50, 50, 75]
    assert rep.percent(today.replace(month=3)) == 100
    assert PoolMember(user="U2", weight=0.5, ramp=(50,), since=today).percent(today) == 25


def test_ones_own_cap_goes_before_that_of_the_pool() -> None:
    pool = Pool(name="p", members=(PoolMember(user="U1", per_day=2), PoolMember(user="U2")), per_day=9, open_at_most=4)
    caps = {user: pool.caps_of(user) for user in ("U1", "U2")}
    assert [(caps[user].per_day, caps[user].open_at_most, caps[user].per_week) for user in caps] == [
        (2, 4, None),
        (9, 4, None),
    ]
