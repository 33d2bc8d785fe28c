"""What a stored policy version says, read from its JSON. Knows nothing of bot.core.sla."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from tests.simulation.offices import Leg, Relay
from tests.simulation.slow_calendar import SlowCalendar

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1)}


@dataclass(frozen=True)
class Due:
    """Something that a clock sets off once it shows so much open time."""

    kind: str
    """reminded, breached or escalated: the event that says so."""
    after: timedelta
    to: str | None = None
    hours: float | None = None
    """For how long nobody has answered by then."""
    limit: float | None = None
    """How long was allowed."""


@dataclass(frozen=True)
class Version:
    """A row of policy_version."""

    id: int
    number: int
    body: dict[str, Any]
    timezone: str
    holidays: dict[str, Any]
    created_at: datetime

    def tier_of(self, lead: Mapping[str, Any]) -> str | None:
        """The first tier that wants this lead."""
        return next((str(tier["name"]) for tier in self.body["tiers"] if _wanted(tier["when"], lead)), None)

    def terms(self, tier: str | None) -> SlowTerms:
        """What holds in a tier."""
        own: dict[str, Any] = next((written for written in self.body["tiers"] if written["name"] == tier), {})
        return SlowTerms({**self.body, **own}, self.timezone, self.holidays)


class SlowTerms:
    """The terms of one tier of one version."""

    def __init__(self, body: dict[str, Any], timezone: str, pins: dict[str, Any]) -> None:
        self.body, self.timezone, self._pins = body, timezone, pins
        self.calendar = SlowCalendar(body["calendar"], timezone, pins)
        self.grace = timedelta(minutes=body["grace_minutes"])

    @property
    def by_owner(self) -> bool:
        """Whether a response is counted on the calendar of whoever has the MQL."""
        return bool(self.body.get("response_calendar") == "owner")

    def on(self, legs: tuple[Leg, ...]) -> SlowTerms:
        """The same terms where the calendars of these legs count."""
        if not legs:
            return self
        relayed = SlowTerms(self.body, self.timezone, self._pins)
        relayed.calendar = Relay(self.body["calendar"], self.timezone, self._pins, legs)
        return relayed

    def target(self, kind: str) -> timedelta:
        """The open time that a clock allows."""
        if kind == "response":
            return timedelta(hours=self.body["response_hours"])
        return float(self.body["feedback_days"]) * self.calendar.day

    def due(self, kind: str) -> list[Due]:
        """All that comes if nobody answers, in the order in which it comes."""
        return self._response if kind == "response" else self._feedback

    @cached_property
    def _response(self) -> list[Due]:
        return self._all("response", self.body["reminders"], self.body["escalations"])

    @cached_property
    def _feedback(self) -> list[Due]:
        hours = self.body["feedback_escalation_days"] * self.calendar.day / timedelta(hours=1)
        step = {"after_hours": hours, "to": "manager"}
        return self._all("feedback", self.body["feedback_reminders"], [step])

    def _all(self, kind: str, reminders: list[float | str], steps: list[dict[str, Any]]) -> list[Due]:
        target = self.target(kind)
        moments = [Due("reminded", self._reminder(reminder, target)) for reminder in reminders]
        moments.sort(key=lambda due: due.after)
        moments.append(Due("breached", target + self.grace))
        escalated = []
        for step in steps:
            for nth in range(1 + (step.get("repeat_times") or 0)):
                after = timedelta(hours=step["after_hours"] + nth * (step.get("repeat_hours") or 0))
                hours, limit = (span.total_seconds() / 3600 for span in (after, target))
                escalated.append(Due("escalated", after + self.grace, step["to"], hours, limit))
        return moments + sorted(escalated, key=lambda due: due.after)

    def last_reminder(self, kind: str) -> timedelta | None:
        """The last reminder that comes before the deadline itself."""
        before = [due.after for due in self.due(kind) if due.kind == "reminded" and due.after < self.target(kind)]
        return max(before, default=None)

    def _reminder(self, reminder: float | str, target: timedelta) -> timedelta:
        if isinstance(reminder, str) and reminder[-1] == "d":
            return int(reminder[:-1]) * self.calendar.day
        return int(reminder[:-1]) * UNITS[reminder[-1]] if isinstance(reminder, str) else target * reminder


def _wanted(when: dict[str, Any], lead: Mapping[str, Any]) -> bool:
    score = lead["score"]
    if when.get("min_score") is not None and (score is None or score < when["min_score"]):
        return False
    if when.get("max_score") is not None and (score is None or score > when["max_score"]):
        return False
    words = [(when.get("channels"), lead["channel"]), (when.get("campaigns"), lead["campaign"])]
    words.append((when.get("forms"), lead["form"]))
    words += [(wanted, lead["attributes"].get(name)) for name, wanted in when.get("attributes", {}).items()]
    return all(
        value is not None and str(value).strip().casefold() in [word.casefold() for word in wanted]
        for wanted, value in words
        if wanted
    )
