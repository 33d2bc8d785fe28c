"""How fast a workspace may speak: the budgets of calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from storage import lanes
from storage.database import Database
from storage.lanes import Budget

TEAM = "T0SAMPLE01"
NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
EDITS = Budget("edits", burst=15, every=timedelta(seconds=60 / 35))


def test_a_fresh_budget_allows_its_burst_and_then_one_call_at_a_time(any_database: Database) -> None:
    with any_database.transaction() as tx:
        assert lanes.left(tx, TEAM, EDITS, NOW) == 15
        lanes.spend(tx, TEAM, EDITS, 15, NOW)
        assert lanes.left(tx, TEAM, EDITS, NOW) == 0
        assert lanes.left(tx, TEAM, EDITS, NOW + 1.8 * SECOND) == 1
        assert lanes.left(tx, TEAM, EDITS, NOW + MINUTE) == 15
        assert lanes.left(tx, "T0ANOTHER1", EDITS, NOW) == 15


def test_a_pause_lasts_as_long_as_slack_says_and_ends_with_a_single_call(any_database: Database) -> None:
    with any_database.transaction() as tx:
        lanes.pause(tx, TEAM, EDITS, NOW + 30 * SECOND)
        assert lanes.left(tx, TEAM, EDITS, NOW + 29.999 * SECOND) == 0
        assert lanes.left(tx, TEAM, EDITS, NOW + 30 * SECOND) == 1
        lanes.pause(tx, TEAM, EDITS, NOW + 10 * SECOND)  # a later answer does not shorten it
        assert lanes.left(tx, TEAM, EDITS, NOW + 29 * SECOND) == 0


def test_a_clock_that_was_set_back_does_not_silence_a_workspace(any_database: Database) -> None:
    with any_database.transaction() as tx:
        lanes.spend(tx, TEAM, EDITS, 15, NOW + timedelta(days=2))
        assert lanes.left(tx, TEAM, EDITS, NOW) == 15
        lanes.spend(tx, TEAM, EDITS, 15, NOW)
        assert lanes.left(tx, TEAM, EDITS, NOW) == 0


@given(st.lists(st.integers(min_value=0, max_value=40_000), min_size=1, max_size=300))
def test_no_minute_ever_sees_more_calls_than_slacks_fifty(gaps: list[int]) -> None:
    """However the calls are asked for: whoever asks gets as many as are left, all at once."""
    now, spent_until, calls = NOW, None, []
    for gap in gaps:
        now += timedelta(milliseconds=gap)
        count = EDITS.left(spent_until, now)
        spent_until = max(spent_until or now, now) + count * EDITS.every
        calls += [now] * count
    for first in range(len(calls)):
        assert sum(calls[first] <= call < calls[first] + MINUTE for call in calls[first:]) <= 50
