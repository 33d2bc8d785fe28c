from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.core.sla.calendar import Calendar
from bot.core.sla.checkpoints import Agreement, CheckpointKind, Count, timetable_of
from bot.core.sla.policy import EscalationStep, Policy, Terms
from bot.core.sla.time_breakdown import Part, break_down
from storage.models import Event
from storage.vocabulary import CalendarKind, ClockKind, EventType

WEEKDAYS = Calendar.of(CalendarKind.BUSINESS_DAYS, "Asia/Tokyo")
ALWAYS = Calendar.of(CalendarKind.ALWAYS, "Asia/Tokyo")
START = datetime(2026, 11, 17, 1, 0, tzinfo=UTC)


def _hours(kind: ClockKind, policy: Policy | None = None) -> list[tuple[CheckpointKind, float]]:
    points = timetable_of(Agreement(policy or Policy(), ALWAYS), kind, Count(START)).points
    return [(point.kind, (point.at - START) / timedelta(hours=1)) for point in points]


def test_the_default_response_clock_reminds_twice_then_tells_manager_and_head() -> None:
    assert _hours(ClockKind.RESPONSE) == [
        (CheckpointKind.REMIND, 12),
        (CheckpointKind.REMIND, 19.2),
        (CheckpointKind.BREACH, 24),
        (CheckpointKind.ESCALATE, 24),
        (CheckpointKind.ESCALATE, 48),
    ]


def test_the_default_feedback_clock_asks_before_and_at_five_days_and_tells_the_manager_a_day_later() -> None:
    assert _hours(ClockKind.FEEDBACK) == [
        (CheckpointKind.REMIND, 96),
        (CheckpointKind.REMIND, 120),
        (CheckpointKind.BREACH, 120),
        (CheckpointKind.ESCALATE, 144),
    ]


def test_it_is_due_soon_from_the_last_reminder_before_the_deadline_not_from_one_at_it() -> None:
    due_at = START + timedelta(hours=120)
    laid_out = timetable_of(Agreement(Policy(), ALWAYS), ClockKind.FEEDBACK, Count(START))
    assert (laid_out.soon_at, laid_out.due_at) == (START + timedelta(hours=96), due_at)
    only_at_it = Agreement(Policy(feedback_reminders=(1.0,)), ALWAYS)
    assert timetable_of(only_at_it, ClockKind.FEEDBACK, Count(START)).soon_at == due_at


@pytest.mark.parametrize(
    "body",
    [
        {"response_hours": 0},
        {"response_hours": 24, "escalations": [{"after_hours": 12, "to": "manager"}]},
        {"feedback_days": 5, "feedback_escalation_days": 4},
        {"reminders": [1.5]},
        {"escalations": [{"after_hours": 24, "to": "nobody"}]},
        {"colour": "red"},
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Policy.model_validate(body, strict=False)


def test_a_policy_without_escalations_still_writes_the_breach_down() -> None:
    assert _hours(ClockKind.RESPONSE, Policy(escalations=(), reminders=())) == [(CheckpointKind.BREACH, 24)]


def test_steps_of_a_policy_come_in_the_order_of_time_whatever_the_file_says() -> None:
    late_first = (EscalationStep(after_hours=48, to="head"), EscalationStep(after_hours=24, to="manager"))
    kinds = _hours(ClockKind.RESPONSE, Policy(escalations=late_first, reminders=(0.8, 0.5)))
    assert kinds == sorted(kinds, key=lambda point: point[1])


def _on(calendar: Calendar) -> Agreement:
    return Agreement(Terms(), calendar)


def _owned(owner: str | None, at: datetime) -> Event:
    return _event(EventType.ASSIGNED if owner else EventType.UNASSIGNED, owner, at)


def _event(kind: EventType, owner: str | None, at: datetime) -> Event:
    return Event(id=0, workspace_id="T", mql_id=1, type=kind, at=at, recorded_at=at, after=owner)


def test_the_time_of_a_breach_is_split_between_nobody_the_nights_the_weekend_and_each_owner() -> None:
    friday_noon = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
    history = [_owned("U1", friday_noon + timedelta(hours=2)), _owned("U2", friday_noon + timedelta(hours=6))]
    split = break_down(
        history, [], {"U1": "Sato", "U2": "Suzuki"}, _on(WEEKDAYS), friday_noon, friday_noon + timedelta(days=3)
    )
    assert split[Part.UNASSIGNED] == timedelta(hours=2)
    assert split.with_owner == (("Sato", timedelta(hours=4)), ("Suzuki", timedelta(hours=6)))
    assert split.columns["off_duty"] == timedelta(hours=48 + 12)


def test_an_mql_that_comes_back_to_an_owner_counts_both_times() -> None:
    hour = timedelta(hours=1)
    history = [_owned("U1", START), _owned(None, START + hour), _owned("U1", START + 3 * hour)]
    split = break_down(history, [], {}, _on(ALWAYS), START, START + 4 * hour)
    assert (split[Part.UNASSIGNED], split.with_owner) == (2 * hour, (("U1", 2 * hour),))


_HAPPENINGS = [
    (EventType.ASSIGNED, "U1"),
    (EventType.ASSIGNED, "U2"),
    (EventType.UNASSIGNED, None),
    (EventType.PAUSED, "later"),
    (EventType.RESUMED, None),
]


@given(
    st.lists(st.tuples(st.sampled_from(_HAPPENINGS), st.integers(-600, 20_000)), max_size=8),
    st.integers(0, 15_000),
)
def test_the_parts_of_the_time_sum_exactly_to_the_whole(
    happenings: list[tuple[tuple[EventType, str | None], int]], minutes: int
) -> None:
    history = [_event(kind, after, START + timedelta(minutes=at)) for (kind, after), at in happenings]
    split = break_down(history, [], {}, _on(WEEKDAYS), START, START + timedelta(minutes=minutes))
    owned = [span for _, span in split.with_owner]
    assert sum([*split.spent.values(), *owned], timedelta(0)) == split.total
    assert split.total == timedelta(minutes=minutes)
    assert min([*split.columns.values(), *owned]) >= timedelta(0)


@given(st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 3000)), max_size=5), st.integers(0, 4000))
def test_a_clock_that_is_paused_shows_what_it_counted_and_nothing_more(
    runs: list[tuple[int, int]], target: int
) -> None:
    """Run and pause by turns: the moment at which the clock shows `target` has that much open time outside pauses."""
    count, at, pauses = Count(START), START, list[tuple[datetime, datetime]]()
    for run, pause in runs:
        paused_at, resumed_at = at + timedelta(minutes=run), at + timedelta(minutes=run + pause)
        counted = count.counted + WEEKDAYS.open_between(count.since, paused_at)
        count, at = Count(resumed_at, counted), resumed_at
        pauses.append((paused_at, resumed_at))
    offset = count.counted + timedelta(minutes=target)
    due = count.moment(offset, WEEKDAYS)
    in_pauses = sum((WEEKDAYS.open_between(start, end) for start, end in pauses), timedelta(0))
    assert WEEKDAYS.open_between(START, due) - in_pauses == offset


def test_the_manager_may_hear_of_a_missing_outcome_as_late_as_half_a_year() -> None:
    policy = Policy(feedback_days=90, feedback_escalation_days=180)
    assert _hours(ClockKind.FEEDBACK, policy)[-1] == (CheckpointKind.ESCALATE, 180 * 24)


def test_what_a_clock_had_shown_when_it_runs_again_comes_at_that_moment_also_on_a_day_off() -> None:
    moment, shown = timedelta(microseconds=1), timedelta(hours=5)
    saturday = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
    count = Count(saturday, shown)
    assert count.moment(shown - moment, WEEKDAYS) == count.moment(shown, WEEKDAYS) == saturday
    monday = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)  # 00:00 in Tokyo
    assert count.moment(shown + moment, WEEKDAYS) == monday + moment
