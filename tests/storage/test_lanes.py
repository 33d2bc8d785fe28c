"""How fast a workspace may speak: the budgets of calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from storage import lanes
from storage.database import Database
from storage.lanes import Budget
from storage.models import lane

TEAM = "T0SAMPLE01"
NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
EDITS = Budget("edits", burst=15, every=timedelta(seconds=60 / 35))


def left(tx: sa.Connection, workspace_id: str, budget: Budget, now: datetime) -> int:
    return budget.left(lanes.spent_until(tx, workspace_id, budget), now)


def spend(tx: sa.Connection, workspace_id: str, budget: Budget, calls: int, now: datetime) -> None:
    lanes.spend(tx, workspace_id, budget, lanes.spent_until(tx, workspace_id, budget), calls, now)


def test_a_fresh_budget_allows_its_burst_and_then_one_call_at_a_time(any_database: Database) -> None:
    with any_database.transaction() as tx:
        assert left(tx, TEAM, EDITS, NOW) == 15
        spend(tx, TEAM, EDITS, 15, NOW)
        assert left(tx, TEAM, EDITS, NOW) == 0
        assert left(tx, TEAM, EDITS, NOW + 1.8 * SECOND) == 1
        assert left(tx, TEAM, EDITS, NOW + MINUTE) == 15
        assert left(tx, "T0ANOTHER1", EDITS, NOW) == 15


def test_a_pause_lasts_as_long_as_slack_says_and_ends_with_a_single_call(any_database: Database) -> None:
    with any_database.transaction() as tx:
        lanes.pause(tx, TEAM, EDITS, NOW + 30 * SECOND)
        assert left(tx, TEAM, EDITS, NOW + 29.999 * SECOND) == 0
        assert left(tx, TEAM, EDITS, NOW + 30 * SECOND) == 1
        lanes.pause(tx, TEAM, EDITS, NOW + 10 * SECOND)  # a later answer does not shorten it
        assert left(tx, TEAM, EDITS, NOW + 29 * SECOND) == 0


def test_a_clock_that_was_set_back_does_not_silence_a_workspace(any_database: Database) -> None:
    with any_database.transaction() as tx:
        spend(tx, TEAM, EDITS, 15, NOW + timedelta(days=2))
        assert left(tx, TEAM, EDITS, NOW) == 15
        spend(tx, TEAM, EDITS, 15, NOW)
        assert left(tx, TEAM, EDITS, NOW) == 0


@given(st.lists(st.integers(min_value=0, max_value=40_000), min_size=1, max_size=300))
def test_no_minute_ever_sees_more_calls_than_slacks_fifty(gaps: list[int]) -> None:
    """However the calls are asked for: whoever asks gets as many as are left, all at once."""
    now, spent_until, calls = NOW, None, []
    for gap in gaps:
        now += timedelta(milliseconds=gap)
        count = EDITS.left(spent_until, now)
        spent_until = EDITS.after(spent_until, count, now)
        calls += [now] * count
    for first in range(len(calls)):
        assert sum(calls[first] <= call < calls[first] + MINUTE for call in calls[first:]) <= 50


def test_a_budget_is_full_from_the_moment_up_to_which_it_is_spent() -> None:
    moment = timedelta(microseconds=1)
    full = NOW + EDITS.burst * EDITS.every
    assert EDITS.left(None, NOW) == EDITS.left(NOW, NOW) == 15
    assert EDITS.left(NOW + moment, NOW) == 14
    assert EDITS.left(NOW + EDITS.every, NOW) == 14
    assert EDITS.left(full - EDITS.every, NOW) == 1
    assert EDITS.left(full - EDITS.every + moment, NOW) == EDITS.left(full, NOW) == 0


def test_what_is_spent_for_longer_than_any_pause_was_left_by_a_clock_that_went_wrong() -> None:
    moment = timedelta(microseconds=1)
    longest = NOW + EDITS.burst * EDITS.every + lanes.LONGEST_PAUSE
    assert timedelta(hours=1) == lanes.LONGEST_PAUSE
    assert EDITS.left(longest - moment, NOW) == 0
    assert EDITS.left(longest, NOW) == 15


def test_calls_are_taken_from_what_is_left_and_not_from_what_was(database: Database) -> None:
    with database.transaction() as tx:
        spend(tx, TEAM, EDITS, 2, NOW)
        spend(tx, TEAM, EDITS, 3, NOW)
        assert left(tx, TEAM, EDITS, NOW) == 10
        spend(tx, TEAM, EDITS, 1, NOW + MINUTE)  # all had come back meanwhile
        assert left(tx, TEAM, EDITS, NOW + MINUTE) == 14


def test_of_two_pauses_the_longer_one_counts(database: Database) -> None:
    with database.transaction() as tx:
        for seconds in (10, 30, 20):
            lanes.pause(tx, TEAM, EDITS, NOW + seconds * SECOND)
        assert left(tx, TEAM, EDITS, NOW + 29 * SECOND) == 0
        assert left(tx, TEAM, EDITS, NOW + 30 * SECOND) == 1
        assert left(tx, TEAM, EDITS, NOW + 30 * SECOND + EDITS.every) == 2


def test_who_asked_us_to_wait_is_left_alone_until_then_and_never_for_longer_than_an_hour(database: Database) -> None:
    moment = timedelta(microseconds=1)
    with database.transaction() as tx:
        assert not lanes.closed(tx, TEAM, "hook", NOW)
        lanes.pace(tx, TEAM, "hook", NOW + lanes.LONGEST_PAUSE)
        assert not lanes.closed(tx, TEAM, "hook", NOW - moment)
        assert lanes.closed(tx, TEAM, "hook", NOW)
        assert lanes.closed(tx, TEAM, "hook", NOW + lanes.LONGEST_PAUSE - moment)
        assert not lanes.closed(tx, TEAM, "hook", NOW + lanes.LONGEST_PAUSE)


def test_the_newest_message_of_a_conversation_is_remembered_whatever_comes_last(any_database: Database) -> None:
    with any_database.transaction() as tx:
        for ts in ("1700000000.000200", "1700000000.000100", None):
            lanes.pace(tx, TEAM, "C1", NOW, ts)
        assert tx.execute(sa.select(lane.c.newest_ts)).scalars().all() == ["1700000000.000200"]
