"""Since when something between the bot and Slack has been answering in Slack's place, also now and then."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from time import monotonic

REMEMBERED = timedelta(minutes=10)
"""After so long without another such answer it is over."""


class Strangers:
    """Answers that are not Slack's. Safe to use from several threads; goes by a clock that nobody sets."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._first: float | None = None
        self._last = 0.0

    def heard(self) -> None:
        """Note an answer that is not Slack's."""
        with self._lock:
            now = self._clock()
            if self._first is None or now - self._last >= REMEMBERED.total_seconds():
                self._first = now
            self._last = now

    @property
    def lasting(self) -> timedelta | None:
        """How long ago the first of them came; None where there has been none for a while."""
        with self._lock:
            now = self._clock()
            if self._first is None or now - self._last >= REMEMBERED.total_seconds():
                return None
            return timedelta(seconds=now - self._first)
