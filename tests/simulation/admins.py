"""What admins, governments and Slack change: agreements, calendars, holidays, the roster, accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from bot.core.mql import erasure
from bot.core.routing.routes import NOTHING
from bot.core.sla import holidays
from bot.core.sla.policy import Policy, read_policy
from bot.core.teamfile import TeamFile
from bot.core.teamfile.last_admin import LastAdmin
from bot.core.teamfile.schema import DEFAULT_REASONS, Person
from bot.slack.people import members
from storage import models
from storage.vocabulary import ErasedFor, Locale, Role
from tests.simulation import agreements, offices, routed
from tests.simulation.agreements import TIMEZONES
from tests.simulation.world import World

ROLES = {"sato": Role.REP, "suzuki": Role.REP, "brown": Role.REP, "tanaka": Role.MANAGER, "yamada": Role.HEAD}
ROLES |= {"ito": Role.MARKETER, "kim": Role.ADMIN}


class Government:
    """Proclaims holidays, and takes them back, which reaches the workspace with the next release of the library."""

    def __init__(self) -> None:
        self._known = holidays.in_year
        self._changed: dict[date, bool] = {}

    def proclaim(self, rng: Random, today: date) -> None:
        """A day of the next weeks is a holiday from now on, or none any more."""
        day = today + timedelta(days=rng.randint(1, 30))
        self._changed[day] = not self._changed.get(day, False)

    def in_year(self, code: str, year: int, language: str | None = None) -> Mapping[date, str]:
        """Like bot.core.sla.holidays.in_year, with the news."""
        days = dict(self._known(code, year, language))
        for day, added in self._changed.items():
            if day.year == year and added:
                days[day] = "news"
            elif day.year == year:
                days.pop(day, None)
        return MappingProxyType(days)


class Admins:
    """Whoever may change how the workspace works with the bot."""

    def __init__(
        self, world: World, rng: Random, government: Government, *, with_routes: bool, with_offices: bool
    ) -> None:
        self.world, self.rng, self.government, self.with_routes = world, rng, government, with_routes
        self.with_offices = with_offices
        self.routing = NOTHING
        self.acts: dict[Callable[[], str], int] = {
            self.agrees_anew: 2,
            self.amends: 5,
            self.changes_roster: 4,
            self.moves_office: 1,
            self.proclaims: 2,
            self.closes_account: 1,
            self.reads_profiles: 2,
            self.erases: 1,
        }
        if with_routes:
            self.acts[self.routes_anew] = 3
        if with_offices:
            self.acts[self.moves_somebody] = 4

    def act(self) -> str:
        """Something is changed."""
        (act,) = self.rng.choices(list(self.acts), list(self.acts.values()))
        return act()

    def founds(self) -> None:
        """The workspace is configured for the first time."""
        people = [Person(self.world.slack.user(name).id, name, (role,)) for name, role in ROLES.items()]
        people[0] = replace(people[0], manager=people[3].user_id)
        if self.with_routes:
            self.routing = routed.routing(self.rng, [person.user_id for person in people[:3]])
        if self.with_offices:
            people = [offices.moved(self.rng, person) for person in people]
        wanted = TeamFile(
            routing=self.routing,
            workspace_id=self.world.id,
            name="Sample Inc.",
            locale=self.rng.choice([Locale.JA, Locale.EN]),
            timezone=self.rng.choice(TIMEZONES),
            mql_channel="C0MQL00001",
            intake_channel="C0INTAKE01",
            digest_weekday=self.rng.randint(0, 6),
            digest_time=self.rng.choice(["09:00", "17:30", "00:00"]),
            policy=Policy() if self.rng.random() < 0.2 else self._policy(),
            members=tuple(people),
            reasons=DEFAULT_REASONS,
        )
        self.world.apply(wanted)

    def routes_anew(self) -> str:
        """Other routes, other pools."""
        setup = self.world.setup()
        reps = [person.user_id for person in setup.members if Role.REP in person.roles]
        self.routing = routed.routing(self.rng, reps)
        self.world.apply(replace(setup, routing=self.routing))
        return f"routes: {[route.name for route in self.routing.routes]}"

    def moves_somebody(self) -> str:
        """Somebody works in another office, or at other hours."""
        setup = self.world.setup()
        index = self.rng.randrange(len(setup.members))
        person = offices.moved(self.rng, setup.members[index])
        people = (*setup.members[:index], person, *setup.members[index + 1 :])
        self.world.apply(replace(setup, members=people), move_open=self.rng.random() < 0.3)
        return f"{person.name} works {person.hours} in {person.timezone}"

    # The agreement

    def agrees_anew(self) -> str:
        """Another agreement altogether."""
        return self._agree(self._policy())

    def amends(self) -> str:
        """One thing of the agreement."""
        body, other = (policy.model_dump(mode="json") for policy in (self.world.setup().policy, self._policy()))
        keys = [
            "response_hours",
            "grace_minutes",
            "reminders",
            "escalations",
            "on_reassign",
            "restart_times",
            "calendar",
            "quiet",
        ]
        key = self.rng.choice([*keys, "feedback_days", "feedback_reminders", "tiers", "response"])
        try:
            return f"{key}: {self._agree(read_policy(body | {key: other[key]}))}"
        except ValidationError:
            return "nothing"

    def _agree(self, policy: Policy) -> str:
        move = self.rng.random() < 0.65
        self.world.apply(replace(self.world.setup(), policy=policy), move_open=move)
        return f"another agreement{', also for open MQLs' if move else ''}"

    def moves_office(self) -> str:
        """Another timezone, another time for the digest."""
        wanted = replace(
            self.world.setup(),
            timezone=self.rng.choice(TIMEZONES),
            digest_weekday=self.rng.randint(0, 6),
            digest_time=self.rng.choice(["09:00", "17:30", "00:00"]),
        )
        move = self.rng.random() < 0.5
        self.world.apply(wanted, move_open=move)
        return f"to {wanted.timezone}{', also for open MQLs' if move else ''}"

    def proclaims(self) -> str:
        """News of holidays, and the team file applied as it is."""
        self.government.proclaim(self.rng, self._today())
        move = self.rng.random() < 0.7
        self.world.apply(self.world.setup(), move_open=move)
        return f"a holiday comes or goes{', also for open MQLs' if move else ''}"

    def _policy(self) -> Policy:
        people = [self.world.slack.user(name).id for name in ROLES]
        elsewhere = ["C0SALES001", "S0SALES001"]
        return agreements.policy(self.rng, self._today(), people, elsewhere, offices=self.with_offices)

    def _today(self) -> date:
        return self.world.time.true.date()

    def erases(self) -> str:
        """Somebody asks to be erased, mostly long after the outcome."""
        rows = self.world.query(sa.select(models.mql.c.id).order_by(models.mql.c.id))
        if not rows:
            return "nothing"
        mql_id, now = self.rng.choice(rows).id, self.world.time.now()
        with self.world.database.transaction() as tx:
            done = erasure.erase(tx, self.world.id, mql_id, ErasedFor.REQUEST, now)
        return f"MQL {mql_id} is erased: {done is not None}"

    # The roster

    def changes_roster(self) -> str:
        """Somebody joins, leaves, comes back, changes role or manager."""
        setup = self.world.setup()
        index = self.rng.randrange(len(setup.members))
        changed = self._changed(setup.members[index], setup)
        people = [*setup.members[:index], changed, *setup.members[index + 1 :]]
        if self.rng.random() < 0.15:
            number = len(people)
            people.append(Person(self.world.slack.admin.add_user(f"new{number}").id, f"new{number}", (Role.REP,)))
        if not all(
            any(role in person.roles for person in people if person.active) for role in (Role.REP, Role.MANAGER)
        ):
            return "nothing"
        try:
            self.world.apply(replace(setup, members=tuple(people)), move_open=self.rng.random() < 0.3)
        except LastAdmin:
            return f"{changed.name} stays: nobody else is an admin"
        return f"{changed.name} is {changed.active}, {changed.roles}, {changed.manager}"

    def _changed(self, person: Person, setup: TeamFile) -> Person:
        if not person.active or self.rng.random() < 0.4:
            return replace(person, active=not person.active)
        if self.rng.random() < 0.5:
            managers = [member.user_id for member in setup.members if Role.MANAGER in member.roles and member != person]
            return replace(person, manager=self.rng.choice([None, *managers]))
        roles: list[tuple[Role, ...]] = [(Role.REP,), (Role.REP,), (Role.REP, Role.MANAGER), (Role.MARKETER,)]
        return replace(person, roles=self.rng.choice(roles))

    def closes_account(self) -> str:
        """Slack closes or opens somebody's account."""
        person: Any = self.rng.choice(self.world.slack.people).user
        person.deleted = not person.deleted
        return f"the account of {person.name} is {'closed' if person.deleted else 'open'}"

    def reads_profiles(self) -> str:
        """What the worker does every ten minutes."""
        return f"{members.refresh(self.world.context)} profiles read"
