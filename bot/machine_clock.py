"""Whether somebody sets this machine's clock while a process runs."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import timedelta

MOVED = timedelta(minutes=1)
"""What clocks are slewed by in half a minute is far less."""


def _steady() -> float:
    """Return the seconds of a clock that nobody sets and that goes on while the machine sleeps, where there is one."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic()


class MachineClock:
    """Compares the clock that people set with the one that nobody sets."""

    def __init__(
        self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = _steady, at_least: timedelta = MOVED
    ) -> None:
        """`at_least`: what is less is not told."""
        self._wall, self._steady, self._at_least = wall, steady, at_least
        self._ahead = wall() - steady()

    def moved(self) -> timedelta | None:
        """Return by how much the clock was set since the last time that this was asked; None: less than
        `at_least`."""
        ahead = self._wall() - self._steady()
        by, self._ahead = timedelta(seconds=ahead - self._ahead), ahead
        if sys.platform != "linux" and by > timedelta(0):
            return None  # it may have been asleep
        return by if abs(by) >= self._at_least else None
