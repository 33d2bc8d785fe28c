"""With opening hours a day of the policy is a working day, held against a count from day to day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.core.sla.calendar import Calendar
from bot.core.sla.calendar_rules import WEEKDAYS, CalendarRules
from bot.core.sla.checkpoints import Agreement, CheckpointKind, Count, timetable_of
from bot.core.sla.policy import read_policy
from storage.vocabulary import ClockKind
from tests.simulation import agreements
from tests.simulation.slow_calendar import SlowCalendar

TOKYO = ZoneInfo("Asia/Tokyo")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
BLOCKS = (["09:00-18:00"], ["09:00-12:00", "13:00-18:00"], ["10:00-14:30"], ["22:00-06:00"], ["00:00-24:00"])


def agreed(calendar: str | dict[str, Any], **terms: Any) -> Agreement:
    policy = read_policy({"calendar": calendar, "response_hours": 1, "reminders": (), "escalations": ()} | terms)
    return Agreement(policy, Calendar(policy.calendar, "Asia/Tokyo"))


def due(agreement: Agreement, start: datetime) -> datetime:
    return timetable_of(agreement, ClockKind.FEEDBACK, Count(start)).due_at


def tokyo(day: str, at: str = "10:00") -> datetime:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(at), TOKYO).astimezone(UTC)


def test_five_days_are_five_working_days() -> None:
    agreement = agreed({"kind": "business_hours", "holidays": "JP"}, feedback_days=5)
    # Tuesday the 17th; Monday the 23rd is a holiday.
    assert due(agreement, tokyo("2026-11-17")) == tokyo("2026-11-25")
    assert due(agreement, tokyo("2026-11-17", "07:00")) == tokyo("2026-11-24", "18:00")


def test_every_key_in_days_means_working_days() -> None:
    agreement = agreed(
        "business_hours",
        response_hours=24,
        reminders=("2d",),
        feedback_days=4,
        feedback_reminders=(0.5, "3d"),
        feedback_escalation_days=6,
    )
    start = tokyo("2026-11-16")
    response = timetable_of(agreement, ClockKind.RESPONSE, Count(start))
    assert response.points[0].at == tokyo("2026-11-18")
    feedback = timetable_of(agreement, ClockKind.FEEDBACK, Count(start))
    assert [(point.kind, point.at) for point in feedback.points] == [
        (CheckpointKind.REMIND, tokyo("2026-11-18")),
        (CheckpointKind.REMIND, tokyo("2026-11-19")),
        (CheckpointKind.BREACH, tokyo("2026-11-20")),
        (CheckpointKind.ESCALATE, tokyo("2026-11-24")),
    ]


@pytest.mark.parametrize(
    ("calendar", "hours"),
    [
        ("business_hours", 9),
        ({"kind": "business_hours", "day_hours": 24}, 24),
        ({"kind": "business_hours", "day_hours": 7.5}, 7.5),
        ({"kind": "business_hours", "hours": {"monday": ["09:00-12:00"], "friday": ["09:00-18:00"]}}, 6),
        # Blocks may overlap, also into the next day, and count once.
        ({"kind": "business_hours", "hours": {"sunday": ["22:00-06:00"], "monday": ["00:00-10:00"]}}, 6),
        ({"kind": "business_hours", "half_days": {"2026-11-17": ["09:00-12:00"]}, "holidays": "JP"}, 9),
        ("business_days", 24),
        ("always", 24),
    ],
)
def test_a_day_is_the_mean_of_the_days_that_are_worked(calendar: str | dict[str, Any], hours: float) -> None:
    assert agreed(calendar).terms.day == hours * HOUR


def test_a_half_day_counts_as_the_part_of_a_day_that_it_is() -> None:
    half = {"kind": "business_hours", "half_days": {"2026-11-18": ["09:00-13:30"]}}
    assert due(agreed(half, feedback_days=1), tokyo("2026-11-17")) == tokyo("2026-11-18")
    assert due(agreed(half, feedback_days=2), tokyo("2026-11-17")) == tokyo("2026-11-19", "14:30")


@pytest.mark.parametrize("kind", ["business_days", "always"])
def test_only_a_calendar_with_opening_hours_has_days_of_another_length(kind: str) -> None:
    with pytest.raises(ValidationError):
        CalendarRules.model_validate({"kind": kind, "day_hours": 8})


@given(
    blocks=st.sampled_from(BLOCKS),
    worked=st.sets(st.sampled_from(WEEKDAYS), min_size=1),
    holidays=st.sampled_from([{}, {"holidays": "JP"}]),
    closed=st.integers(0, 9),
    days=st.integers(1, 12),
    minute=st.integers(0, 60 * 24 * 40),
)
def test_where_all_days_are_as_long_so_many_days_later_it_is_the_same_time(
    blocks: list[str], worked: set[str], holidays: dict[str, str], closed: int, days: int, minute: int
) -> None:
    closures = [{"first": "2026-11-10", "last": str(date(2026, 11, 10) + closed * DAY)}]
    rules = {"kind": "business_hours", "hours": dict.fromkeys(sorted(worked), blocks), "closures": closures, **holidays}
    slow = SlowCalendar(rules, "Asia/Tokyo", {})
    start = tokyo("2026-11-01", "00:00") + minute * timedelta(minutes=1)
    deadline = due(agreed(rules, feedback_days=days, feedback_escalation_days=12), start)
    # From one opening to the next, as often as there are days; a moment within a day keeps its place in it.
    opened = next(slow.stretches(start, None))[0]
    expected = opened
    for _ in range(days):
        expected = _a_day_on(slow, expected)
    assert deadline <= expected
    assert slow.between(deadline, expected) == timedelta(0)


def _a_day_on(slow: SlowCalendar, at: datetime) -> datetime:
    """The same local time of the next day that is worked."""
    later = at + DAY
    while slow.between(later, later + timedelta(minutes=1)) == timedelta(0):
        later += DAY
    return later


@pytest.mark.parametrize("seed", range(0, 200, 10))
def test_a_day_is_as_long_as_the_slow_calendar_says(seed: int) -> None:
    for number in range(seed, seed + 10):
        policy = agreements.policy(Random(number), date(2026, 11, 17), ["U1"], ["C1"])
        for tier in (None, *(tier.name for tier in policy.tiers)):
            rules = policy.terms(tier).calendar
            stored = rules.model_dump(mode="json", exclude_defaults=True)
            assert rules.day == SlowCalendar(stored, "Asia/Tokyo", {}).day
