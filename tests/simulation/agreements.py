"""Random agreements that do not contradict themselves."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from pydantic import ValidationError

from bot.core.sla.policy import Policy, read_policy

TIMEZONES = ("Asia/Tokyo", "Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "UTC")
CHANNELS = ("webinar", "search ads", "trade show", "referral")
FORMS = ("demo", "pricing", "download")
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")


def policy(rng: Random, today: date, people: list[str], elsewhere: list[str], *, offices: bool = False) -> Policy:
    """An agreement as a company might write it around `today`. `people` may be named by escalation steps, `elsewhere`
    are Slack channels and user groups. `offices`: the response may be counted on the calendar of its owner."""
    while True:
        body = _terms(rng, today, people, elsewhere)
        body["tiers"] = [_tier(rng, name, body, today, people, elsewhere) for name in _names(rng)]
        for terms in (body, *body["tiers"]) if offices else ():
            terms.update(rng.choice([{"response_calendar": "owner"}, {"response_calendar": "owner"}, {}]))
        try:
            return read_policy(body)
        except ValidationError:
            continue  # it contradicts itself: think again


def _names(rng: Random) -> list[str]:
    return rng.sample(["hot", "warm", "partner"], rng.choice([0, 0, 1, 2, 3]))


def _terms(rng: Random, today: date, people: list[str], elsewhere: list[str]) -> dict[str, Any]:
    hours = rng.choice([0.25, 1, 2, 4, 8, 12.5, 24, 24, 24, 48])
    days = rng.choice([0.5, 1, 2, 3, 5, 5])
    terms: dict[str, Any] = {
        "calendar": calendar(rng, today),
        "response": rng.choice(["accepted", "accepted", "contacted"]),
        "response_hours": hours,
        "grace_minutes": rng.choice([0, 0, 0, 5, 45, 600]),
        "reminders": rng.sample([0.5, 0.8, 0.9, 0.317, "10m", "3h", "1d"], rng.choice([0, 1, 2, 2, 3])),
        "escalations": _steps(rng, hours, people, elsewhere),
        "on_reassign": rng.choice(["continue", "restart"]),
        "restart_times": rng.choice([0, 1, 2, 2, 5]),
        "pause_days": rng.choice([0, 5, 30]),
        "feedback_days": days,
        "feedback_reminders": rng.sample([0.8, 1.0, 0.25, "12h"], rng.choice([0, 1, 2])),
        "feedback_escalation_days": days + rng.choice([0, 0.5, 1, 3]),
    }
    if rng.random() < 0.5:
        terms["quiet"] = rng.choice([{"start": "20:00", "end": "08:00"}, {"start": "12:00", "end": "13:30"}])
    return terms


def _steps(rng: Random, hours: float, people: list[str], elsewhere: list[str]) -> list[dict[str, Any]]:
    steps = []
    for _ in range(rng.choice([0, 1, 2, 2, 3, 4])):
        step: dict[str, Any] = {"after_hours": hours * rng.choice([1, 1, 1.5, 2, 3]), "in_thread": rng.random() < 0.3}
        step["to"] = rng.choice(["manager", "manager", "head", "peers", rng.choice(people), rng.choice(elsewhere)])
        step["do"] = rng.choice(["tell", "tell", "reassign", "hand_over"])
        if rng.random() < 0.3:
            step |= {"repeat_hours": rng.choice([0.5, 4, 24]), "repeat_times": rng.choice([1, 2, 5])}
        steps.append(step)
    return steps


def _tier(
    rng: Random, name: str, around: dict[str, Any], today: date, people: list[str], elsewhere: list[str]
) -> dict[str, Any]:
    when: dict[str, Any] = rng.choice(
        [
            {"min_score": rng.choice([50, 80])},
            {"max_score": 30},
            {"channels": rng.sample(CHANNELS, 2)},
            {"forms": [rng.choice(FORMS)], "min_score": 20},
            {"attributes": {"region": ["West", "EAST"]}},
        ]
    )
    own = _terms(rng, today, people, elsewhere)
    chosen = rng.sample(sorted(own), rng.randint(1, 5))
    if "escalations" in chosen or "response_hours" in chosen:
        # The steps must not come before the deadline.
        own["escalations"] = _steps(rng, own["response_hours"], people, elsewhere)
        chosen += ["response_hours", "escalations"]
    return {"name": name, "when": when} | {key: own[key] for key in around if key in chosen and key in own}


def calendar(rng: Random, today: date) -> str | dict[str, Any]:
    """Working time, with closures, half days and extra days around `today`."""
    kind = rng.choice(["always", "business_days", "business_days", "business_hours"])
    if kind == "always":
        return kind
    rules: dict[str, Any] = {"kind": kind}
    if rng.random() < 0.6:
        rules["holidays"] = rng.choice(["JP", "JP", "US", "US-CA", "DE"])
    if kind == "business_hours" and rng.random() < 0.2:
        rules["day_hours"] = rng.choice([8, 24])
    if kind == "business_hours" and rng.random() < 0.7:
        blocks = rng.choice([["09:00-12:00", "13:00-18:00"], ["10:00-19:00"], ["22:00-06:00"], ["00:00-24:00"]])
        rules["hours"] = dict.fromkeys(rng.sample(WEEK, rng.randint(2, 5)), blocks)
    elif rng.random() < 0.3:
        rules["working_days"] = rng.sample([*WEEK, "saturday", "sunday"], rng.randint(2, 6))
    if rng.random() < 0.5:
        first = today + timedelta(days=rng.randint(-10, 40))
        last = first + timedelta(days=rng.randint(0, 8))
        rules["closures"] = [{"first": str(first), "last": str(last), "name": "closed"}]
    if rng.random() < 0.4:
        rules["extra_days"] = {str(today + timedelta(days=rng.randint(-5, 60))): ["10:00-15:00"]}
    if rng.random() < 0.4:
        rules["half_days"] = {str(today + timedelta(days=rng.randint(-5, 60))): ["09:00-12:00"]}
    return rules
