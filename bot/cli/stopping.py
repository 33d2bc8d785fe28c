"""Ctrl-C and SIGTERM."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType

SECONDS_TO_STOP = 4.5


class Stop:
    """Waits for the first SIGINT or SIGTERM. A second one, or a stop that takes too long, ends the process at once:
    nothing is lost by that, because everything that matters is in the database."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def wait(self) -> None:
        """Wait until somebody wants us to stop; from then on the time runs."""
        self._asked.wait()
        last = threading.Timer(SECONDS_TO_STOP, os._exit, args=(0,))
        last.daemon = True
        last.start()

    def _ask(self, number: int, _: FrameType | None) -> None:
        if self._asked.is_set():
            os._exit(128 + number)
        self._asked.set()
