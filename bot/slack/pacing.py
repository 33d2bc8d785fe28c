"""How fast delivery speaks to Slack."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from storage.claims import Budgets
from storage.lanes import Budget

RECENT, ENOUGH = 1_000, 20
CLOCKS_AGREE = 0.5
"""Seconds that a stamp may be later than the beginning of the quickest call."""


class Pacing(NamedTuple):
    """How fast we speak: into a conversation, from one post's arrival at Slack to the next's; and in the workspace."""

    between: timedelta
    budgets: Budgets | None


# Slack: one post a second into a conversation. Several hundred posts a minute in a workspace; chat.update is of tier 3,
# fifty a minute.
AS_SLACK_ASKS = Pacing(
    timedelta(milliseconds=1020),
    Budgets(
        edits=Budget("edits", burst=15, every=timedelta(seconds=60 / 35)),
        posts=Budget("posts", burst=600, every=timedelta(milliseconds=200)),
    ),
)
UNPACED = Pacing(timedelta(0), None)


class Arrivals:
    """When our posts reached Slack, by our clock. Safe to use from several threads.

    We cannot see how long a post was on its way. But Slack stamps it with the time when it stands there. Where the
    clocks agree, that says it. Where they do not, it says how much longer the post was on its way than the quickest
    one, whose stamp was the least later than its beginning; and the next may be as quick as any.
    """

    def __init__(self) -> None:
        self._lags: deque[float] = deque(maxlen=RECENT)

    def latest(self, ts: str, began: datetime, answered: datetime) -> datetime:
        """The moment by our clock from which the pace counts after the post of this `ts`: never before `began`, and
        never later than `answered`, which it is until enough is known."""
        stamped = float(ts)
        self._lags.append(stamped - began.timestamp())
        known = self._lags.copy()  # others add to it meanwhile
        least = min(known)
        if not 0 <= least <= CLOCKS_AGREE and len(known) < ENOUGH:
            return answered
        # A clock of ours that is behind, by as little as that, makes the next post later, and never sooner.
        off = 0 if 0 <= least <= CLOCKS_AGREE else least
        # Whatever somebody does to the machine's clock.
        return min(max(began, datetime.fromtimestamp(stamped - off, UTC)), answered)
