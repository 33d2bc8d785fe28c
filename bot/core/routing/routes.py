"""Routes and pools as they are stored: who may get which lead, and by which strategy. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from bot.core.base.facets import Word
from bot.core.routing.conditions import Conditions, LeadFacts, Met
from storage.models import WHOLE
from storage.vocabulary import AssignmentVerdict, Strategy

Weight = Annotated[float, Field(ge=0, le=10)]
Cap = Annotated[int, Field(ge=1, le=1000)]
Percent = Annotated[int, Field(ge=1, le=100)]
FIRST_CHOICES = (Strategy.FORMER_OWNER, Strategy.CRM_OWNER, Strategy.SAME_COMPANY)
"""Who may go before a route's strategy."""
CHOICES = tuple(strategy for strategy in Strategy if strategy not in FIRST_CHOICES)


class _Stored(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)


class Caps(_Stored):
    """How many MQLs somebody has at most: open at once, of one day, of one week. None: as many as come."""

    open_at_most: Cap | None = None
    per_day: Cap | None = None
    per_week: Cap | None = None

    @property
    def any(self) -> bool:
        """Return whether there is a cap at all."""
        return not (self.open_at_most is self.per_day is self.per_week is None)

    def or_else(self, others: Caps) -> Caps:
        """Return these caps, those of `others` where there is none."""
        return Caps(**(others.model_dump(include=_CAPS) | self.model_dump(include=_CAPS, exclude_none=True)))

    def reached(self, load: Load) -> tuple[AssignmentVerdict, int] | None:
        """Return the first cap that somebody is at, as the verdict on them and its number."""
        known = (
            (AssignmentVerdict.CAP_OPEN, self.open_at_most, load.open),
            (AssignmentVerdict.CAP_DAY, self.per_day, load.today),
            (AssignmentVerdict.CAP_WEEK, self.per_week, load.week),
        )
        return next(((verdict, cap) for verdict, cap, has in known if cap is not None and has >= cap), None)


_CAPS = {"open_at_most", "per_day", "per_week"}


@dataclass(frozen=True)
class Load:
    """How many MQLs somebody has."""

    open: int = 0
    today: int = 0
    """That they were given on this day of the workspace's timezone; so with the week, from its Monday on."""
    week: int = 0


class PoolMember(Caps):
    """Somebody in a pool. Their own caps go before those of the pool."""

    user: str
    weight: Weight = 1.0
    ramp: tuple[Percent, ...] = ()
    """Percent of the weight in the first month since `since`, the second, …; the whole weight afterwards."""
    since: date | None = None
    via: str | None = None
    """The id of the Slack user group or channel by which they are in; None: by name."""

    def percent(self, today: date) -> int:
        """Return their part of the turns in percent of a whole one."""
        return round(self.weight * self._ramped(today))

    def _ramped(self, today: date) -> int:
        if self.since is None or not self.ramp:
            return WHOLE
        months = (today.year - self.since.year) * 12 + today.month - self.since.month - (today.day < self.since.day)
        return self.ramp[max(months, 0)] if months < len(self.ramp) else WHOLE


class Pool(Caps):
    """People among whom leads are shared out."""

    name: Word
    members: tuple[PoolMember, ...]
    sources: tuple[str, ...] = ()
    """The ids of the Slack user groups and channels whose people are members, as they were when this was applied."""

    @cached_property
    def by_user(self) -> dict[str, PoolMember]:
        """The members by Slack user id."""
        return {member.user: member for member in self.members}

    def caps_of(self, user: str) -> Caps:
        """Return the caps that hold for somebody."""
        return self._caps.get(user, self)

    @cached_property
    def _caps(self) -> dict[str, Caps]:
        return {member.user: member.or_else(self) for member in self.members}


class Route(_Stored):
    """Which leads go to which pool, and how one of its people is chosen."""

    name: Word
    when: Conditions = Conditions()
    pool: Word | None = None
    """None: all reps."""
    prefer: tuple[Strategy, ...] = ()
    """Who goes first, in this order, where there is such a person and they can take it."""
    strategy: Strategy = Strategy.ROTATION
    person: str | None = None
    """With `person`: their Slack user id."""
    accept_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    """With `first_to_accept`: after which it goes in turn."""
    named: bool = True
    """With `first_to_accept`: the person's name stands in the offer."""


LAST = Route(name="*")
"""Where no route is for a lead: in turn among all reps, as without routes."""


@dataclass(frozen=True)
class Routed:
    """The route of a lead, and what of it fits."""

    route: Route
    pool: Pool | None
    """None: all reps."""
    met: tuple[Met, ...] = ()

    @property
    def columns(self) -> dict[str, Any]:
        """Return what a decision stores of it, but for the strategy."""
        matched = [[met.condition, met.word] for met in self.met]
        name = None if self.route is LAST else self.route.name
        return {"route": name, "pool": self.route.pool, "matched": matched}


class Routing(_Stored):
    """How a workspace routes."""

    routes: tuple[Route, ...] = ()
    pools: tuple[Pool, ...] = ()
    pause_after: Annotated[int, Field(ge=1, le=100)] | None = None
    """So many response deadlines that pass in a row while a rep has the MQL, and leaders are asked to pause their
    turns."""
    within_hours: bool = False
    """Whoever has hours or a timezone of their own gets new MQLs in their hours alone."""

    @cached_property
    def pools_by_name(self) -> dict[str, Pool]:
        """The pools by name."""
        return {pool.name: pool for pool in self.pools}

    @property
    def plain(self) -> bool:
        """Return whether nothing is said: everything goes in turn among all reps."""
        return self == NOTHING

    def of(self, lead: LeadFacts) -> Routed:
        """Return the first route that is for a lead."""
        for route in self.routes:
            met = route.when.met_by(lead)
            if met is not None:
                return Routed(route, self.pools_by_name.get(route.pool or ""), met)
        return Routed(LAST, None)


NOTHING = Routing()


@lru_cache(maxsize=64)
def read(body: str) -> Routing:
    """Return the routing that a version holds. Kept in memory by its text: it is asked for each lead."""
    return Routing.model_validate_json(body)
