"""Who is to be added to the team: asked for by a person, read from Slack by the worker, some at a time. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.core.setup.answers import Part


class Reading(BaseModel):
    """A wish to add people, and how far it has come. It is over when nothing is to be read any more."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    places: tuple[str, ...] = ()
    """Slack channels and user groups whose people are still to be asked for."""
    people: tuple[str, ...] = ()
    """User ids that are still to be read: guests among them are left out, unless a person has named them."""
    named: tuple[str, ...] = ()
    """User ids that a person has named."""
    part: Part = Part.REP
    count: int = 0
    """How many there are in all."""
    added: int = 0
    bots: int = 0
    guests: int = 0
    closed: int = 0
    problem: str | None = None
    """Why nobody could be read: too_many, not_in_channel, no_such_group, groups_need_plan, scope."""
    values: Mapping[str, str | int] = {}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Reading | None:
        """Return a wish as it was stored; None where there is none."""
        return cls.model_validate(stored) if stored else None

    def stored(self) -> dict[str, Any]:
        """Return the wish as it is stored."""
        return self.model_dump(mode="json")

    def but(self, **changed: Any) -> Reading:
        """Return the wish with something changed."""
        return self.model_copy(update=changed)

    @property
    def goes_on(self) -> bool:
        """Whether somebody is still to be read."""
        return self.problem is None and bool(self.places or self.people)
