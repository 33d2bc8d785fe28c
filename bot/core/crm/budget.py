"""The calls that a CRM takes in a day, so that they last until its end. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

OURS = 0.9
"""Of the calls of a day: the rest is for whoever else works with the account."""
FREELY = 0.5
"""Of ours: until then nothing waits."""
LONGEST = timedelta(minutes=15)
A_DAY = timedelta(days=1)


def pause(now: datetime, made: int, limit: int, lately: int) -> timedelta:
    """Return how long to make no call: not at all while half of the day's calls are left; then so long that the others
    last until midnight UTC, where each round makes as many as the last one. `made`: today, with the `lately` ones of
    the last round."""
    if not is_short(made, limit):
        return timedelta(0)
    midnight = datetime(now.year, now.month, now.day, tzinfo=UTC) + A_DAY
    left = max(int(limit * OURS) - made, 1)
    return min(LONGEST, (midnight - now) / left * lately)


def is_short(made: int, limit: int) -> bool:
    """Return whether so many calls were made today that the others are spread over the rest of the day."""
    return made >= limit * OURS * FREELY
