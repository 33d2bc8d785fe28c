"""How fast delivery speaks to Slack."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from storage.claims import Budgets
from storage.lanes import Budget

RECENT = 1_000


class Pacing(NamedTuple):
    """How fast we speak: into a conversation, from one post's arrival at Slack to the next's; and in the workspace."""

    between: timedelta
    budgets: Budgets | None
    homes: timedelta = timedelta(0)
    """From one drawing of an App Home to the next."""


# Slack: one post a second into a conversation. Several hundred posts a minute in a workspace; chat.update is of tier 3,
# fifty a minute.
AS_SLACK_ASKS = Pacing(
    timedelta(milliseconds=1020),
    Budgets(
        edits=Budget("edits", burst=15, every=timedelta(seconds=60 / 35)),
        posts=Budget("posts", burst=600, every=timedelta(milliseconds=200)),
    ),
    timedelta(seconds=2),
)
UNPACED = Pacing(timedelta(0), None)


class Arrivals:
    """When our posts reached Slack, by our clock. Safe to use from several threads.

    We cannot see how long a post was on its way, but Slack stamps it with the time when it stands there.
    """

    def __init__(self) -> None:
        self._lags: deque[float] = deque(maxlen=RECENT)

    def latest(self, ts: str, began: datetime, answered: datetime) -> datetime:
        """Return the moment by our clock up to which the post of this `ts` may have arrived: from `began` to
        `answered`.

        A clock of ours that is behind Slack's, or ahead by less than a post takes, makes the next post later, and
        never sooner. One that is further ahead shows: some post was there before it began. Then only the answer says
        what is sure.
        """
        stamped = float(ts)
        self._lags.append(stamped - began.timestamp())
        if min(self._lags.copy()) < 0:  # a copy: others add to it meanwhile
            return answered
        return min(max(began, datetime.fromtimestamp(stamped, UTC)), answered)
