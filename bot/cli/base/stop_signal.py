"""Ctrl-C and SIGTERM."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType

SECONDS_TO_STOP = 4.5


class Stop:
    """Waits for the first SIGINT or SIGTERM. A second one, or a stop that takes too long, ends the process at once:
    nothing is lost by that, because everything that matters is in the database."""

    def __init__(self, numbers: Sequence[signal.Signals] = (signal.SIGINT, signal.SIGTERM)) -> None:
        self._asked = False
        for number in numbers:
            signal.signal(number, self._ask)

    def wait(self, or_until: Callable[[], object] = lambda: False) -> bool:
        """Wait until somebody wants us to stop; from then on the time runs. False: it was something else that we waited
        for."""
        # In short sleeps: the system may hand the signal to another thread, and Python runs the handler only when
        # this one wakes. A flag rather than an Event: the handler must not wait for a lock that this thread holds.
        while not self._asked:
            if or_until():
                return False
            time.sleep(0.2)
        last = threading.Timer(SECONDS_TO_STOP, os._exit, args=(0,))
        last.daemon = True
        last.start()
        return True

    def _ask(self, number: int, _: FrameType | None) -> None:
        if self._asked:
            os._exit(128 + number)
        self._asked = True
