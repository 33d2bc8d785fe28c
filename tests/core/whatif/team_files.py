"""Random team files that an office may have, or ask about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from bot.core.routing.conditions import Conditions
from bot.core.routing.routes import NOTHING, Pool, PoolMember, Route, Routing
from bot.core.sla.policy import Policy, read_policy
from bot.core.teamfile import TeamFile
from bot.core.teamfile.schema import Person
from storage.vocabulary import Role, Strategy
from tests.core.whatif.kit import FIRST
from tests.core.whatif.living import HEAD, MANAGERS, REPS, office
from tests.simulation import agreements
from tests.simulation.agreements import CHANNELS

KNOWN_OTHERS = ((Strategy.FORMER_OWNER,), (Strategy.SAME_COMPANY,), (Strategy.FORMER_OWNER, Strategy.SAME_COMPANY))
OF_OTHERS: tuple[dict[str, Any], ...] = ({"same_company": True}, {"returning": True})
HOURS = ({"every": ("08:00-14:00",)}, {"every": ("10:00-12:00", "13:00-19:00"), "friday": ("09:00-12:00",)})


def team_file(rng: Random, *, capped: bool = True) -> TeamFile:
    """A team file with anything in it that decides when something is late, and who gets what."""
    policy = agreements.policy(rng, FIRST, [*REPS, *MANAGERS, HEAD], ["C0SALES001", "S0SALES001"])
    team = office(_on_calendars_of_owners(rng, policy))
    members = tuple(_with_hours(rng, person) for person in team.members)
    return replace(team, members=members, routing=routing(rng, capped=capped) if rng.random() < 0.7 else NOTHING)


def _on_calendars_of_owners(rng: Random, policy: Policy) -> Policy:
    if rng.random() < 0.7:
        return policy
    return read_policy(policy.model_dump(mode="json") | {"response_calendar": "owner"})


def _with_hours(rng: Random, person: Person) -> Person:
    if Role.REP not in person.roles or rng.random() < 0.7:
        return person
    return replace(person, hours=rng.choice([None, *HOURS]), timezone=rng.choice([None, "Europe/Berlin"]))


def routing(rng: Random, *, capped: bool) -> Routing:
    """Pools with weights, ramps and caps, and routes of every strategy over them."""
    pools = tuple(_pool(rng, name, capped=capped) for name in ("East", "West"))
    routes = [_route(rng, f"Route {place}", capped=capped) for place in range(rng.choice([1, 2, 3]))]
    last = Route(name="Everything else", pool=rng.choice([None, "East"]))
    return Routing(
        routes=(*routes, last),
        pools=pools,
        pause_after=rng.choice([None, 2]),
        within_hours=rng.random() < 0.3,
    )


def _pool(rng: Random, name: str, *, capped: bool) -> Pool:
    users, a_day = rng.sample(REPS, rng.choice([2, 3, 4])), rng.choice([None, None, 6])
    members = tuple(_member(rng, user, capped=capped) for user in users)
    return Pool(name=name, members=members, per_day=a_day if capped else None)


def _member(rng: Random, user: str, *, capped: bool) -> PoolMember:
    caps: dict[str, Any] = rng.choice([{}, {}, {"open_at_most": 3}, {"per_day": 2}, {"per_week": 8}])
    caps = caps if capped else {}
    joined: dict[str, Any] = {"ramp": (50, 75), "since": FIRST - timedelta(days=40)} if rng.random() < 0.2 else {}
    return PoolMember(user=user, weight=rng.choice([1.0, 1.0, 0.5, 2.0]), **caps, **joined)


def _route(rng: Random, name: str, *, capped: bool) -> Route:
    # What people have from outside of a part of the days is not known there: neither for caps nor for the fewest open.
    by_open = Strategy.LEAST_OPEN if capped else Strategy.ROTATION
    conditions = rng.choice([{"channels": rng.sample(CHANNELS, 2)}, {"score": 60}, {"forms": ["demo"]}, {}, *OF_OTHERS])
    return Route(
        name=name,
        when=Conditions.model_validate(conditions),
        pool=rng.choice([None, "East", "West"]),
        prefer=rng.choice([(), (), (Strategy.CRM_OWNER,), *KNOWN_OTHERS]),
        strategy=rng.choice([Strategy.ROTATION, Strategy.ROTATION, by_open, Strategy.FIRST_TO_ACCEPT]),
        accept_minutes=rng.choice([15, 600]),
        named=rng.random() < 0.5,
    )
