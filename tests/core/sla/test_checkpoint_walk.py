"""The checkpoints of a clock, against a walk through every minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.sla.calendar import Calendar
from bot.core.sla.checkpoints import Agreement, CheckpointKind, Count, timetable_of
from storage.vocabulary import ClockKind
from tests.core import agreements
from tests.core.oracle import MINUTE
from tests.core.walk import FIRST, LAST, Walked, opened

starts = st.integers(0, 10 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))


@settings(deadline=None, max_examples=80)
@given(agreements.terms(), agreements.zones, starts, st.sampled_from(ClockKind))
def test_every_checkpoint_comes_at_the_minute_at_which_the_clock_shows_it(
    body: dict[str, Any], zone: str, start: datetime, kind: ClockKind
) -> None:
    terms = agreements.policy(body)
    timetable = timetable_of(Agreement(terms, Calendar(terms.calendar, zone)), kind, Count(start))
    walked = Walked(opened(terms.calendar, zone), start)
    expected = walked.checkpoints(terms, kind)
    assert [(point.at, point.kind.value, point.step) for point in timetable.points[: len(expected)]] == expected
    assert all(point.at >= LAST for point in timetable.points[len(expected) :])
    allowed = terms.target(kind)
    for named, after in ((timetable.due_at, allowed), (timetable.breach_at, allowed + terms.grace_minutes * MINUTE)):
        assert named == walked.moment(after) or named >= LAST


@settings(deadline=None, max_examples=60)
@given(agreements.terms(), agreements.zones, starts, st.sampled_from(ClockKind))
def test_a_clock_is_due_soon_from_its_last_reminder_before_the_deadline_on(
    body: dict[str, Any], zone: str, start: datetime, kind: ClockKind
) -> None:
    terms = agreements.policy(body)
    timetable = timetable_of(Agreement(terms, Calendar(terms.calendar, zone)), kind, Count(start))
    before = [p.at for p in timetable.points if p.kind == CheckpointKind.REMIND and p.at < timetable.due_at]
    assert timetable.soon_at == (before[-1] if before else timetable.due_at)
    assert start <= timetable.soon_at <= timetable.due_at <= timetable.breach_at
    assert timetable.points[timetable.reminders].kind == CheckpointKind.BREACH
    assert list(timetable.points) == sorted(timetable.points, key=lambda point: point.at)
