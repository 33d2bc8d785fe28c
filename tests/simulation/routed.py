"""Workspaces with routes and pools: how they are written at random, and whether every decision follows them.

Told again by rules of its own, from the stored decisions and the routes as they stand. Knows nothing of
bot.core.routing but how routes are written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.routing.routes import Pool, PoolMember, Route, Routing
from storage import models
from storage.vocabulary import Strategy
from tests.simulation.agreements import CHANNELS, FORMS

ONE_IN = 4
SHARES = ("chosen", "eligible", "expected", "declined", "had_it")
UNDECIDED = ("unassigned", "assigned", "accepted", "contacted")
REWRITES = ("received_again", "merged_in", "merged", "parted", "undone")
"""Events after which a lead may meet other conditions than when its route was chosen."""


def has_routes(seed: int) -> bool:
    """Whether the workspace of a seed has routes: every fourth one."""
    return seed % ONE_IN == 0


def routing(rng: Random, reps: Sequence[str]) -> Routing:
    """Routes and pools as a company might write them for these reps, by user id."""
    pools = tuple(_pool(rng, name, reps) for name in ("east", "west"))
    return Routing(routes=tuple(_route(rng, i, reps) for i in range(rng.randint(1, 4))), pools=pools)


def _pool(rng: Random, name: str, reps: Sequence[str]) -> Pool:
    caps = {"open_at_most": 4, "per_day": 2, "per_week": 5}
    some = rng.sample(sorted(reps), rng.randint(1, len(reps)))
    # Of weights like these the parts of a turn are whole, so that balances can be told to the unit.
    members = tuple(PoolMember(user=user, weight=rng.choice([1.0, 1.0, 0.5, 2.0])) for user in some)
    given = {cap: most for cap, most in caps.items() if rng.random() < 0.2}
    return Pool.model_validate({"name": name, "members": members} | given)


def _route(rng: Random, number: int, reps: Sequence[str]) -> Route:
    conditions: list[dict[str, Any]] = [
        {"channels": tuple(rng.sample(CHANNELS, 2))},
        {"forms": (rng.choice(FORMS),)},
        {"score": rng.choice([30, 60])},
        {"channels": (rng.choice(CHANNELS),), "score": 40},
    ]
    strategies = [Strategy.ROTATION, Strategy.ROTATION, Strategy.LEAST_OPEN, Strategy.FIRST_TO_ACCEPT, Strategy.PERSON]
    strategy = rng.choice(strategies)
    return Route.model_validate(
        {
            "name": f"route {number}",
            "when": rng.choice(conditions),
            "pool": rng.choice(["east", "west", None]),
            "prefer": (Strategy.FORMER_OWNER,) if rng.random() < 0.3 else (),
            "strategy": strategy,
            "person": rng.choice(sorted(reps)) if strategy == Strategy.PERSON else None,
            "accept_minutes": rng.choice([5, 60]),
        }
    )


def route_of(mql: Any, written: Routing) -> Route | None:
    """The first route whose conditions an MQL meets; None: it goes in turn among all reps."""
    return next((route for route in written.routes if _meets(mql, route.when)), None)


def _meets(mql: Any, asked: Any) -> bool:
    if asked.channels and (mql.channel or "").casefold() not in asked.channels:
        return False
    if asked.forms and (mql.form or "").casefold() not in asked.forms:
        return False
    return bool(asked.score is None or (mql.score is not None and mql.score >= asked.score))


def astray(tx: sa.Connection, after: int, events: Sequence[Any], written: Routing) -> Iterator[str]:
    """Decisions since the one of this id that follow another route than the first that is for the MQL, or are made for
    somebody outside its pool."""
    changed = {event.mql_id for event in events if event.type in REWRITES}
    new = sa.select(models.assignment, models.mql.c.channel, models.mql.c.form, models.mql.c.score)
    new = new.join(models.mql, models.mql.c.id == models.assignment.c.mql_id).where(models.assignment.c.id > after)
    for decision in tx.execute(new):
        if decision.mql_id in changed or any(candidate.verdict == "by_hand" for candidate in decision.considered):
            continue
        route = route_of(decision, written)
        name, pool = (route.name, route.pool) if route else (None, None)
        if (decision.route, decision.pool) != (name, pool):
            yield f"decision {decision.id}: by route {decision.route} to {decision.pool}, not by {name} to {pool}"
        elif decision.chosen is not None and decision.strategy in ("rotation", "least_open"):
            yield from _outside(decision, written)


def _outside(decision: Any, written: Routing) -> Iterator[str]:
    if decision.pool is not None and decision.chosen not in written.pools_by_name[decision.pool].by_user:
        yield f"decision {decision.id}: {decision.chosen} is not in {decision.pool}"
    able = [candidate for candidate in decision.considered if candidate.verdict in ("chosen", "eligible")]
    if decision.strategy == "least_open":
        least = min(able, key=lambda candidate: (candidate.open or 0, candidate.last_turn)).user
        if least != decision.chosen:
            yield f"decision {decision.id}: {decision.chosen} is chosen, but {least} has the fewest open"


def turn_of(considered: Sequence[Any]) -> str:
    """Whose turn a decision was. Of those who are not ahead of their share by more than their part of this turn,
    whoever falls a whole turn behind soonest, if nothing comes their way."""
    able = [candidate for candidate in considered if candidate.verdict in ("chosen", "eligible")]
    sharing = [candidate for candidate in considered if candidate.verdict in SHARES and candidate.weight]
    if len({candidate.weight for candidate in sharing}) == 1:
        return str(min(able, key=lambda candidate: (candidate.balance, candidate.last_turn)).user)
    whole = sum(candidate.weight for candidate in sharing)
    level = Fraction(sum(candidate.balance for candidate in sharing), len(sharing) * models.TURN)

    def until_behind(candidate: Any) -> tuple[bool, Fraction, int]:
        part, ahead = Fraction(candidate.weight, whole), Fraction(candidate.balance, models.TURN) - level
        return ahead >= part, (1 - part + ahead) / part, candidate.last_turn

    return str(min(able, key=until_behind).user)


def out_of_turn(tx: sa.Connection, counted: Sequence[Any]) -> Iterator[str]:
    """People whose turns in a pool are not what these decisions, which count, come to."""
    last: dict[tuple[str, str], int] = {}
    ahead: Counter[tuple[str, str]] = Counter()
    for decision in counted:
        if decision.pool is None:
            continue
        last[decision.pool, decision.chosen] = decision.id
        sharing = {seen.user: seen.weight for seen in decision.considered if seen.verdict in SHARES}
        for user, weight in sharing.items():
            ahead[decision.pool, user] -= models.TURN * weight // sum(sharing.values())
        ahead[decision.pool, decision.chosen] += models.TURN
    for standing in tx.execute(sa.select(models.pool_standing)):
        place = standing.pool, standing.user_id
        if (standing.last_turn, standing.balance) != (last.get(place, 0), ahead[place]):
            text = f"waits since {standing.last_turn}, balance {standing.balance / models.TURN:.3f}"
            yield f"{place}: {text}, not {last.get(place)}, {ahead[place] / models.TURN:.3f}"


def may_take(tx: sa.Connection, mql: Any, written: Routing, users: Collection[str], now: datetime) -> set[str]:
    """Who of these could be given an MQL by its route now, as far as pools and caps say. Nobody while it is offered."""
    if mql.offered_until is not None and mql.offered_until > now:
        return set()
    route = route_of(mql, written)
    if route is None or route.pool is None:
        return set(users)
    pool = written.pools_by_name[route.pool]
    return {user for user in users if user in pool.by_user and not _at_a_cap(tx, pool, user, now)}


def _at_a_cap(tx: sa.Connection, pool: Pool, user: str, now: datetime) -> bool:
    if not pool.any:
        return False
    ((zone,),) = tx.execute(sa.select(models.workspace.c.timezone))
    midnight = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    since = {"per_day": midnight, "per_week": midnight - timedelta(days=midnight.weekday())}
    holds = sa.and_(models.mql.c.owner == user, models.mql.c.status.in_(UNDECIDED))
    has: dict[str, int] = {"open_at_most": len(list(tx.execute(sa.select(models.mql.c.id).where(holds))))}
    given = sa.select(models.assignment.c.mql_id, models.assignment.c.at).join(
        models.mql, models.mql.c.id == models.assignment.c.mql_id
    )
    rows = list(tx.execute(given.where(models.assignment.c.chosen == user, models.mql.c.status != "withdrawn")))
    has |= {cap: len({row.mql_id for row in rows if row.at >= begin}) for cap, begin in since.items()}
    return any((most := getattr(pool, cap)) is not None and count >= most for cap, count in has.items())
