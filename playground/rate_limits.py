"""Rate limits (Slack documentation: rate limits). Off unless switched on."""

import math
from collections import defaultdict, deque
from collections.abc import Callable

from playground.methods import PER_MINUTE

SECONDS_BETWEEN_POSTS = 1.0


class RateLimits:
    """Counts calls by method in the last minute, and posts by channel in the last second."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.on = False
        self._monotonic = monotonic
        self._calls: dict[str, deque[float]] = defaultdict(deque)
        self._posts: dict[str, float] = {}

    def wait(self, method: str, tier: int | None, channel: str | None) -> int:
        """Return the whole seconds to wait before this call may be made, or 0 and count it."""
        now = self._monotonic()
        if method == "chat.postMessage" and channel is not None:
            rest = self._posts.get(channel, -math.inf) + SECONDS_BETWEEN_POSTS - now
            if rest > 0:
                return math.ceil(rest)
            self._posts[channel] = now
        if tier is not None:
            calls = self._calls[method]
            while calls and calls[0] <= now - 60:
                calls.popleft()
            if len(calls) >= PER_MINUTE[tier]:
                return max(1, math.ceil(calls[0] + 60 - now))
            calls.append(now)
        return 0
