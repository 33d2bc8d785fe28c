"""Agreements that a company might write, for tests that hold for all of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from functools import cache
from itertools import chain
from math import ceil
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from pydantic import ValidationError

from bot.core.sla.calendar_rules import CalendarRules
from bot.core.sla.policy import Policy, TierRules

ZONES = ("Asia/Tokyo", "Europe/Berlin", "America/New_York")
CALENDARS: tuple[dict[str, Any], ...] = (
    {"kind": "always"},
    {"kind": "business_days"},
    {"kind": "business_days", "holidays": "JP"},
    {"kind": "business_hours"},
    {"kind": "business_hours", "holidays": "JP", "closures": ["2026-10-21", "2026-11-05"]},
    {"kind": "business_hours", "hours": {"monday": ["09:00-12:00", "13:00-18:00"], "friday": ["22:00-06:00"]}},
    {
        "kind": "business_hours",
        "half_days": {"2026-10-20": ["10:00-11:30"]},
        "extra_days": {"2026-10-24": ["09:00-15:00"]},
    },
)
calendars = st.sampled_from([CalendarRules.model_validate(body) for body in CALENDARS])
zones = st.sampled_from(ZONES)
# Keys that agree with each other, so that a tier replaces all of them or none.
TOGETHER = (
    ("response_hours", "reminders", "escalations"),
    ("feedback_days", "feedback_reminders", "feedback_escalation_days"),
    ("calendar",),
    ("response",),
    ("grace_minutes",),
    ("on_reassign", "quiet"),
    ("pause_days",),
    ("feedback_ask_again",),
)
KEYS = tuple(chain.from_iterable(TOGETHER))
TARGETS = ("manager", "head", "peers", "U0SATO0001", "S0LEADS001", "C0SALES001")


@st.composite
def reminders(draw: DrawFn, minutes: float, day: float, *, deadline: bool = False) -> tuple[float | str, ...]:
    """Shares and durations before a deadline of so many minutes, each moment once; `deadline`: it may be one. A `day`
    has so many minutes."""
    shares = st.integers(1, 20 if deadline else 19).map(lambda n: n / 20)
    before = [f"{n}m" for n in range(5, min(ceil(minutes), 10_000), 35)]
    before += [f"{n}h" for n in range(1, ceil(minutes / 60))] + [f"{n}d" for n in range(1, ceil(minutes / day))]
    drawn = draw(st.lists(shares | st.sampled_from(before) if before else shares, max_size=4))
    distinct: dict[float, float | str] = {}
    for reminder in drawn:
        unit = {"m": 1, "h": 60, "d": day}
        at = (
            int(reminder[:-1]) * unit[reminder[-1]]
            if isinstance(reminder, str)
            else round(minutes * 60_000_000 * reminder) / 60_000_000
        )
        distinct.setdefault(at, reminder)
    return tuple(distinct.values())


@st.composite
def steps(draw: DrawFn, minutes: int) -> tuple[dict[str, Any], ...]:
    """Escalation steps of every kind, none before the deadline."""
    drawn: list[dict[str, Any]] = []
    moments: set[tuple[float, str, str]] = set()
    for _ in range(draw(st.integers(0, 3))):
        do = draw(st.sampled_from(("tell", "tell", "reassign", "hand_over")))
        to = draw(
            st.sampled_from({"tell": TARGETS, "reassign": ("manager", "head", "C0SALES001")}.get(do, TARGETS[:2]))
        )
        step: dict[str, Any] = {"after_hours": (minutes + draw(st.integers(0, 2000))) / 60, "to": to, "do": do}
        step["in_thread"] = draw(st.booleans())
        if do != "hand_over" and draw(st.booleans()):
            step |= {"repeat_hours": draw(st.integers(10, 600)) / 60, "repeat_times": draw(st.integers(1, 3))}
        mine = {
            (step["after_hours"] + nth * step.get("repeat_hours", 0), to, do)
            for nth in range(step.get("repeat_times", 0) + 1)
        }
        if not mine & moments:
            moments |= mine
            drawn.append(step)
    return tuple(drawn)


@cache
def minutes_of_a_day(calendar: int) -> float:
    """Return how much of a working day counts in one of the CALENDARS."""
    return policy({"calendar": CALENDARS[calendar], "quiet": None}).day / timedelta(minutes=1)


@st.composite
def terms(draw: DrawFn, only: Collection[str] = KEYS) -> dict[str, Any]:
    """Terms that agree with themselves, as they are written; `only` some of the KEYS."""
    minutes = draw(st.integers(1, 4000))
    days = draw(st.integers(1, 40)) / 8
    calendar = draw(st.integers(0, len(CALENDARS) - 1))
    day = minutes_of_a_day(calendar)
    drawn: dict[str, st.SearchStrategy[Any]] = {
        "calendar": st.just(CALENDARS[calendar]),
        "response": st.sampled_from(("accepted", "contacted")),
        "response_hours": st.just(minutes / 60),
        "grace_minutes": st.sampled_from((0, 0, 1, 10, 30, 240, 1440)),
        "reminders": reminders(minutes, day),
        "escalations": steps(minutes),
        "on_reassign": st.sampled_from(("continue", "restart")),
        "pause_days": st.integers(0, 90),
        "feedback_ask_again": st.booleans(),
        "feedback_days": st.just(days),
        "feedback_reminders": reminders(days * day, day, deadline=True),
        "feedback_escalation_days": st.integers(0, 8).map(lambda eighths: days + eighths / 8),
        "quiet": st.sampled_from((None, {"start": "20:00", "end": "08:00"})),
    }
    chosen = {key: draw(value) for key, value in drawn.items() if key in only}
    return {key: value for key, value in chosen.items() if (key, value) != ("quiet", None)}


words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(str.strip)


@st.composite
def tier_rules(draw: DrawFn) -> dict[str, Any]:
    """Which MQLs belong to a tier: at least one rule."""
    score = st.integers(0, 100)
    low, high = sorted((draw(score), draw(score)))
    lists = st.lists(words, min_size=1, max_size=2)
    rules = {
        "min_score": st.just(low),
        "max_score": st.just(high),
        "channels": lists,
        "campaigns": lists,
        "forms": lists,
        "attributes": st.dictionaries(words, lists, min_size=1, max_size=2),
    }
    chosen = draw(st.lists(st.sampled_from(sorted(rules)), min_size=1, unique=True))
    return {name: draw(rules[name]) for name in chosen}


@st.composite
def with_tiers(draw: DrawFn) -> dict[str, Any]:
    """Terms, and tiers that replace some of them."""
    around, tiers, known = draw(terms()), list[dict[str, Any]](), list[TierRules]()
    for n in range(draw(st.integers(0, 3))):
        replaced = draw(st.lists(st.sampled_from(TOGETHER), unique=True, max_size=3))
        when = draw(tier_rules())
        rules = policy({"tiers": [{"name": "one", "when": when}]}).tiers[0].when
        if rules in known:
            continue
        own = draw(terms(only=tuple(chain.from_iterable(replaced))))
        tier = {"name": f"{n} {draw(words)}".strip(), "when": when} | own
        if _agrees(around | {"tiers": [tier]}):  # days of another calendar may bring a reminder too late
            tiers.append(tier)
            known.append(rules)
    return around | {"tiers": tiers}


def _agrees(body: dict[str, Any]) -> bool:
    try:
        policy(body)
    except ValidationError:
        return False
    return True


def policy(body: dict[str, Any]) -> Policy:
    """The policy that a body is."""
    return Policy.model_validate(body, strict=False)
