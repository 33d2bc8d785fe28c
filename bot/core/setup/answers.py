"""What a newcomer has chosen so far for their team. Pure: each choice returns new answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.core.teamfile.schema import in_order
from storage.vocabulary import Locale, PolicyTemplate, Role, YearlyClosure

MOST_PEOPLE = 300
"""Of a team that is set up: the team file takes more."""


class Part(StrEnum):
    """What somebody is in the team: one choice, which gives one role or two."""

    REP = "rep"
    PLAYING_MANAGER = "playing_manager"
    MANAGER = "manager"
    HEAD = "head"
    MARKETER = "marketer"
    ADMIN = "admin"
    NONE = "none"


ROLES: Mapping[Part, tuple[Role, ...]] = {
    Part.REP: (Role.REP,),
    Part.PLAYING_MANAGER: (Role.REP, Role.MANAGER),
    Part.MANAGER: (Role.MANAGER,),
    Part.HEAD: (Role.HEAD,),
    Part.MARKETER: (Role.MARKETER,),
    Part.ADMIN: (Role.ADMIN,),
    Part.NONE: (),
}


class _Answers(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True)


class Candidate(_Answers):
    """Somebody who is considered for the team. Without a role they are not in it."""

    user: str
    """Slack user id."""
    name: str
    email: str | None = None
    roles: tuple[Role, ...] = ()
    manager: str | None = None
    """Slack user id; None: every manager."""

    @property
    def part(self) -> Part:
        """What they are, besides being an admin."""
        own = self.roles if self.roles == (Role.ADMIN,) else tuple(role for role in self.roles if role != Role.ADMIN)
        return next((part for part, roles in ROLES.items() if in_order(roles) == in_order(own)), Part.NONE)


class Answers(_Answers):
    """The answers to all questions of the set-up. What has a usual answer begins with it."""

    name: str
    locale: Locale
    timezone: str
    mql: str | None = None
    """Slack channel of the cards: an id, or #name."""
    intake: str | None = None
    managers: str | None = None
    """Slack channel that hears of what is late, beside the manager."""
    created: tuple[str, ...] = ()
    """Ids of Slack channels that the bot has made, into which the team is invited."""
    people: tuple[Candidate, ...] = ()
    policy: PolicyTemplate = PolicyTemplate.STANDARD
    holidays: str | None = None
    closures: tuple[YearlyClosure, ...] = ()
    since: int
    """The first year in which the closures hold."""

    @classmethod
    def usual(cls, name: str, locale: Locale, timezone: str, year: int) -> Answers:
        """Return the answers from which the set-up of a workspace begins in a year."""
        # A new year begins within its closure: the one before is needed for it.
        answers = cls(name=name, locale=locale, timezone=timezone, since=year - 1)
        japanese = {"holidays": "JP", "closures": (YearlyClosure.NEW_YEAR,)}
        return answers.but(**japanese) if locale == Locale.JA else answers

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Answers:
        """Return the answers as they were stored."""
        return cls.model_validate(stored)

    def stored(self) -> dict[str, Any]:
        """Return the answers as they are stored."""
        return self.model_dump(mode="json")

    def but(self, **chosen: Any) -> Answers:
        """Return the answers with some chosen anew."""
        return self.model_copy(update=chosen)

    @property
    def team(self) -> list[Candidate]:
        """Everybody who has a role."""
        return [person for person in self.people if person.roles]

    def those(self, role: Role) -> list[Candidate]:
        """Return everybody who has a role."""
        return [person for person in self.people if role in person.roles]

    def person(self, user: str) -> Candidate | None:
        """Return one of the people."""
        return next((person for person in self.people if person.user == user), None)

    def with_people(self, new: Iterable[Candidate]) -> Answers:
        """Add people. Who is there already keeps their roles, unless they have none yet."""
        known = {person.user: person for person in self.people}
        for person in new:
            there = known.get(person.user)
            if there is None:
                known[person.user] = person
            elif there.part in (Part.NONE, Part.ADMIN) and person.roles:
                roles = in_order([*there.roles, *person.roles])
                known[person.user] = there.model_copy(update={"roles": roles})
        return self.but(people=tuple(known.values()))

    def with_part(self, user: str, part: Part, *, keeper: str) -> Answers:
        """Give somebody another part. `keeper`: whoever sets up stays an admin, or nobody could change anything."""
        roles = in_order([*ROLES[part], *([Role.ADMIN] if user == keeper else [])])
        people = [p.model_copy(update={"roles": roles}) if p.user == user else p for p in self.people]
        leads = {person.user for person in people if Role.MANAGER in person.roles}
        return self.but(
            people=tuple(p if p.manager in (None, *leads) else p.model_copy(update={"manager": None}) for p in people)
        )

    def with_manager(self, user: str, manager: str | None) -> Answers:
        """Say whose manager somebody is. Who is no manager is none."""
        known = manager if any(person.user == manager for person in self.those(Role.MANAGER)) else None
        return self.but(
            people=tuple(p.model_copy(update={"manager": known}) if p.user == user else p for p in self.people)
        )

    def missing(self) -> Iterator[str]:
        """Yield what is still to be answered before the team can begin: mql, rep, manager."""
        if self.mql is None:
            yield "mql"
        for role in (Role.REP, Role.MANAGER):
            if not self.those(role):
                yield role.value
