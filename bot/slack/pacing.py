"""How fast delivery speaks to Slack."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from storage.claims import Budgets
from storage.lanes import Budget

RECENT, ENOUGH = 1_000, 20


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

    We cannot see how long a post was on its way. But Slack stamps it with the time when it stands there, and how much
    later that is than we began, by two clocks that may disagree, is least for the post that got there quickest. One
    that arrives later by its stamp was on its way for longer, and the next may be as quick as any.
    """

    def __init__(self) -> None:
        self._lags: deque[float] = deque(maxlen=RECENT)

    def latest(self, ts: str, began: datetime, answered: datetime) -> datetime:
        """When a call that gets there as quickly as any would have had to begin to arrive with the post of this `ts`;
        never later than `answered`, which it is until enough is known."""
        self._lags.append(float(ts) - began.timestamp())
        known = self._lags.copy()  # others add to it meanwhile
        if len(known) < ENOUGH:
            return answered
        arrived = datetime.fromtimestamp(float(ts) - min(known), UTC)
        # Whatever somebody does to the machine's clock.
        return min(max(began, arrived), answered)
