"""Pools that live for thousands of turns in memory: weights, ramps, caps, people who come and go, turns taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

from bot.core.routing import candidates, fairness
from bot.core.routing.candidates import Seat
from bot.core.routing.fairness import Entry
from bot.core.routing.routes import Load, Pool, PoolMember
from storage.models import Assignment, Considered, Member, Turn
from storage.turns import Posting
from storage.vocabulary import AssignmentVerdict

BEGINS = datetime(2026, 1, 5, tzinfo=UTC)
WEIGHTS = (0.25, 0.5, 0.5, 1.0, 1.0, 1.0, 1.0, 1.5)
NO_PART = {"away", "inactive", "deactivated", "paused", "no_share", "cap_open", "cap_day", "cap_week"}


@dataclass
class Stands:
    """Where somebody stands, as the bot keeps it."""

    balance: int = 0
    last_turn: int = 0


@dataclass
class Rep:
    user: str
    active: bool = True
    paused: bool = False
    back_at: datetime = BEGINS

    def member(self) -> Member:
        return Member.model_construct(
            workspace_id="T1",
            user_id=self.user,
            name=self.user,
            active=self.active,
            deactivated=False,
            away_until=self.back_at,
            turns_paused_at=BEGINS if self.paused else None,
            roles=["rep"],
        )


@dataclass
class Life:
    """Several pools with people in common, by one seed."""

    seed: int
    people: int = 9
    now: datetime = BEGINS
    ledger: list[Posting] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.reps = {f"U{n}": Rep(f"U{n}") for n in range(self.people)}
        self.pools = {name: self._pool(name, users) for name, users in self._split().items()}
        self.stands: dict[tuple[str, str], Stands] = {}
        self.open: dict[str, list[datetime]] = {user: [] for user in self.reps}
        self.given: dict[str, list[datetime]] = {user: [] for user in self.reps}
        self.had: dict[tuple[str, str], Fraction] = {}
        """By pool and user: the turns that they are ahead of what was meant, told by exact fractions."""
        self.counting: dict[int, Assignment] = {}
        self.back: list[tuple[datetime, int]] = []
        self.taken: dict[tuple[str, str], list[int]] = {}
        """By pool and user: the decisions that count, in their order."""
        self.decisions = 0
        self.skips: dict[str, int] = {}

    def _split(self) -> dict[str, list[str]]:
        users = list(self.reps)
        return {"all": users, "east": users[: len(users) // 2 + 1], "large": users[len(users) // 3 :]}

    def _pool(self, name: str, users: list[str]) -> Pool:
        capped = name == "large"
        return Pool(name=name, members=tuple(self._member(user) for user in users), per_day=6 if capped else None)

    def _member(self, user: str, since: date | None = None) -> PoolMember:
        caps: dict[str, Any] = {"open_at_most": 4} if self.random.random() < 0.3 else {}
        ramp: dict[str, Any] = {"ramp": (50, 75), "since": since} if since else {}
        return PoolMember(user=user, weight=self.random.choice(WEIGHTS), **caps, **ramp)

    def seats(self, pool: Pool) -> list[Seat]:
        seats = []
        for member in pool.members:
            stands = self.stands.setdefault((pool.name, member.user), Stands())
            load = self.load(member.user)
            cap = pool.caps_of(member.user).reached(load)
            weight = member.percent(self.now.date())
            seats.append(Seat(self.reps[member.user].member(), stands.balance, stands.last_turn, weight, load, cap))
        return seats

    def load(self, user: str) -> Load:
        week = self.now - timedelta(days=self.now.weekday())
        given = [at.date() for at in self.given[user] if at.date() >= week.date()]
        still = sum(until > self.now for until in self.open[user])
        return Load(still, given.count(self.now.date()), len(given))

    def arrives(self, pool: Pool) -> str | None:
        """A lead comes in for a pool."""
        considered = candidates.consider(self.seats(pool), {}, self.now)
        for candidate in considered:
            if candidate.verdict in NO_PART:
                self.skips[candidate.verdict] = self.skips.get(candidate.verdict, 0) + 1
        able = [candidate for candidate in considered if candidate.verdict == AssignmentVerdict.ELIGIBLE]
        if not able:
            return None
        chosen = fairness.first(able, [candidate for candidate in considered if fairness.shares(candidate)])
        self.decisions += 1
        verdicts = tuple(_chosen(candidate) if candidate is chosen else candidate for candidate in considered)
        decision = Assignment.model_construct(
            id=self.decisions,
            workspace_id="T1",
            at=self.now,
            mql_id=self.decisions,
            chosen=chosen.user,
            considered=verdicts,
            pool=pool.name,
            turn=True,
        )
        self.counting[decision.id] = decision
        self.post(decision, 1)
        self.open[chosen.user] = [until for until in self.open[chosen.user] if until > self.now]
        self.open[chosen.user].append(self.now + timedelta(hours=self.random.choice([1, 5, 20])))
        self.given[chosen.user] = [at for at in self.given[chosen.user] if at > self.now - timedelta(days=8)]
        self.given[chosen.user].append(self.now)
        if self.random.random() < 0.12:  # withdrawn, or reported unfit later
            self.back.append((self.now + timedelta(hours=self.random.choice([1, 7, 100, 600])), decision.id))
        return chosen.user

    def post(self, decision: Assignment, weight: int) -> None:
        """A turn is taken, or taken back: in the bot's way, and by exact fractions beside it."""
        chosen, pool = str(decision.chosen), str(decision.pool)
        entry = Entry.of(chosen, decision.considered, weight)
        for user, part in entry.parts.items():
            self.stands[pool, user].balance -= part
        stands = self.stands[pool, chosen]
        stands.balance += entry.whole
        turn = Turn.model_construct(
            id=len(self.ledger) + 1,
            workspace_id="T1",
            mql_id=decision.mql_id,
            assignment_id=decision.id,
            user_id=chosen,
            weight=weight,
            at=self.now,
        )
        self.ledger.append(Posting(turn, decision))
        mine = self.taken.setdefault((pool, chosen), [])
        mine.append(decision.id) if weight > 0 else mine.remove(decision.id)
        stands.last_turn = mine[-1] if mine else 0
        sharing = {
            candidate.user: candidate.weight for candidate in decision.considered if candidate.verdict not in NO_PART
        }
        for user, part in sharing.items():
            before = self.had.get((pool, user), Fraction(0))
            self.had[pool, user] = before - weight * Fraction(part, sum(sharing.values()))
        self.had[pool, chosen] += weight

    def happens(self) -> None:
        """People come and go; what was unfit is said."""
        chance, rep = self.random.random(), self.reps[self.random.choice(list(self.reps))]
        if chance < 0.02:
            rep.back_at = self.now + timedelta(hours=self.random.choice([3, 30, 200]))
        elif chance < 0.023:
            rep.paused = not rep.paused
        elif chance < 0.025:
            rep.active = not rep.active
        elif chance < 0.027 and len(self.reps) < 20:
            self.joins()
        while self.back and min(self.back)[0] <= self.now:
            due = min(self.back)
            self.back.remove(due)
            decision = self.counting.pop(due[1], None)
            if decision is not None:
                self.post(decision, -1)

    def joins(self) -> None:
        """Somebody new comes, with half of the turns in the first month."""
        user = f"U{len(self.reps)}"
        self.reps[user], self.open[user], self.given[user] = Rep(user), [], []
        for name in self.random.sample(list(self.pools), 2):
            pool = self.pools[name]
            joined = (*pool.members, self._member(user, self.now.date()))
            self.pools[name] = pool.model_copy(update={"members": joined})

    def lives(self, turns: int, *, eventful: bool = True) -> Iterator[tuple[Pool, str | None]]:
        """So many leads come in."""
        for _ in range(turns):
            self.now += timedelta(minutes=self.random.choice([5, 20, 60, 90]))
            if eventful:
                self.happens()
            pool = self.pools[self.random.choice(list(self.pools))]
            yield pool, self.arrives(pool)

    def ahead(self, pool: Pool) -> dict[str, Fraction]:
        """By how many turns each who is there now, below their caps, is ahead of where the pool stands."""
        sharing = [
            candidate
            for candidate in candidates.consider(self.seats(pool), {}, self.now)
            if candidate.verdict not in NO_PART
        ]
        own = {candidate.user: self.had.get((pool.name, candidate.user), Fraction(0)) for candidate in sharing}
        level = sum(own.values(), Fraction(0)) / len(own) if own else Fraction(0)
        return {user: ahead - level for user, ahead in own.items()}


def _chosen(candidate: Considered) -> Considered:
    return Considered(
        candidate.user, AssignmentVerdict.CHOSEN, candidate.last_turn, candidate.balance, weight=candidate.weight
    )
