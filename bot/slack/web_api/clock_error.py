"""By how much this machine's clock is wrong, as others let us see."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from statistics import median

KNOWN_FOR = 600.0  # seconds for which Slack's word counts; the watch asks Slack twice a minute
LATELY = 900.0  # seconds for which a refused request counts
ENOUGH = 3
ALIKE = 60.0  # seconds within which the errors lie that such requests show


class ClockError:
    """What is known of the clock. Safe to use from several threads.

    Slack's answers carry its time. Where Slack cannot be reached, requests tell that are signed with a secret of ours
    and refused for their time alone: several, by the same error.
    """

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._by_slack: tuple[float, float] | None = None
        self._refused: deque[tuple[float, float, str]] = deque(maxlen=100)
        self._lock = threading.Lock()

    def heard(self, date: str | None) -> None:
        """Note the Date header of an answer of Slack's, in whole seconds."""
        try:
            theirs = parsedate_to_datetime(date or "").timestamp()
        except ValueError:
            return
        with self._lock:
            self._by_slack = self._steady(), self._wall() - theirs

    def refused(self, stamp: str, signature: str) -> None:
        """Note a request whose signature is right and whose time is not."""
        with self._lock:
            if all(signature != known for *_, known in self._refused):
                self._refused.append((self._steady(), self._wall() - float(stamp), signature))

    @property
    def known(self) -> timedelta | None:
        """By how much our clock is ahead; None where nobody has said so lately."""
        with self._lock:
            now = self._steady()
            if self._by_slack is not None and now - self._by_slack[0] < KNOWN_FOR:
                return timedelta(seconds=self._by_slack[1])
            errors = [error for at, error, _ in self._refused if now - at < LATELY]
        if len(errors) >= ENOUGH and max(errors) - min(errors) <= ALIKE:
            return timedelta(seconds=median(errors))
        return None
