"""Which deadlines of an MQL's response have passed, and whose each of them is. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from bot.core.sla.time_breakdown import NOTHING, WITH_NOBODY, TimeBreakdown
from storage.models import Clock, Event
from storage.vocabulary import ClockKind, EventType

LEAST = Fraction(1, 4)
"""Of the time that the policy allows: nobody is charged with a deadline who had less of it."""


@dataclass(frozen=True)
class Breach:
    """A deadline of the response, with its grace, that passed and counts."""

    at: datetime
    since: datetime
    """When the time that had passed by then began: with the clock, or with the new owner for whom it began anew."""
    policy_id: int
    """The version under which it passed, wherever the clock has moved since."""
    tier: str | None
    legs: list[dict[str, Any]] | None = None
    """On whose calendars the clock had run by then; None: on the team's."""


def breaches(log: Sequence[Event], response: Clock) -> list[Breach]:
    """Return the deadlines of an MQL's response that passed, from its log, the first first.

    One at most for each time that the clock began anew. Not among them: one that a move of the policy took back, and
    one before which the MQL had been answered, as was reported later.
    """
    passed: list[Breach] = []
    current: Breach | None = None
    since = response.started_at
    for event in log:
        if event.type == EventType.ASSIGNED and event.data.get("restarted"):
            passed += [current] if current else []
            current, since = None, event.at
        elif event.data.get("clock") != ClockKind.RESPONSE:
            continue
        elif event.type == EventType.BREACHED and current is None:
            pinned = event.data.get("policy", response.policy_id), event.data.get("tier", response.tier)
            current = Breach(event.at, since, *pinned, event.data.get("legs"))
        elif event.type == EventType.DEADLINE_MOVED and event.data["effect"] == "safe":
            # 0.1.0 wrote no "undone": there every move that made an MQL safe took the breach back.
            current = None if event.data.get("undone", True) else current
    passed += [current] if current else []
    answered_at = response.stopped_at
    return [breach for breach in passed if answered_at is None or breach.at <= answered_at]


def charged_to(until_deadline: TimeBreakdown, limit: timedelta) -> str | None:
    """Return whose breach it is, by a breakdown from the start of the time to the deadline; None: nobody's.

    It is that of the owner who had the MQL for the longest working time; of two with the same time, that of the one who
    had it first. It is nobody's where nobody had it for as long as that owner or longer (it waited for an owner, or its
    owner had left), and where that owner had it for less than `LEAST` of `limit`, the time that the policy allows.
    """
    owner, longest = max(until_deadline.with_owner, key=lambda held: held[1], default=(None, NOTHING))
    nobody = sum((until_deadline[part] for part in WITH_NOBODY), NOTHING)
    return owner if longest > nobody and longest * LEAST.denominator >= limit * LEAST.numerator else None
