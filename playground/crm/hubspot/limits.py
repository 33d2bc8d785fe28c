"""HubSpot's limits of calls: a rolling ten seconds and a day for each app, and seconds of their own for searches."""

from collections import deque
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo


class Limits:
    """Counts the calls. The numbers are those of a Professional account; a test or the page may set others.

    Searches are answered without the headers and are limited by the second, for the whole account.
    """

    def __init__(self, now: Callable[[], datetime], monotonic: Callable[[], float], timezone: str) -> None:
        self.on = True
        self.ten_secondly, self.daily, self.search_secondly = 190, 650_000, 5
        self.spent = 0
        """Calls of the present day in the account's timezone."""
        self._now, self._monotonic, self._zone = now, monotonic, ZoneInfo(timezone)
        self._day = self._today()
        self._calls: deque[float] = deque()
        self._searches: deque[float] = deque()

    def _today(self) -> str:
        return self._now().astimezone(self._zone).date().isoformat()

    def exceeded(self, search: bool) -> str:
        """Count a call; return the policy that it exceeds, or nothing."""
        if self._today() != self._day:
            self._day, self.spent = self._today(), 0
        self.spent += 1
        if not self.on:
            return ""
        if self.spent > self.daily:
            return "DAILY"
        if search and self._full(self._searches, self.search_secondly, 1.0):
            return "SECONDLY"
        return "TEN_SECONDLY_ROLLING" if self._full(self._calls, self.ten_secondly, 10.0) else ""

    def _full(self, calls: deque[float], most: int, seconds: float) -> bool:
        now = self._monotonic()
        while calls and calls[0] <= now - seconds:
            calls.popleft()
        if len(calls) >= most:
            return True
        calls.append(now)
        return False

    def headers(self) -> dict[str, str]:
        """Return what stands beside every answer but that of a search."""
        return {
            "X-HubSpot-RateLimit-Max": str(self.ten_secondly),
            "X-HubSpot-RateLimit-Remaining": str(max(0, self.ten_secondly - len(self._calls))),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Daily": str(self.daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, self.daily - self.spent)),
        }
