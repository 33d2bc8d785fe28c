"""What both sides promise each other for a week. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

Percent = Annotated[int, Field(ge=1, le=100)]


class Goals(BaseModel):
    """[goals] of the team file. Whoever has not agreed on one is not measured against it."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, strict=True)

    answered_in_time: Percent | None = None
    """Percent of the MQLs due, at least."""
    median_response_hours: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """On the policy's calendar, at most."""
    outcomes_reported: Percent | None = None
    """Percent of the outcomes due, at least."""
    contactable: Percent | None = None
    """Percent of the MQLs received that have an e-mail address or a phone number, at least."""
    disqualified: Percent | None = None
    """Percent of the outcomes reported, at most."""

    @classmethod
    def of(cls, stored: Mapping[str, float]) -> Self:
        """Return the goals that a workspace holds."""
        return cls.model_validate(stored)

    @property
    def agreed(self) -> dict[str, float]:
        """Those that were agreed on, to be stored."""
        return self.model_dump(exclude_none=True)


NO_GOALS = Goals()


def reached(part: int, whole: int, percent: int | None, *, at_most: bool = False) -> bool | None:
    """Return whether a share keeps to a goal; None where there is no goal, or nothing to divide by."""
    if percent is None or not whole:
        return None
    return part * 100 <= percent * whole if at_most else part * 100 >= percent * whole
