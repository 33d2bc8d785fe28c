"""What a person's act came to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from storage.models import Mql


class Refusal(StrEnum):
    """Why nothing was changed. The value names the reply that explains it: reply.<value>."""

    NOT_FOUND = "not_found"
    NOT_ALLOWED = "not_allowed"
    NOT_OWNER = "not_owner"
    NOT_ON_ROSTER = "not_on_roster"
    ALREADY_ACCEPTED = "already_accepted"
    ALREADY_YOURS = "already_yours"
    ALREADY_CONTACTED = "already_contacted"
    DISPOSED_ALREADY = "disposed_already"
    ERASED = "erased"
    SAME_OWNER = "same_owner"
    CANNOT_TAKE = "cannot_take"
    PAUSED_ALREADY = "paused_already"
    NOTHING_RUNS = "nothing_runs"
    NOT_PAUSED = "not_paused"


@dataclass(frozen=True)
class Done:
    """The act was carried out and written down."""

    mql: Mql
    """As it was before the act."""
    event_id: int


@dataclass(frozen=True)
class Refused:
    """Nothing was changed."""

    reason: Refusal
    by: str = ""
    """Display name of whoever was first, where the reason names somebody."""
    number: int | None = None


Outcome = Done | Refused
